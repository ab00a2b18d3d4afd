// Owns who may see a file: whoever may see the message it is in; while it is in none, its owner alone.
import { AppError } from '@parley/shared';
import { isOver } from './attachments.js';
import type { FileRow } from './file.model.js';
import type { FilesParts } from './parts.js';

/** Whether it was ever all there. */
export const isWhole = ({ state }: FileRow): boolean =>
  state === 'stored' || state === 'collecting' || state === 'attached' || state === 'expired';

/** The file of that id, whoever asks. NOT_FOUND, or EXPIRED where its time is over. */
export const findWhole = async ({ files }: Pick<FilesParts, 'files'>, fileId: string): Promise<FileRow> => {
  const row = await files.findById(fileId).lean<FileRow>();
  if (row === null || !isWhole(row)) throw new AppError('NOT_FOUND');
  return row;
};

/** Throws EXPIRED where there are no bytes any more. */
export const assertThere = ({ state, expiresAt }: FileRow): void => {
  if (state === 'expired' || isOver(expiresAt)) throw new AppError('EXPIRED');
};

/** The same for somebody who may see it; NOT_FOUND for all others. */
export const findReadable = async (
  parts: Pick<FilesParts, 'files' | 'conversations' | 'live'>,
  fileId: string,
  userId: string,
): Promise<FileRow> => {
  let row = await findWhole(parts, fileId);
  const access = await parts.conversations.access(row.conversation, userId);
  if (access === null || access === 'forbidden') throw new AppError('NOT_FOUND');
  if (row.message === null && row.owner !== userId) {
    // They may have seen it in a message that history does not hold yet.
    await parts.live.settled(row.conversation);
    row = await findWhole(parts, fileId);
  }
  const isTheirs = row.message === null ? row.owner === userId : (row.seq ?? 0) > access.sinceSeq;
  if (!isTheirs) throw new AppError('NOT_FOUND');
  assertThere(row);
  return row;
};
