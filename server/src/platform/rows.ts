import type { Model, mongo } from 'mongoose';

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

/** The filter for text that begins so, whatever it begins with; an index on the field serves it. */
export const startsWith = (text: string): { readonly $regex: string } => ({
  $regex: `^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}`,
});

/** Keys in one query. The embedded store looks up so many one by one, and reads a whole collection for more than twice that. */
const KEYS_IN_QUERY = 1_000;

/** What belongs to many keys: one query for a thousand of them, none for none. */
export const findByKeys = async <Row>(
  keys: readonly string[],
  find: (some: string[]) => PromiseLike<Row[]>,
): Promise<Row[]> => {
  const found: Row[] = [];
  for (let from = 0; from < keys.length; from += KEYS_IN_QUERY)
    found.push(...(await find(keys.slice(from, from + KEYS_IN_QUERY))));
  return found;
};

/** Rows in one write: each holds others up for only a few milliseconds. */
const ROWS_IN_PART = 50;

/** The rows in parts that are written one after the other, so that the log has its turn in between. */
export const inParts = <T>(rows: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(rows.length / ROWS_IN_PART) }, (_, part) =>
    rows.slice(part * ROWS_IN_PART, (part + 1) * ROWS_IN_PART),
  );

/** Rows that are looked for in one go. */
const STRETCH = 1_000;

/** Removes all rows with some values, however many there are, by an index that finds them: others have their turn in between. */
export const removeInParts = async <Row extends { readonly _id: string }>(
  model: Model<Row>,
  where: object,
  index: object,
): Promise<void> => {
  const rowsById = model.db.collection<{ _id: string }>(model.collection.name);
  for (;;) {
    const rows = await model
      .find(where)
      .hint({ ...index })
      .limit(STRETCH)
      .select({ _id: 1 })
      .lean<{ _id: string }[]>();
    if (rows.length === 0) return;
    for (const part of inParts(rows)) await rowsById.deleteMany({ _id: { $in: part.map(({ _id }) => _id) } });
  }
};

/** The driver's own collection behind a model, for busy writers whose rows are made here and need no casting. */
export const uncast = <Row extends mongo.Document>(model: Model<Row>): mongo.Collection<Row> =>
  model.db.collection<Row>(model.collection.name);
