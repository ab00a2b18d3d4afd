import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'bson';

const fields = (...entries: [string, unknown][]): Map<string, unknown> => new Map(entries);

/** A value of every kind that BSON knows and of every shape that a careless copy would change, by name. */
export const everyKind = {
  int32: new Int32(7),
  double: new Double(8),
  long: Long.fromNumber(9),
  longBeyondDoubles: Long.fromString('9007199254740993'),
  decimal: Decimal128.fromString('1.100'),
  minusZero: new Double(-0),
  notANumber: new Double(Number.NaN),
  infinity: new Double(Number.NEGATIVE_INFINITY),
  text: 'a\0b ü 😀',
  binary: new Binary(Buffer.from('abc'), 0),
  binaryOwnType: new Binary(Buffer.from('abc'), 0x80),
  binaryOldForm: new Binary(Buffer.from('abc'), 2),
  uuid: new UUID('8a6f1c1e-0f3f-4a57-9a53-3b5d1f2c4e10'),
  objectId: new ObjectId('0123456789abcdef01234567'),
  yes: true,
  nothing: null,
  date: new Date('2024-02-29T12:00:00.001Z'),
  dateBeforeChrist: new Date(-100_000_000_000_000),
  timestamp: new Timestamp({ t: 4_000_000_000, i: 5 }),
  timestampOfZero: new Timestamp({ t: 0, i: 0 }),
  regex: new BSONRegExp('a/b\\d', 'imsx'),
  symbol: new BSONSymbol('sign'),
  code: new Code('() => 1'),
  codeWithScope: new Code('() => x', { x: new Int32(1) }),
  minKey: new MinKey(),
  maxKey: new MaxKey(),
  reference: new DBRef('rows', new ObjectId('0123456789abcdef01234567'), 'other', { more: new Int32(1) }),
  emptyInside: { document: {}, list: [] },
  listsInLists: [[], {}, [[]], [[1, [2]]]],
  namesLikeNumbers: fields(['b', 1], ['10', 2], ['9', 3], ['a', fields(['z', 1], ['0', 2])]),
  namesOfJavaScript: fields(['__proto__', 1], ['constructor', 2], ['_bsontype', 'x'], ['toBSON', 'y']),
  namesWithSigns: fields(['', 1], ['a.b', 2], ['$c', 3]),
} as const;

export type Kind = keyof typeof everyKind;

/** `{ _id: name, v: value }` of every kind but some. */
export const documentsOfKinds = (except: readonly Kind[] = []): Document[] =>
  Object.entries(everyKind)
    .filter(([name]) => !except.some((kind) => kind === name))
    .map(([name, v]) => ({ _id: name, v }));
