import { BSONRegExp } from 'bson';
import { encodeValue } from '../bson/key-encoding.js';
import { type BsonObject, isObject, numberOf, TAG, tagOf } from '../bson/values.js';
import { isOperatorObject } from './filter-syntax.js';
import { existsOperand } from './match-operators.js';

/** A stretch of one index field, as bytes of an ascending key: from `low` to everything that begins with `last`. */
export interface FieldRange {
  readonly low: Buffer;
  readonly last: Buffer;
}

/** What a filter says about one field, as far as an index can use it. Always a superset of what matches. */
export interface FieldConstraint {
  /** Exact values to look up, as ascending keys; several for `$in`. */
  points?: Buffer[];
  /** Bounds that hold for some one value of the field each. On a multikey index only one of them may be used. */
  ranges: FieldRange[];
  /** No document without the field can match. */
  impliesExists: boolean;
}

export type Constraints = Map<string, FieldConstraint>;

/** More points than this are better served by the matcher. */
export const MAX_POINTS = 2000;

/** Gather what the top level of a filter, and the `$and`s in it, demand of each field. */
export function constraintsOf(filter: BsonObject, into: Constraints = new Map(), below = ''): Constraints {
  for (const field of Object.keys(filter)) {
    const operand = filter[field];
    if (field === '$and' && Array.isArray(operand)) {
      for (const clause of operand) if (isObject(clause)) constraintsOf(clause, into, below);
    } else if (!field.startsWith('$')) {
      addField(into, `${below}${field}`, operand);
    }
  }
  return into;
}

function constraintFor(constraints: Constraints, field: string): FieldConstraint {
  const existing = constraints.get(field);
  if (existing) return existing;
  const fresh: FieldConstraint = { ranges: [], impliesExists: false };
  constraints.set(field, fresh);
  return fresh;
}

function addField(constraints: Constraints, field: string, operand: unknown): void {
  const constraint = constraintFor(constraints, field);
  if (operand instanceof BSONRegExp) addRegex(constraint, operand.pattern, operand.options);
  else if (!isOperatorObject(operand)) addPoints(constraint, [operand]);
  else {
    for (const operator of Object.keys(operand)) {
      if (operator === '$elemMatch') addElemMatch(constraints, field, operand.$elemMatch);
      else addOperator(constraint, operator, operand);
    }
  }
}

/** What one element must satisfy holds for some one value of the field, and its fields for some one value each. */
function addElemMatch(constraints: Constraints, field: string, operand: unknown): void {
  if (!isObject(operand)) return;
  constraintFor(constraints, field).impliesExists = true;
  if (!isOperatorObject(operand)) {
    constraintsOf(operand, constraints, `${field}.`);
    return;
  }
  for (const operator of Object.keys(operand)) {
    if (operator !== '$elemMatch') addOperator(constraintFor(constraints, field), operator, operand);
  }
}

function addOperator(constraint: FieldConstraint, operator: string, operators: BsonObject): void {
  const operand = operators[operator];
  switch (operator) {
    case '$eq':
      addPoints(constraint, [operand]);
      break;
    case '$in':
      if (Array.isArray(operand)) addPoints(constraint, operand);
      break;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      addRange(constraint, operator, operand);
      break;
    case '$exists':
      if (existsOperand(operand)) constraint.impliesExists = true;
      break;
    case '$regex':
      addRegexOperator(constraint, operand, operators.$options);
      break;
    case '$all':
      if (Array.isArray(operand) && operand.length > 0 && !isOperatorObject(operand[0]))
        addPoints(constraint, [operand[0]]);
      break;
    case '$type':
    case '$size':
    case '$mod':
      constraint.impliesExists = true;
      break;
    default:
      break;
  }
}

function addRegexOperator(constraint: FieldConstraint, operand: unknown, options: unknown): void {
  const flags = typeof options === 'string' ? options : '';
  if (operand instanceof BSONRegExp) addRegex(constraint, operand.pattern, flags || operand.options);
  else if (typeof operand === 'string') addRegex(constraint, operand, flags);
}

/** Arrays are indexed by their elements and expressions match many strings, so neither is a point. */
function isPoint(value: unknown): boolean {
  const tag = tagOf(value);
  return tag !== TAG.array && tag !== TAG.regex && tag !== TAG.undefined;
}

function addPoints(constraint: FieldConstraint, values: readonly unknown[]): void {
  if (!values.every(isPoint) || values.length > MAX_POINTS) {
    return;
  }
  if (values.every((value) => value !== null)) constraint.impliesExists = true;
  const points = uniqueSorted(values.map((value) => encodeValue(value)));
  if (!constraint.points || points.length < constraint.points.length) constraint.points = points;
}

function uniqueSorted(keys: Buffer[]): Buffer[] {
  keys.sort((a, b) => Buffer.compare(a, b));
  return keys.filter((key, i) => i === 0 || !key.equals(keys[i - 1] ?? Buffer.alloc(0)));
}

function addRange(constraint: FieldConstraint, operator: string, operand: unknown): void {
  const tag = tagOf(operand);
  if (tag === TAG.null) {
    if (operator.endsWith('e')) addPoints(constraint, [null]);
    return;
  }
  if (!isPoint(operand) || tag === TAG.minKey || tag === TAG.maxKey) return;
  if (tag === TAG.number && Number.isNaN(numberOf(operand))) return;
  constraint.impliesExists = true;
  const key = encodeValue(operand);
  const below = operator.startsWith('$lt');
  constraint.ranges.push(below ? { low: Buffer.of(tag), last: key } : { low: key, last: Buffer.of(tag) });
}

/** The two zero bytes that end an encoded string, which a prefix of it must not have. */
const STRING_END_BYTES = 2;

/** `^literal...` without flags is a range of strings. */
function addRegex(constraint: FieldConstraint, pattern: string, options: string): void {
  constraint.impliesExists = true;
  if (options !== '' || pattern.includes('|')) return;
  const literal = /^\^([\w \-@:/]+)(.?)/.exec(pattern);
  if (!literal) return;
  const [, text = '', following = ''] = literal;
  // A quantifier belongs to the last character, which may then be absent.
  const certain = /[*?{+]/.test(following) ? text.slice(0, -1) : text;
  if (certain === '') return;
  const start = encodeValue(certain).subarray(0, -STRING_END_BYTES);
  constraint.ranges.push({ low: start, last: start });
}
