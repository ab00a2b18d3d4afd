import { BSONSymbol, Double, Int32, ObjectId } from 'bson';
import type { Collation } from './collation.js';
import { encodeValue } from './key-encoding.js';
import { isObject, tagOf } from './values.js';

const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/**
 * MongoDB's order of any two values: negative, zero or positive. The order is the one of the index keys by construction;
 * the common types are only compared faster. Under a collation texts have its order, and only equality is that of the keys.
 */
export function compareValues(a: unknown, b: unknown, collation?: Collation): number {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (tagA !== tagB) return tagA - tagB;
  if (typeof a === 'string' && typeof b === 'string') {
    return collation ? collation.compare(a, b) : compareText(a, b);
  }
  const numberA = smallNumber(a);
  const numberB = smallNumber(b);
  if (numberA !== undefined && numberB !== undefined) return compareNumbers(numberA, numberB);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof ObjectId && b instanceof ObjectId) return Buffer.compare(a.id, b.id);
  if (a === b) return 0;
  return collation ? compareInside(a, b, collation) : Buffer.compare(encodeValue(a), encodeValue(b));
}

/** MongoDB's equality: numbers by value across types, documents field by field in order. */
export function equalValues(a: unknown, b: unknown, collation?: Collation): boolean {
  return compareValues(a, b, collation) === 0;
}

/** The order of two values of one type that may have texts inside. */
function compareInside(a: unknown, b: unknown, collation: Collation): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    return compareEach(a.length, b.length, (i) => compareValues(a[i], b[i], collation));
  }
  if (isObject(a) && isObject(b)) {
    const [x, y] = [Object.entries(a), Object.entries(b)];
    return compareEach(x.length, y.length, (i) => compareFields(x[i], y[i], collation));
  }
  const [textA, textB] = [textOf(a), textOf(b)];
  if (textA !== undefined && textB !== undefined) return collation.compare(textA, textB);
  return Buffer.compare(encodeValue(a, false, collation), encodeValue(b, false, collation));
}

function compareEach(lengthA: number, lengthB: number, compareAt: (i: number) => number): number {
  for (let i = 0; i < Math.min(lengthA, lengthB); i++) {
    const order = compareAt(i);
    if (order !== 0) return order;
  }
  return lengthA - lengthB;
}

type Field = readonly [name: string, value: unknown];

/** As in an index key: the type of a field's value, then its name, then the value. */
function compareFields(a: Field = ['', null], b: Field = ['', null], collation: Collation): number {
  return tagOf(a[1]) - tagOf(b[1]) || compareText(a[0], b[0]) || compareValues(a[1], b[1], collation);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof BSONSymbol ? value.value : undefined;
}

function smallNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof Int32 || value instanceof Double ? value.value : undefined;
}

function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The order of the UTF-8 bytes, which differs from JS's UTF-16 order only where surrogates meet U+E000..U+FFFF. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

function codePointRank(unit: number): number {
  return unit >= FIRST_SURROGATE && unit < AFTER_SURROGATES ? unit + 0x10000 : unit;
}
