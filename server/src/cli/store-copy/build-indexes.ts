import { mongo } from 'mongoose';
import { CommandError } from '../problems.js';
import { type Index, missingIndexes, nameOf, readIndexes, withoutVersions } from './indexes.js';
import type { PlannedCollection } from './plan.js';
import type { Target } from './target.js';

const NAMESPACE_EXISTS = 48;

/** Makes the collection in the target, unless it is there. An empty one is part of the copy too. */
export const createCollection = async (
  { database, name }: PlannedCollection,
  target: Target,
): Promise<void> => {
  try {
    await target.write(database, { create: name });
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
  }
};

/**
 * Makes indexes and looks that the target then has them with the same fields and options. Those that are there are asked for
 * again: one that an earlier run left half built would be listed, and only this waits for its end.
 */
export const buildIndexes = async (
  collection: PlannedCollection,
  indexes: readonly Index[],
  target: Target,
): Promise<void> => {
  if (indexes.length === 0) return;
  for (const index of indexes) await buildIndex(collection, index, target);
  const missing = missingIndexes(indexes, await readIndexes(collection.target));
  if (missing.length === 0) return;
  throw new CommandError(
    `${collection.namespace}: the target keeps these indexes differently: ${missing.join(', ')}.`,
  );
};

const buildIndex = async (
  { database, name, namespace }: PlannedCollection,
  index: Index,
  target: Target,
): Promise<void> => {
  try {
    await target.write(database, { createIndexes: name, indexes: [withoutVersions(index)] });
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError)) throw error;
    throw new CommandError(`${namespace}, index ${nameOf(index)}: ${target.explain(error)}`);
  }
};
