// Owns looking after files whose time has come: tickets that nobody used, uploads that broke off, files that nobody put into a message,
// those that were to last only so long, and whatever is left of removed ones. What it does may be done again, and by several nodes.
import { AppError } from '@parley/shared';
import { isOver } from './attachments.js';
import type { FileRow, FileState } from './file.model.js';
import type { FilesParts } from './parts.js';
import { collectStored, markRemoving, removeBytes, removeMarked } from './remove-file.js';

/** In one run, so that others have their turn; the next run goes on. */
const FILES_IN_RUN = 200;
/** What could not be done now is not tried before. */
const AGAIN_MS = 60_000;

/** One run; resolves to whether there may be more to do at once. A file with which it fails does not keep it from the others. */
export const collectFiles = async (parts: FilesParts): Promise<boolean> => {
  const now = new Date();
  const due = await parts.files
    .find({ dueAt: { $lte: now } })
    .sort({ dueAt: 1 })
    .limit(FILES_IN_RUN)
    .lean<FileRow[]>();
  for (const row of due) {
    try {
      await collect(parts, row, now);
    } catch (error) {
      const isInMessage = error instanceof AppError && error.code === 'CONFLICT';
      if (!isInMessage) parts.log.warn({ err: error, file: row._id }, 'a file could not be looked after');
      const later = new Date(now.getTime() + AGAIN_MS);
      // Unless it is another thing by now, as where it was put into a message just before.
      const isWaiting = { $in: ['collecting', 'removing', 'attached'] satisfies FileState[] };
      await parts.files.updateOne(
        { _id: row._id, state: isWaiting, dueAt: { $lte: new Date() } },
        { $set: { dueAt: later } },
      );
    }
  }
  return due.length === FILES_IN_RUN;
};

const collect = async (parts: FilesParts, row: FileRow, now: Date): Promise<void> => {
  switch (row.state) {
    case 'ticket':
    case 'uploading': {
      // An upload that goes on puts its time off again and again.
      const isLate = { _id: row._id, state: row.state, dueAt: { $lte: now } };
      if (await markRemoving(parts, isLate)) await removeMarked(parts, row);
      return;
    }
    case 'stored':
    case 'collecting':
      return await collectStored(parts, row);
    case 'attached':
      return await expire(parts, row);
    case 'removing':
      return await removeMarked(parts, row);
    case 'expired':
      return;
  }
};

/** Its message goes on saying that it was there. The bytes go first: until they are gone it is due. */
const expire = async (parts: FilesParts, row: FileRow): Promise<void> => {
  if (!isOver(row.expiresAt)) return;
  await removeBytes(parts, row);
  await parts.files.updateOne(
    { _id: row._id, state: 'attached' satisfies FileState },
    { $set: { state: 'expired' satisfies FileState, dueAt: null } },
  );
};
