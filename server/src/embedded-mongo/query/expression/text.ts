import { BSONSymbol, Timestamp } from 'bson';
import { LocationError } from '../../errors.js';
import { isNullish } from './arguments.js';
import { isNumber } from './number-kinds.js';
import { typeName } from './type-names.js';

/** The text of a string-like value; undefined for what has none. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof BSONSymbol ? value.value : undefined;
}

/** What `$toUpper`, `$substr` and `$strcasecmp` make of any value: nothing is the empty text, numbers and dates are written out. */
export function coercedText(value: unknown): string {
  const text = plainText(value);
  if (text !== undefined) return text;
  if (isNullish(value)) return '';
  if (isNumber(value)) return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Timestamp) return value.toString();
  throw new LocationError(16007, `can't convert from BSON type ${typeName(value)} to String`);
}

/** ASCII letters only: MongoDB leaves all others alone. */
export function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
