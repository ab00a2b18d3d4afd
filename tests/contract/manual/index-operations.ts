import type { Document } from 'mongodb';
import { command } from './operations.js';
import type { Operation } from './table.js';

/** A plain and a unique index on one field, as createIndexes wants them. */
export const a1 = { key: { a: 1 }, name: 'a_1' };
export const uniqueA = { ...a1, unique: true };

/** An index on a part of the documents. */
export const partialIndex = { ...a1, partialFilterExpression: { n: { $gt: 5 } } };

/** Builds indexes; gives the command's answer. */
export function createIndexes(...indexes: Document[]): Operation {
  return command((name) => ({ createIndexes: name, indexes }));
}

/** Writes documents beside those of the row. */
export function insert(...documents: Document[]): Operation {
  return command((name) => ({ insert: name, documents }));
}

/** The indexes as the server describes them. */
export const listIndexes: Operation = async (on) => {
  const { cursor } = await on.command({ listIndexes: on.name, cursor: {} });
  return cursor.firstBatch;
};

/** The names of the indexes, in the server's order. */
export const indexNames: Operation = async (on) => {
  const indexes = await listIndexes(on);
  return Array.isArray(indexes) ? indexes.map(({ name }) => name) : [];
};
