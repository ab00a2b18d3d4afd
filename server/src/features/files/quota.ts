// Owns that nobody keeps more than they may, however many ask at the same moment and on however many nodes. The rows are the truth, no
// counter that could drift: whoever asks first stands in a line that one row holds, and counts what stands before them in it.
import { AppError, type FilesUsage, limits } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import type { FileModel, FileRow, FileState } from './file.model.js';
import { WAITING } from './file.model.js';
import type { FileClaim, FileClaimModel, FileClaimsRow } from './file-claim.model.js';

interface QuotaParts {
  readonly files: FileModel;
  readonly fileClaims: FileClaimModel;
  readonly fileBytes: number;
  readonly fileQuotaBytes: number;
}

/** Whoever has not got a row by then has died on the way. */
const CLAIM_MS = 60_000;

/**
 * Makes the row of a new file if its owner may have one more of its size. TOO_LARGE where it does not fit into their quota,
 * TOO_MANY_REQUESTS where too many of theirs wait.
 */
export const insertWithinQuota = async (parts: QuotaParts, row: FileRow): Promise<void> => {
  const { files, fileClaims } = parts;
  const claim: FileClaim = { file: row._id, size: row.size, at: new Date() };
  const mine = { _id: row.owner, 'claims.file': row._id };
  const inLine = await enter(fileClaims, row.owner, claim);
  try {
    const before = inLine.slice(
      0,
      inLine.findIndex(({ file }) => file === row._id),
    );
    const kept = await sums(
      files,
      row.owner,
      inLine.map(({ file }) => file),
    );
    assertFits(parts, kept, [...before, claim]);
    await files.insertOne(row);
  } catch (error) {
    await fileClaims.updateOne(mine, { $pull: { claims: { file: row._id } } });
    throw error;
  }
  const { matchedCount } = await fileClaims.updateOne(mine, { $pull: { claims: { file: row._id } } });
  if (matchedCount > 0) return;
  // Taken for dead meanwhile: others have counted without it.
  await files.deleteOne({ _id: row._id });
  throw new AppError('UNAVAILABLE', { logMessage: 'a claim to a file was taken for dead' });
};

/** What somebody keeps now. */
export const usageOf = async (parts: QuotaParts, owner: string): Promise<FilesUsage> => {
  const { bytes, count, waiting } = await sums(parts.files, owner, []);
  const { fileQuotaBytes: quotaBytes, fileBytes: fileBytesMax } = parts;
  return { usedBytes: bytes, quotaBytes, fileBytesMax, files: count, waiting };
};

/** Everybody in the line after the claim has come, the claim included. */
const enter = async (
  claims: FileClaimModel,
  owner: string,
  claim: FileClaim,
): Promise<readonly FileClaim[]> => {
  const isOld = { at: { $lt: new Date(claim.at.getTime() - CLAIM_MS) } };
  await claims.updateOne({ _id: owner }, { $pull: { claims: isOld } });
  for (;;) {
    try {
      const row = await claims
        .findOneAndUpdate(
          { _id: owner },
          { $push: { claims: claim } },
          { upsert: true, returnDocument: 'after' },
        )
        .lean<FileClaimsRow>();
      return row?.claims ?? [claim];
    } catch (error) {
      // Another first one was faster: the row is there now.
      if (!isDuplicateKey(error)) throw error;
    }
  }
};

interface Kept {
  readonly bytes: number;
  readonly count: number;
  readonly waiting: number;
}

const isWaiting = (state: FileState): boolean => WAITING.some((each) => each === state);

const sums = async (files: FileModel, owner: string, without: readonly string[]): Promise<Kept> => {
  const byState = await files.aggregate<{ _id: FileState; bytes: number; count: number }>([
    { $match: { owner, state: { $ne: 'expired' }, _id: { $nin: without } } },
    { $group: { _id: '$state', bytes: { $sum: '$size' }, count: { $sum: 1 } } },
  ]);
  return byState.reduce<Kept>(
    (kept, { _id, bytes, count }) => ({
      bytes: kept.bytes + bytes,
      count: kept.count + count,
      waiting: kept.waiting + (isWaiting(_id) ? count : 0),
    }),
    { bytes: 0, count: 0, waiting: 0 },
  );
};

const assertFits = ({ fileQuotaBytes }: QuotaParts, kept: Kept, claims: readonly FileClaim[]): void => {
  const claimed = claims.reduce((sum, { size }) => sum + size, 0);
  if (kept.waiting + claims.length > limits.filesWaiting.value)
    throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds: 60 } });
  if (kept.bytes + claimed > fileQuotaBytes)
    throw new AppError('TOO_LARGE', { details: { fields: { size: ['does not fit into your quota'] } } });
  if (kept.count + claims.length > limits.filesPerPerson.value)
    throw new AppError('TOO_LARGE', { details: { fields: { size: ['you have as many files as you may'] } } });
};
