// Owns how a file ends: first nobody sees it any more, then its bytes go, then its row. Each step may be repeated; what a crash
// leaves between two of them the collector finds.
import { limits } from '@parley/shared';
import type { QueryFilter } from 'mongoose';
import type { FileRow, FileState } from './file.model.js';
import type { FilesParts } from './parts.js';

/** An upload looks at its row at the least as often as this. */
const NOTICED_MS = limits.uploadMs.value;

type Removed = Pick<FileRow, '_id' | 'bytes' | 'thumbnail'>;

/**
 * From here on nobody sees those files, and they are in nobody's way; whether there were any. The row of one that is just arriving stays
 * until its upload must have noticed: what that still brings is found by it.
 */
export const markRemoving = async (
  { files }: Pick<FilesParts, 'files'>,
  which: QueryFilter<FileRow>,
): Promise<boolean> => {
  const now = new Date();
  const noticed = new Date(now.getTime() + NOTICED_MS);
  const { matchedCount } = await files.updateMany(
    which,
    [
      {
        $set: {
          state: 'removing' satisfies FileState,
          dueAt: { $cond: [{ $eq: ['$state', 'uploading' satisfies FileState] }, noticed, now] },
        },
      },
    ],
    { updatePipeline: true },
  );
  return matchedCount > 0;
};

export const removeBytes = async (
  { bytes }: Pick<FilesParts, 'bytes'>,
  row: Pick<Removed, 'bytes' | 'thumbnail'>,
): Promise<void> => {
  await bytes.remove(row.bytes);
  await bytes.remove(row.thumbnail);
};

/** For good. The row was marked. */
export const removeMarked = async (
  parts: Pick<FilesParts, 'files' | 'bytes'>,
  row: Removed,
): Promise<void> => {
  await removeBytes(parts, row);
  await parts.files.deleteOne({ _id: row._id, state: 'removing' });
};

/**
 * Removes a stored file that is in no message. First no store lets a conversation that is only being opened know of it, then the open one
 * forgets it: whoever puts it into a message is either before that, and it stays (CONFLICT), or is refused.
 */
export const collectStored = async (parts: FilesParts, row: FileRow): Promise<void> => {
  const isFree = { _id: row._id, state: { $in: ['stored', 'collecting'] satisfies FileState[] } };
  const { matchedCount } = await parts.files.updateOne(isFree, {
    $set: { state: 'collecting' satisfies FileState, dueAt: new Date() },
  });
  if (matchedCount === 0) return;
  if (await parts.isAlive(row.conversation)) await parts.live.withdraw(row.conversation, row._id);
  if (await markRemoving(parts, { _id: row._id, state: 'collecting' })) await removeMarked(parts, row);
};
