import { type Collation, parseCollation } from '../bson/collation.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { QuerySpec } from '../query/query-run.js';
import { TimeLimit } from '../query/time-limit.js';
import { valuesOfLet } from '../query/variables.js';
import { objectField } from './request.js';

/** The collation a command or one of its statements asks for; an empty one asks for none. */
export function collationOf({ collation }: BsonObject): Collation | undefined {
  if (isObject(collation) && Object.keys(collation).length === 0) return undefined;
  return parseCollation(collation, (reason) => new StoreError('BadValue', reason));
}

/** What holds for every statement of a command: the variables of its `let`, and the time it may take. */
export function commandOptions(body: BsonObject): Pick<QuerySpec, 'variables' | 'timeLimit'> {
  const variables = objectField(body, 'let');
  return {
    variables: Object.keys(variables).length === 0 ? undefined : valuesOfLet(variables),
    timeLimit: timeLimitOf(body),
  };
}

const MAX_TIME_MS = 2 ** 31 - 1;

/** The time a command may take, from now on; none for `maxTimeMS: 0` and without it. */
export function timeLimitOf({ maxTimeMS }: BsonObject): TimeLimit | undefined {
  if (maxTimeMS === undefined) return undefined;
  const ms = numberOf(maxTimeMS);
  if (ms === undefined) throw new StoreError('BadValue', 'maxTimeMS must be a number');
  if (!(ms >= 0 && ms <= MAX_TIME_MS)) {
    throw new StoreError('BadValue', `${ms} value for maxTimeMS is out of range [0, ${MAX_TIME_MS}]`);
  }
  if (!Number.isInteger(ms)) throw new StoreError('BadValue', 'maxTimeMS has non-integral value');
  return ms === 0 ? undefined : new TimeLimit(ms);
}
