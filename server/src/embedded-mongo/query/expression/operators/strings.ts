import { Int32 } from 'bson';
import { numberOf } from '../../../bson/values.js';
import { LocationError } from '../../../errors.js';
import { binary, isNullish, type NamedOperands, named, operator, unary } from '../arguments.js';
import { int32Of, isNumber } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { coercedText, lower, plainText, upper } from '../text.js';
import { typeName } from '../type-names.js';
import { searchBound } from './arrays.js';

/** A string operand; anything else is refused with the operator's own code. */
function textOperand(value: unknown, code: number, what: string): string {
  const text = plainText(value);
  if (text === undefined) throw new LocationError(code, `${what} a string, found: ${typeName(value)}`);
  return text;
}

function concat(values: readonly unknown[]): string | null {
  const parts: string[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    const text = plainText(value);
    if (text === undefined)
      throw new LocationError(16702, `$concat only supports strings, not ${typeName(value)}`);
    parts.push(text);
  }
  return parts.join('');
}

function split(text: unknown, separator: unknown): unknown {
  if (isNullish(text) || isNullish(separator)) return null;
  const whole = textOperand(text, 40085, '$split requires as its first argument');
  const by = textOperand(separator, 40086, '$split requires as its second argument');
  if (by === '') throw new LocationError(40087, '$split requires a non-empty separator');
  return whole.split(by);
}

/** `$indexOfCP` and `$indexOfBytes`; `units` cuts a text into what is counted. */
function indexOf(
  units: (text: string) => readonly unknown[],
  [first, second]: readonly [number, number],
): Operator {
  return operator({ least: 2, most: 4 }, (values, name) => {
    const [text, wanted, start, end] = values;
    if (isNullish(text)) return null;
    const hay = units(textOperand(text, first, `${name} requires as its first argument`));
    const needle = units(textOperand(wanted, second, `${name} requires as its second argument`));
    const from = values.length > 2 ? searchBound(name, start, 'starting') : 0;
    const to = Math.min(values.length > 3 ? searchBound(name, end, 'ending') : hay.length, hay.length);
    for (let at = from; at + needle.length <= to; at++) {
      if (needle.every((unit, i) => hay[at + i] === unit)) return new Int32(at);
    }
    return new Int32(-1);
  });
}

const codePoints = (text: string): string[] => [...text];
const utf8 = (text: string): number[] => [...Buffer.from(text, 'utf8')];

function substrCP(text: unknown, start: unknown, length: unknown): string {
  const letters = codePoints(coercedText(text));
  const from = substringNumber(start, 'starting index', [34450, 34451]);
  const count = substringNumber(length, 'length', [34452, 34453]);
  if (count < 0) throw new LocationError(34454, '$substrCP: length must be a nonnegative integer.');
  if (from < 0) throw new LocationError(34455, '$substrCP: the starting index must be nonnegative integer.');
  return letters.slice(from, from + count).join('');
}

function substringNumber(
  value: unknown,
  what: string,
  [notNumeric, notWhole]: readonly [number, number],
): number {
  if (!isNumber(value)) {
    throw new LocationError(
      notNumeric,
      `$substrCP: ${what} must be a numeric type (is BSON type ${typeName(value)})`,
    );
  }
  const whole = int32Of(value);
  if (whole === undefined)
    throw new LocationError(notWhole, `$substrCP: ${what} cannot be represented as a 32-bit integral value`);
  return whole;
}

function substrBytes(text: unknown, start: unknown, length: unknown): string {
  const bytes = Buffer.from(coercedText(text), 'utf8');
  if (!isNumber(start)) {
    throw new LocationError(
      16034,
      `$substrBytes: starting index must be a numeric type (is BSON type ${typeName(start)})`,
    );
  }
  if (!isNumber(length)) {
    throw new LocationError(
      16035,
      `$substrBytes: length must be a numeric type (is BSON type ${typeName(length)})`,
    );
  }
  const from = Math.trunc(numberOf(start) ?? 0);
  const count = Math.trunc(numberOf(length) ?? 0);
  if (from < 0) throw new LocationError(50752, '$substrBytes: starting index must be non-negative');
  const to = count < 0 ? bytes.length : Math.min(from + count, bytes.length);
  if (isContinuation(bytes[from]))
    throw new LocationError(
      28656,
      '$substrBytes: Invalid range, starting index is a UTF-8 continuation byte.',
    );
  if (isContinuation(bytes[to]))
    throw new LocationError(
      28657,
      '$substrBytes: Invalid range, ending index is in the middle of a UTF-8 character.',
    );
  return bytes.subarray(from, to).toString('utf8');
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** What `$trim` takes away when it is not told. */
const BLANKS = new Set(
  '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
);

const TRIM: NamedOperands = {
  required: ['input'],
  optional: ['chars'],
  codes: { shape: 50696, unknown: 50694, missing: 50695 },
};

function trim(ends: { readonly left: boolean; readonly right: boolean }): Operator {
  return named(TRIM, (values, name) => {
    const { input, chars } = values;
    if (isNullish(input)) return null;
    const letters = codePoints(textOperand(input, 50699, `${name} requires its input to be`));
    const given = Object.hasOwn(values, 'chars');
    if (given && isNullish(chars)) return null;
    const drop = given ? new Set(textOperand(chars, 50700, `${name} requires 'chars' to be`)) : BLANKS;
    let from = 0;
    let to = letters.length;
    while (ends.left && from < to && drop.has(letters[from] ?? '')) from++;
    while (ends.right && to > from && drop.has(letters[to - 1] ?? '')) to--;
    return letters.slice(from, to).join('');
  });
}

function replace(change: (input: string, find: string, replacement: string) => string): Operator {
  return (operand, compiler, name) => {
    const codes = { shape: 51751, unknown: 51750, missing: 51749 };
    const run = named(
      { required: ['input', 'find', 'replacement'], codes },
      ({ input, find, replacement }) => {
        const parts = [
          { value: input, code: 51746, what: 'input' },
          { value: find, code: 51745, what: 'find' },
          { value: replacement, code: 51744, what: 'replacement' },
        ];
        const [text = '', wanted = '', instead = ''] = parts.map(({ value, code, what }) =>
          isNullish(value) ? '' : textOperand(value, code, `${name} requires that '${what}' be`),
        );
        return parts.some(({ value }) => isNullish(value)) ? null : change(text, wanted, instead);
      },
    );
    return run(operand, compiler, name);
  };
}

function compareIgnoringCase(a: unknown, b: unknown): unknown {
  const [x, y] = [upper(coercedText(a)), upper(coercedText(b))];
  return new Int32(Math.sign(Buffer.compare(Buffer.from(x, 'utf8'), Buffer.from(y, 'utf8'))));
}

const substr = operator({ least: 3, most: 3 }, ([text, start, length]) => substrBytes(text, start, length));

export const STRINGS: Readonly<Record<string, Operator>> = {
  $concat: operator({ least: 0 }, concat),
  $toUpper: unary((value) => upper(coercedText(value))),
  $toLower: unary((value) => lower(coercedText(value))),
  $split: binary(split),
  $indexOfCP: indexOf(codePoints, [40093, 40094]),
  $indexOfBytes: indexOf(utf8, [40091, 40092]),
  $strLenCP: unary(
    (value, name) => new Int32(codePoints(textOperand(value, 34471, `${name} requires`)).length),
  ),
  $strLenBytes: unary((value, name) => new Int32(utf8(textOperand(value, 34473, `${name} requires`)).length)),
  $substr: substr,
  $substrBytes: substr,
  $substrCP: operator({ least: 3, most: 3 }, ([text, start, length]) => substrCP(text, start, length)),
  $trim: trim({ left: true, right: true }),
  $ltrim: trim({ left: true, right: false }),
  $rtrim: trim({ left: false, right: true }),
  $replaceOne: replace((input, find, replacement) => {
    const at = input.indexOf(find);
    return at === -1 ? input : input.slice(0, at) + replacement + input.slice(at + find.length);
  }),
  $replaceAll: replace((input, find, replacement) => input.split(find).join(replacement)),
  $strcasecmp: binary(compareIgnoringCase),
};
