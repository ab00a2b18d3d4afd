// Owns what stored changes mean for files: those of a message that is in history are in it, those of a deleted one go.
import type { Projected, StoredChanges } from '../../../sync/index.js';
import type { AttachedFiles } from '../../files/index.js';
import type { ConversationFiles } from './attachments.js';
import type { ConversationChange } from './changes.js';

type Batches = readonly StoredChanges<ConversationChange>[];
type Found = ReadonlyMap<string, Pick<Projected, 'sequenced'>>;

/** To be called once the rows of history stand, with what stood there; again after a crash. Asks nothing where there are no files. */
export const projectFiles = async (
  files: ConversationFiles,
  batches: Batches,
  found: Found,
): Promise<void> => {
  const attached = batches.flatMap((batch) => attachedBy(batch, found));
  // First what came: a message may be deleted again in the same batches.
  if (attached.length > 0) await files.attach(attached);
  const deleted = batches.flatMap(({ changes }) =>
    changes.flatMap((change) => (change.type === 'delete' ? [change.message] : [])),
  );
  if (deleted.length > 0) await files.removeOf(deleted);
};

const attachedBy = (
  { documentId, changes }: StoredChanges<ConversationChange>,
  found: Found,
): AttachedFiles[] =>
  changes.flatMap((change) => {
    if (change.type !== 'message' || change.value.files === undefined) return [];
    const { id, author, files } = change.value;
    // One that history had before keeps what it had.
    const seq = found.get(documentId)?.sequenced.find((each) => each.id === id)?.seq;
    return seq === undefined ? [] : [{ conversation: documentId, message: id, seq, author, files }];
  });
