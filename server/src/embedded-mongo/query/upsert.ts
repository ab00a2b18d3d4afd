import { ObjectId } from 'bson';
import { type BsonObject, isObject } from '../bson/values.js';
import { isOperatorObject } from './filter-syntax.js';
import { setAt } from './update/document-path.js';
import { isReplacement, type Updater } from './update/update.js';

/**
 * The document an upsert inserts: the values the filter fixes by equality, then the update with `$setOnInsert`, and an
 * `_id` in front.
 */
export function upsertedDocument(filter: BsonObject, update: unknown, updater: Updater): BsonObject {
  const start: BsonObject = {};
  const fixed = equalitiesOf(filter);
  for (const [path, value] of fixed) {
    if (path === '_id' || !isReplacement(update)) setAt(start, path.split('.'), value);
  }
  const result = updater(start, { filter, arrayFilters: new Map(), inserting: true });
  const { _id, ...rest } = result;
  return { _id: _id === undefined ? new ObjectId() : _id, ...rest };
}

function equalitiesOf(filter: BsonObject): [string, unknown][] {
  return Object.keys(filter).flatMap((field): [string, unknown][] => {
    const operand = filter[field];
    if (field === '$and' && Array.isArray(operand)) return operand.filter(isObject).flatMap(equalitiesOf);
    if (field === '$or' && Array.isArray(operand) && operand.length === 1) {
      return operand.filter(isObject).flatMap(equalitiesOf);
    }
    if (field.startsWith('$')) return [];
    if (!isOperatorObject(operand)) return [[field, operand]];
    if (Object.hasOwn(operand, '$eq')) return [[field, operand.$eq]];
    const members = operand.$in ?? operand.$all;
    return Array.isArray(members) && members.length === 1 ? [[field, members[0]]] : [];
  });
}
