import { deserialize, EJSON } from 'bson';
import { CommandError } from '../problems.js';
import { type Content, ContentCounter, storeDocuments } from './content.js';
import { type ExactDocument, holdsEmptyTimestamp, toExactDocument } from './exact-document.js';
import type { Marker, Progress } from './marker.js';
import type { PlannedCollection } from './plan.js';
import type { Target } from './target.js';

/** What one insert carries at most. A server takes 16 MB in a command, so one larger document still fits alone. */
const BATCH_DOCUMENTS = 1_000;
const BATCH_BYTES = 8 * 1024 * 1024;

const DUPLICATE_KEY = 11_000;
const NOTHING: Progress = { ...new ContentCounter().content(), verified: false };

interface CopyTools {
  readonly target: Target;
  readonly marker: Marker;
  /** Documents may have expired in the target; what an earlier run brought counts as there. */
  readonly thinning: boolean;
  readonly onDocument: (documents: number) => void;
}

/**
 * Brings the documents of a collection to the target, from where an earlier run stopped. Answers with the content of the
 * store's side; null when what was copied before is no longer what the store holds.
 */
export const copyDocuments = async (
  collection: PlannedCollection,
  { target, marker, thinning, onDocument }: CopyTools,
): Promise<Content | null> => {
  const { namespace } = collection;
  const known = await startingPoint(collection, marker, thinning);
  const counter = new ContentCounter();
  let batch = new Batch();
  const flush = async (): Promise<void> => {
    if (batch.documents.length === 0) return;
    await insert(collection, target, batch);
    await marker.set(namespace, { ...counter.content(), verified: false });
    batch = new Batch();
  };
  let changed = false;
  for await (const bytes of storeDocuments(collection.source)) {
    if (!batch.hasRoomFor(bytes)) await flush();
    counter.add(bytes);
    onDocument(counter.documents);
    if (counter.documents > known.documents) batch.add(bytes, namespace);
    else if (counter.documents === known.documents) changed = counter.content().sha256 !== known.sha256;
    if (changed) break;
  }
  if (changed || counter.documents < known.documents) {
    // So that the next run looks whether the target was emptied for a new start.
    if (known.verified) await marker.set(namespace, { ...known, verified: false });
    return null;
  }
  await flush();
  return counter.content();
};

/** What an earlier run brought, or nothing where there was none or its documents are gone. Noted before the first insert. */
const startingPoint = async (
  { namespace, target }: PlannedCollection,
  marker: Marker,
  thinning: boolean,
): Promise<Progress> => {
  const known = marker.find(namespace);
  if (known !== undefined && (thinning || known.documents === 0)) return known;
  if (known !== undefined && (await target.findOne({}, { projection: { _id: 1 } })) !== null) return known;
  await marker.set(namespace, NOTHING);
  return NOTHING;
};

class Batch {
  readonly documents: ExactDocument[] = [];
  #bytes = 0;
  keepsEmptyTimestamps = false;

  hasRoomFor(bytes: Uint8Array): boolean {
    if (this.documents.length === 0) return true;
    return this.documents.length < BATCH_DOCUMENTS && this.#bytes + bytes.length <= BATCH_BYTES;
  }

  add(bytes: Uint8Array, namespace: string): void {
    const document = toExactDocument(bytes);
    if (document === null) {
      throw new CommandError(
        `${namespace} holds a document that no driver for Node writes as it is: ${EJSON.stringify({ _id: deserialize(bytes)._id })}`,
      );
    }
    this.documents.push(document);
    this.#bytes += bytes.length;
    this.keepsEmptyTimestamps ||= holdsEmptyTimestamp(bytes);
  }
}

const insert = async ({ database, name, namespace }: PlannedCollection, target: Target, batch: Batch) => {
  const refused = await target.write(database, {
    insert: name,
    documents: batch.documents,
    ordered: false,
    // Older servers do not know this option, so it is left out where nothing depends on it.
    ...(batch.keepsEmptyTimestamps ? { bypassEmptyTsReplacement: true } : {}),
  });
  for (const { index, code, errmsg, keyPattern } of refused) {
    // Of the batch that was on its way when an earlier run ended. That it is the same document is for the verification.
    if (code === DUPLICATE_KEY && (keyPattern === undefined || '_id' in keyPattern)) continue;
    const id = EJSON.stringify({ _id: batch.documents[index]?.get('_id') });
    throw new CommandError(`The target refused the document ${id} of ${namespace}: ${errmsg}`);
  }
};
