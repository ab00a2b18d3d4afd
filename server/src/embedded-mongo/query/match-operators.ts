import { BSONRegExp, BSONSymbol } from 'bson';
import { compareValues, equalValues } from '../bson/compare.js';
import { type BsonObject, numberOf, TAG, tagOf, toRegExp } from '../bson/values.js';
import { badValue } from './filter-syntax.js';
import { bitsTest } from './match-bits.js';
import { typeTest } from './match-types.js';

type ValueTest = (value: unknown) => boolean;

/** A test of one value, and whether it wants an array as a whole instead of its elements. */
export interface CompiledOperator {
  test: ValueTest;
  wholeArrays?: boolean;
}

/** Equality as a filter means it: null also matches an absent field. */
export function equalityTest(operand: unknown): ValueTest {
  if (operand === null || operand === undefined) return (value) => value === null || value === undefined;
  return (value) => value !== undefined && equalValues(value, operand);
}

/** A regular expression used as a condition: it matches strings, and a stored equal expression. */
export function regexTest(regex: BSONRegExp): ValueTest {
  let compiled: RegExp;
  try {
    compiled = toRegExp(regex);
  } catch {
    throw badValue(`Regular expression is invalid: ${regex.pattern}`);
  }
  return (value) => {
    if (typeof value === 'string') return compiled.test(value);
    if (value instanceof BSONSymbol) return compiled.test(value.value);
    return value instanceof BSONRegExp && equalValues(value, regex);
  };
}

/** Compile one operator that looks at single values. Refuses names the store does not know. */
export function compileOperator(operator: string, operand: unknown, siblings: BsonObject): CompiledOperator {
  switch (operator) {
    case '$eq':
      return { test: equalityTest(operand) };
    case '$gt':
      return { test: rangeTest(operand, (order) => order > 0) };
    case '$gte':
      return { test: rangeTest(operand, (order) => order >= 0) };
    case '$lt':
      return { test: rangeTest(operand, (order) => order < 0) };
    case '$lte':
      return { test: rangeTest(operand, (order) => order <= 0) };
    case '$in':
      return { test: inTest(operand) };
    case '$type':
      return { test: typeTest(operand) };
    case '$size':
      return { test: sizeTest(operand), wholeArrays: true };
    case '$regex':
      return { test: regexTest(regexOperand(operand, siblings)) };
    case '$mod':
      return { test: modTest(operand) };
    case '$bitsAllSet':
    case '$bitsAnySet':
    case '$bitsAllClear':
    case '$bitsAnyClear':
      return { test: bitsTest(operator, operand) };
    default:
      throw badValue(`unknown operator: ${operator}`);
  }
}

/** Only values of the operand's own type compare with it; null also stands for an absent field. */
function rangeTest(operand: unknown, holds: (order: number) => boolean): ValueTest {
  const tag = tagOf(operand);
  const wide = tag === TAG.minKey || tag === TAG.maxKey;
  const operandIsNaN = Number.isNaN(numberOf(operand));
  return (value) => {
    const compared = value === undefined ? null : value;
    if (tag === TAG.null) return compared === null && holds(0);
    if (value === undefined && !wide) return false;
    if (!wide && tagOf(compared) !== tag) return false;
    if (tag === TAG.number && Number.isNaN(numberOf(compared)) !== operandIsNaN) return false;
    return holds(compareValues(compared, operand));
  };
}

/** Sets beyond this size are looked up by key instead of one by one. */
const LARGE_IN = 16;

function inTest(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw badValue('$in needs an array');
  const members: unknown[] = operand;
  const patterns = members.filter((entry) => entry instanceof BSONRegExp).map(regexTest);
  const values = members.filter((entry) => !(entry instanceof BSONRegExp));
  const hasNull = values.some((value) => value === null || value === undefined);
  const sorted = values.length > LARGE_IN ? [...values].sort(compareValues) : undefined;
  return (value) => {
    if (value === undefined || value === null) return hasNull;
    if (patterns.some((test) => test(value))) return true;
    return sorted ? contains(sorted, value) : values.some((member) => equalValues(member, value));
  };
}

function contains(sorted: readonly unknown[], value: unknown): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareValues(sorted[middle], value);
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
  if (operand instanceof BSONRegExp) return new BSONRegExp(operand.pattern, options ?? operand.options);
  if (typeof operand !== 'string') throw badValue('$regex has to be a string');
  return new BSONRegExp(operand, options ?? '');
}

function modTest(operand: unknown): ValueTest {
  const [divisor, remainder] = Array.isArray(operand) ? operand.map(numberOf) : [];
  if (!Array.isArray(operand) || operand.length !== 2)
    throw badValue('malformed mod, needs to be an array of two');
  if (divisor === undefined || remainder === undefined) throw badValue('malformed mod, divisor not a number');
  const by = Math.trunc(divisor);
  if (by === 0) throw badValue('divisor cannot be 0');
  return (value) => {
    const number = numberOf(value);
    if (number === undefined || !Number.isFinite(number)) return false;
    return Math.trunc(number) % by === Math.trunc(remainder);
  };
}
