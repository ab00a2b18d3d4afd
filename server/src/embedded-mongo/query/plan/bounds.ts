import { BSONRegExp } from 'bson';
import { encodeValue } from '../../bson/key-encoding.js';
import { type BsonObject, isObject, numberOf, TAG, tagOf } from '../../bson/values.js';
import { isOperatorObject } from '../filter/filter-syntax.js';
import { existsOperand } from '../filter/match-operators.js';
import type { KeyForm } from './key-form.js';

/** A stretch of one index field, as bytes of an ascending key: from `low` to everything that begins with `last`. */
export interface FieldRange {
  readonly low: Buffer;
  readonly last: Buffer;
  /** A key elsewhere that is meant as well. */
  readonly beside?: Buffer;
}

/** What a filter says about one field, as far as an index can use it. Always a superset of what matches. */
export interface FieldConstraint {
  readonly form: KeyForm;
  /** Exact values to look up, as ascending keys; several for `$in`. */
  points?: Buffer[];
  /** Bounds that hold for some one value of the field each. On a multikey index only one of them may be used. */
  ranges: FieldRange[];
  /** No document without the field can match. */
  impliesExists: boolean;
}

/** What a filter demands of the fields of an index, in the keys of that index. */
export class Constraints {
  private readonly byField = new Map<string, FieldConstraint>();

  constructor(readonly form: KeyForm) {}

  get(field: string): FieldConstraint | undefined {
    return this.byField.get(field);
  }

  /** What is known of a field so far, to be added to. */
  at(field: string): FieldConstraint {
    const constraint = this.byField.get(field) ?? { form: this.form, ranges: [], impliesExists: false };
    this.byField.set(field, constraint);
    return constraint;
  }
}

/** More points than this are better served by the matcher. */
export const MAX_POINTS = 2000;

/** Gather what the top level of a filter, and the `$and`s in it, demand of each field. */
export function constraintsOf(filter: BsonObject, into: Constraints, below = ''): Constraints {
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

function addField(constraints: Constraints, field: string, operand: unknown): void {
  if (mayMissPosition(field, operand)) return;
  const constraint = constraints.at(field);
  if (operand instanceof BSONRegExp) addRegex(constraint, operand.pattern, operand.options);
  else if (!isOperatorObject(operand)) addPoints(constraint, [operand]);
  else {
    for (const operator of Object.keys(operand)) {
      if (operator === '$elemMatch') addElemMatch(constraints, field, operand.$elemMatch);
      else addOperator(constraint, operator, operand);
    }
  }
}

/**
 * A number in a path is a place in an array or a field of its documents. The index holds what is at the place; a condition on
 * null is also satisfied by a document of the array without such a field, so it can not be asked of the index.
 */
function mayMissPosition(field: string, operand: unknown): boolean {
  return (
    /\.\d+(\.|$)/.test(field) && (operand === null || operand === undefined || isOperatorObject(operand))
  );
}

/** What one element must satisfy holds for some one value of the field, and its fields for some one value each. */
function addElemMatch(constraints: Constraints, field: string, operand: unknown): void {
  if (!isObject(operand)) return;
  constraints.at(field).impliesExists = true;
  if (!isOperatorObject(operand)) {
    constraintsOf(operand, constraints, `${field}.`);
    return;
  }
  for (const operator of Object.keys(operand)) {
    if (operator !== '$elemMatch') addOperator(constraints.at(field), operator, operand);
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
  const keys = values.flatMap((value) => constraint.form.keyOf(value) ?? []);
  if (keys.length < values.length) return;
  const points = uniqueSorted(keys);
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
  const found = constraint.form.keyOf(operand);
  if (!found) return;
  const key = constraint.form.ordersAround(operand) ? found : Buffer.of(tag);
  const below = operator.startsWith('$lt');
  constraint.ranges.push(below ? { low: Buffer.of(tag), last: key } : { low: key, last: Buffer.of(tag) });
}

/** The two zero bytes that end an encoded string, which a prefix of it must not have. */
const STRING_END_BYTES = 2;

/** `^literal...` without flags is a range of strings, and the stored expression that equals it. */
function addRegex(constraint: FieldConstraint, pattern: string, options: string): void {
  constraint.impliesExists = true;
  if (options !== '' || pattern.includes('|') || !constraint.form.isLiteral) return;
  const literal = /^\^([\w \-@:/\p{L}\p{M}\p{N}\p{Extended_Pictographic}]+)(.?)/u.exec(pattern);
  if (!literal) return;
  const [, text = '', following = ''] = literal;
  // A quantifier belongs to the last character, which may then be absent.
  const certain = /[*?{+]/.test(following) ? [...text].slice(0, -1).join('') : text;
  if (certain === '') return;
  const start = encodeValue(certain).subarray(0, -STRING_END_BYTES);
  constraint.ranges.push({ low: start, last: start, beside: encodeValue(new BSONRegExp(pattern)) });
}
