import { Double, Int32, ObjectId } from 'bson';
import { encodeValue } from './key-encoding.js';
import { tagOf } from './values.js';

const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/**
 * MongoDB's order of any two values: negative, zero or positive. The order is the one of the index keys by construction;
 * the common types are only compared faster.
 */
export function compareValues(a: unknown, b: unknown): number {
  const tagA = tagOf(a);
  const tagB = tagOf(b);
  if (tagA !== tagB) return tagA - tagB;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const numberA = smallNumber(a);
  const numberB = smallNumber(b);
  if (numberA !== undefined && numberB !== undefined) return compareNumbers(numberA, numberB);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof ObjectId && b instanceof ObjectId) return Buffer.compare(a.id, b.id);
  if (a === b) return 0;
  return Buffer.compare(encodeValue(a), encodeValue(b));
}

/** MongoDB's equality: numbers by value across types, documents field by field in order. */
export function equalValues(a: unknown, b: unknown): boolean {
  return compareValues(a, b) === 0;
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
