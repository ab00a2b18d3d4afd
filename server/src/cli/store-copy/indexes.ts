import { EJSON } from 'bson';
import { mongo } from 'mongoose';
import { type ExactDocument, toExactDocument } from './exact-document.js';

/** An index as the server describes it, with the order of its fields and the types of its numbers. */
export type Index = ExactDocument;

const NAMESPACE_NOT_FOUND = 26;
/** Beside name and fields, what makes two indexes the same. */
const COMPARED_OPTIONS = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'];

/** Every index of a collection but the one on `_id`; none where the collection does not exist. */
export const readIndexes = async (collection: mongo.Collection): Promise<Index[]> => {
  const indexes: Index[] = [];
  try {
    for await (const spec of collection.listIndexes({ raw: true })) {
      const index = spec instanceof Uint8Array ? toExactDocument(spec) : null;
      if (index === null) throw new TypeError('the driver decoded a raw index');
      if (index.get('name') !== '_id_') indexes.push(index);
    }
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || error.code !== NAMESPACE_NOT_FOUND) throw error;
  }
  return indexes;
};

/** By which it is dropped, hinted at and reported. */
export const nameOf = (index: Index): string => String(index.get('name'));

/** Whether documents vanish by it. */
export const expires = (index: Index): boolean => index.has('expireAfterSeconds');

/** The names of those wanted that are not there, or are there with other fields or options. */
export const missingIndexes = (wanted: readonly Index[], found: readonly Index[]): string[] => {
  const there = new Set(found.map(comparable));
  return wanted.filter((index) => !there.has(comparable(index))).map(nameOf);
};

/** The same text for the same index, whatever number types and order of options a server answers with. */
const comparable = (index: Index): string => {
  const key = index.get('key');
  const fields = key instanceof Map ? [...key] : [];
  // An option that is off may as well not be there.
  const options = COMPARED_OPTIONS.map((name) => index.get(name) || null);
  return EJSON.stringify([nameOf(index), fields, options, collationOf(index)], { relaxed: true });
};

const collationOf = (index: Index): unknown => {
  const collation = withoutVersions(index).get('collation');
  return collation instanceof Map ? [...collation].sort() : null;
};

/** Without the layout on disk and the edition of the collation rules, which are for each server to choose. */
export const withoutVersions = (index: Index): Index => {
  const kept: Index = new Map([...index].filter(([option]) => option !== 'v'));
  const collation = index.get('collation');
  if (collation instanceof Map) {
    kept.set('collation', new Map([...collation].filter(([option]) => option !== 'version')));
  }
  return kept;
};
