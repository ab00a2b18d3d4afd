import { Binary, BSONRegExp, BSONSymbol, Decimal128, Double, Int32, Long, Timestamp } from 'bson';
import { numberOf, TAG, tagOf } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue } from './filter-syntax.js';

type ValueTest = (value: unknown) => boolean;

const TYPE_TESTS: Record<string, ValueTest> = {
  double: (value) => value instanceof Double || (typeof value === 'number' && !Number.isInteger(value)),
  string: (value) => typeof value === 'string',
  object: (value) => tagOf(value) === TAG.object,
  array: (value) => Array.isArray(value),
  binData: (value) => value instanceof Binary,
  undefined: () => false,
  objectId: (value) => tagOf(value) === TAG.objectId,
  bool: (value) => typeof value === 'boolean',
  date: (value) => value instanceof Date,
  null: (value) => value === null,
  regex: (value) => value instanceof BSONRegExp,
  dbPointer: () => false,
  javascript: (value) => tagOf(value) === TAG.code,
  symbol: (value) => value instanceof BSONSymbol,
  javascriptWithScope: (value) => tagOf(value) === TAG.codeWithScope,
  int: (value) => value instanceof Int32,
  timestamp: (value) => value instanceof Timestamp,
  long: (value) => value instanceof Long && !(value instanceof Timestamp),
  decimal: (value) => value instanceof Decimal128,
  minKey: (value) => tagOf(value) === TAG.minKey,
  maxKey: (value) => tagOf(value) === TAG.maxKey,
  number: (value) => tagOf(value) === TAG.number,
};

const TYPE_NAMES_BY_NUMBER = new Map<number, string>([
  ...[
    'double',
    'string',
    'object',
    'array',
    'binData',
    'undefined',
    'objectId',
    'bool',
    'date',
    'null',
    'regex',
  ].map((name, i): [number, string] => [i + 1, name]),
  [12, 'dbPointer'],
  [13, 'javascript'],
  [14, 'symbol'],
  [15, 'javascriptWithScope'],
  [16, 'int'],
  [17, 'timestamp'],
  [18, 'long'],
  [19, 'decimal'],
  [-1, 'minKey'],
  [127, 'maxKey'],
]);

/** `$type`: by name or number, or any of a list. */
export function typeTest(operand: unknown): ValueTest {
  const wanted: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (wanted.length === 0) throw new StoreError('FailedToParse', '$type must match at least one type');
  const tests = wanted.map((entry) => {
    const number = numberOf(entry);
    const name = number === undefined ? entry : TYPE_NAMES_BY_NUMBER.get(number);
    const test = typeof name === 'string' && Object.hasOwn(TYPE_TESTS, name) ? TYPE_TESTS[name] : undefined;
    if (!test) throw badValue(`Unknown type name alias: ${String(entry)}`);
    return test;
  });
  return (value) => value !== undefined && tests.some((test) => test(value));
}
