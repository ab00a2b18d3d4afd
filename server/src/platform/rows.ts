/** A duplicate key in a unique index, as MongoDB numbers it. */
const DUPLICATE_KEY = 11_000;

/**
 * What every schema has in common: a field nobody declared is an error, in writes and in filters (a filter that
 * silently loses a field matches too much); indexes are made once at start, not by the first user of a model.
 */
export const rowOptions = {
  versionKey: false,
  id: false,
  strict: 'throw',
  strictQuery: 'throw',
  minimize: false,
  autoIndex: false,
  autoCreate: false,
} as const;

/** Whether a write lost against a unique index: somebody else was faster, or it happened before. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
