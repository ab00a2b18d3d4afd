import { BSONRegExp, ObjectId } from 'bson';
import { type BsonObject, isObject } from '../bson/values.js';
import { isOperatorObject } from './filter-syntax.js';
import { setAt } from './update/document-path.js';
import type { PositionContext } from './update/positions.js';
import { isReplacement, type Updater } from './update/update.js';

/**
 * The document an upsert inserts: the values the filter fixes by equality, then the update with `$setOnInsert`, and an
 * `_id` in front.
 */
export function upsertedDocument(change: {
  filter: BsonObject;
  update: unknown;
  updater: Updater;
  arrayFilters: PositionContext['arrayFilters'];
}): BsonObject {
  const { filter, update, updater } = change;
  const start: BsonObject = {};
  const fixed = equalitiesOf(filter);
  for (const [path, value] of fixed) {
    if (path === '_id' || !isReplacement(update)) setAt(start, path.split('.'), value);
  }
  const result = updater(start, { ...change, inserting: true });
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
    if (operand instanceof BSONRegExp) return [];
    if (!isOperatorObject(operand)) return [[field, operand]];
    if (Object.hasOwn(operand, '$eq')) return [[field, operand.$eq]];
    const members = operand.$in ?? operand.$all;
    return Array.isArray(members) && members.length === 1 ? [[field, members[0]]] : [];
  });
}
