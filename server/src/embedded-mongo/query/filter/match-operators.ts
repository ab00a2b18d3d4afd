import { BSONRegExp, BSONSymbol } from 'bson';
import { type Collation, foldingOf } from '../../bson/collation.js';
import { compareValues, equalValues } from '../../bson/compare.js';
import { assertRegexOptions, toRegExp } from '../../bson/regex.js';
import { type BsonObject, numberOf, TAG, tagOf, wholeNumber } from '../../bson/values.js';
import { LocationError } from '../../errors.js';
import { badValue, isOperatorObject, unknownOperator } from './filter-syntax.js';
import { bitsTest } from './match-bits.js';
import { typeTest } from './match-types.js';

type ValueTest = (value: unknown) => boolean;

/** A test of one value, and whether it wants an array as a whole instead of its elements. */
export interface CompiledOperator {
  test: ValueTest;
  wholeArrays?: boolean;
}

/** Equality as a filter means it: null also matches an absent field. */
export function equalityTest(operand: unknown, collation?: Collation): ValueTest {
  if (operand === null || operand === undefined) return (value) => value === null || value === undefined;
  const { fold, rules } = foldingOf(collation);
  const wanted = fold(operand);
  return (value) => value !== undefined && equalValues(fold(value), wanted, rules);
}

/** A regular expression used as a condition: it matches strings, whatever the collation, and a stored equal expression. */
export function regexTest(regex: BSONRegExp): ValueTest {
  const compiled = toRegExp(regex);
  return (value) => {
    if (typeof value === 'string') return compiled.test(value);
    if (value instanceof BSONSymbol) return compiled.test(value.value);
    return value instanceof BSONRegExp && equalValues(value, regex);
  };
}

/** Compile one of `operators` that looks at single values. Refuses names the store does not know. */
export function compileOperator(
  operator: string,
  operators: BsonObject,
  collation?: Collation,
): CompiledOperator {
  const operand = operators[operator];
  switch (operator) {
    case '$eq':
      return { test: equalityTest(operand, collation) };
    case '$gt':
      return { test: rangeTest(operand, (order) => order > 0, collation) };
    case '$gte':
      return { test: rangeTest(operand, (order) => order >= 0, collation) };
    case '$lt':
      return { test: rangeTest(operand, (order) => order < 0, collation) };
    case '$lte':
      return { test: rangeTest(operand, (order) => order <= 0, collation) };
    case '$in':
      return { test: inTest(operand, collation) };
    case '$type':
      return { test: typeTest(operand) };
    case '$size':
      return { test: sizeTest(operand), wholeArrays: true };
    case '$regex':
      return { test: regexTest(regexOperand(operand, operators)) };
    case '$mod':
      return { test: modTest(operand) };
    case '$bitsAllSet':
    case '$bitsAnySet':
    case '$bitsAllClear':
    case '$bitsAnyClear':
      return { test: bitsTest(operator, operand) };
    default:
      throw unknownOperator(operator, 'operator');
  }
}

/** Expressions match by being the condition itself, or through `$not`, `$in` and `$regex`. */
export function assertNoRegex(operator: string, operand: unknown): void {
  if (operand instanceof BSONRegExp) throw badValue(`Can't have regex as arg to ${operator}.`);
}

/** Only values of the operand's own type compare with it; null also stands for an absent field. */
function rangeTest(
  operand: unknown,
  holds: (order: number) => boolean,
  collation: Collation | undefined,
): ValueTest {
  assertNoRegex('a comparison', operand);
  const tag = tagOf(operand);
  const wide = tag === TAG.minKey || tag === TAG.maxKey;
  const operandIsNaN = Number.isNaN(numberOf(operand));
  const { fold, rules } = foldingOf(collation);
  const bound = fold(operand);
  return (value) => {
    const compared = value === undefined ? null : value;
    if (tag === TAG.null) return compared === null && holds(0);
    if (value === undefined && !wide) return false;
    if (!wide && tagOf(compared) !== tag) return false;
    if (tag === TAG.number && Number.isNaN(numberOf(compared)) !== operandIsNaN) return false;
    return holds(compareValues(fold(compared), bound, rules));
  };
}

/** Sets beyond this size are looked up by key instead of one by one. */
const LARGE_IN = 16;

/** The test of `$in`. */
export function inTest(operand: unknown, collation: Collation | undefined): ValueTest {
  if (!Array.isArray(operand)) throw badValue('$in needs an array');
  const members: unknown[] = operand;
  if (members.some(isOperatorObject)) throw badValue('cannot nest $ under $in');
  const patterns = members.filter((entry) => entry instanceof BSONRegExp).map(regexTest);
  const { fold, rules } = foldingOf(collation);
  const values = members.filter((entry) => !(entry instanceof BSONRegExp)).map(fold);
  const hasNull = values.some((value) => value === null || value === undefined);
  const compare = (a: unknown, b: unknown): number => compareValues(a, b, rules);
  const sorted = values.length > LARGE_IN ? [...values].sort(compare) : undefined;
  return (value) => {
    if (value === undefined || value === null) return hasNull;
    if (patterns.some((test) => test(value))) return true;
    const wanted = fold(value);
    if (!sorted) return values.some((member) => compare(member, wanted) === 0);
    return contains(sorted, (member) => compare(member, wanted));
  };
}

function contains(sorted: readonly unknown[], orderOf: (member: unknown) => number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = orderOf(sorted[middle]);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** What `$exists` asks for; any number but zero and anything else but false and null means "yes". */
export function existsOperand(operand: unknown): boolean {
  return operand !== null && operand !== undefined && operand !== false && numberOf(operand) !== 0;
}

function sizeTest(operand: unknown): ValueTest {
  const size = numberOf(operand);
  if (size === undefined || !Number.isInteger(size) || size < 0) {
    throw badValue('$size must be a whole number that is not negative');
  }
  return (value) => Array.isArray(value) && value.length === size;
}

function regexOperand(operand: unknown, siblings: BsonObject): BSONRegExp {
  const options = siblings.$options;
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  assertRegexOptions(options ?? '');
  if (operand instanceof BSONRegExp) {
    if (options && operand.options) throw new LocationError(51075, 'options set in both $regex and $options');
    return new BSONRegExp(operand.pattern, options || operand.options);
  }
  if (typeof operand !== 'string') throw badValue('$regex has to be a string');
  return new BSONRegExp(operand, options ?? '');
}

function modTest(operand: unknown): ValueTest {
  if (!Array.isArray(operand) || operand.length !== 2)
    throw badValue('malformed mod, needs to be an array of two');
  const [by, remainder] = operand.map(wholeNumber);
  if (by === undefined || remainder === undefined)
    throw badValue('malformed mod, divisor or remainder is not a number of 64 bits');
  if (by === 0n) throw badValue('divisor cannot be 0');
  return (value) => {
    const whole = wholeNumber(value);
    return whole !== undefined && whole % by === remainder;
  };
}
