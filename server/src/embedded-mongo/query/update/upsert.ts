import { BSONRegExp, ObjectId } from 'bson';
import { type BsonObject, isObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { isOperatorObject } from '../filter/filter-syntax.js';
import { setAt } from './document-path.js';
import { isReplacement } from './update.js';
import type { Updater } from './updater.js';

/**
 * The document an upsert inserts: the values the filter fixes by equality, in the order of their paths, then the update with
 * `$setOnInsert`, and an `_id` in front. Refuses a filter that fixes one path twice.
 */
export function upsertedDocument(change: {
  filter: BsonObject;
  update: unknown;
  updater: Updater;
}): BsonObject {
  const { filter, update, updater } = change;
  const start: BsonObject = {};
  const fixed = equalitiesOf(filter).filter(([path]) => path === '_id' || !isReplacement(update));
  fixed.sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [i, [path, value]] of fixed.entries()) {
    assertFixedOnce(path, fixed.slice(i + 1));
    setAt(start, path.split('.'), value);
  }
  const result = updater(start, { filter, inserting: true });
  const { _id, ...rest } = result;
  return { _id: _id === undefined ? new ObjectId() : _id, ...rest };
}

function assertFixedOnce(path: string, later: readonly [string, unknown][]): void {
  const twice = later.find(([other]) => other === path || other.startsWith(`${path}.`));
  if (!twice) return;
  throw new StoreError(
    'NotSingleValueField',
    `cannot infer query fields to set, path '${twice[0]}' is matched twice`,
  );
}

function equalitiesOf(filter: BsonObject): [string, unknown][] {
  return Object.entries(filter).flatMap(([field, operand]): [string, unknown][] => {
    if (field === '$and' && Array.isArray(operand)) return operand.filter(isObject).flatMap(equalitiesOf);
    if (field === '$or' && Array.isArray(operand) && operand.length === 1) {
      return operand.filter(isObject).flatMap(equalitiesOf);
    }
    if (field.startsWith('$') || operand instanceof BSONRegExp) return [];
    if (!isOperatorObject(operand)) return [[field, operand]];
    return Object.entries(operand).flatMap(([operator, wanted]) =>
      fixedValues(operator, wanted).map((value): [string, unknown] => [field, value]),
    );
  });
}

/** The values a condition leaves no choice about; `$all` names several, each of which the field must hold. */
function fixedValues(operator: string, operand: unknown): unknown[] {
  if (operator === '$eq') return [operand];
  const names = operator === '$all' || (operator === '$in' && Array.isArray(operand) && operand.length === 1);
  if (!names || !Array.isArray(operand)) return [];
  return operand.filter((value) => !(value instanceof BSONRegExp) && !isOperatorObject(value));
}
