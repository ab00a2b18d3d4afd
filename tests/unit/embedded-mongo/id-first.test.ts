import { withIdFirst } from '@parley/server/internal/embedded-mongo/storage/id-first';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  deserialize,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import { expect } from 'chai';

const values = new Map<string, unknown>([
  ['double', new Double(1.5)],
  ['string', 'a\0b'],
  ['empty', ''],
  ['document', { _id: 1, inner: { _id: 2 } }],
  ['array', [1, { _id: 3 }, []]],
  ['binary', new Binary(Buffer.from('\x07_id\x0012 bytes here', 'latin1'))],
  ['oldBinary', new Binary(Buffer.from([1, 2, 3]), 2)],
  ['objectId', new ObjectId()],
  ['boolean', true],
  ['date', new Date(0)],
  ['null', null],
  ['regex', new BSONRegExp('^_id', 'i')],
  ['code', new Code('_id')],
  ['codeWithScope', new Code('_id', { _id: 4 })],
  ['symbol', new BSONSymbol('_id')],
  ['int32', new Int32(5)],
  ['timestamp', new Timestamp({ t: 1, i: 2 })],
  ['int64', Long.fromNumber(6)],
  ['decimal', Decimal128.fromString('7.5')],
  ['minKey', new MinKey()],
  ['maxKey', new MaxKey()],
]);

/** Fields in this very order, which an object cannot keep when a name is a whole number. */
const encode = (...fields: [string, unknown][]): Buffer => {
  const elements = fields.map(([name, value]) => serialize({ [name]: value }).subarray(4, -1));
  const length = Buffer.alloc(4);
  length.writeInt32LE(5 + elements.reduce((sum, element) => sum + element.length, 0));
  return Buffer.concat([length, ...elements, Buffer.of(0)]);
};

describe('withIdFirst', () => {
  it('steps over every type without taking what is inside a value for the _id', () => {
    const rest = [...values];
    for (const place of rest.keys()) {
      const id: [string, unknown] = ['_id', place];
      const moved = withIdFirst(encode(...rest.slice(0, place), id, ...rest.slice(place)));
      expect(moved.equals(encode(id, ...rest)), `_id before ${rest[place]?.[0]}`).to.equal(true);
    }
  });

  it('moves an _id of any type from the end, as drivers append it', () => {
    for (const [name, value] of values) {
      const moved = withIdFirst(encode(['text', 'x'], ['_id', value]));
      expect(moved.equals(encode(['_id', value], ['text', 'x'])), name).to.equal(true);
    }
  });

  it('keeps fields with whole numbers for names where they were', () => {
    const moved = withIdFirst(encode(['b', 1], ['7', 2], ['a', 3], ['_id', 4]));
    expect(moved.equals(encode(['_id', 4], ['b', 1], ['7', 2], ['a', 3]))).to.equal(true);
  });

  it('leaves a document alone that has it first, or has none', () => {
    const looking = encode(['_id', 1], ['user_id', 2], ['a', { _id: 3 }]);
    for (const bytes of [encode(['_id', 1], ['a', 2]), looking, encode(['a', { _id: 1 }]), encode()]) {
      expect(withIdFirst(bytes).equals(bytes)).to.equal(true);
    }
  });

  it('takes a piece of a larger buffer', () => {
    const document = encode(['a', 1], ['_id', 2]);
    const message = Buffer.concat([Buffer.from('head'), document, Buffer.from('tail')]);
    const moved = withIdFirst(message.subarray(4, 4 + document.length));
    expect(deserialize(moved)).to.deep.equal({ _id: 2, a: 1 });
  });

  it('refuses a second _id', () => {
    expect(() => withIdFirst(encode(['a', 1], ['_id', 2], ['_id', 3]))).to.throw('multiple _id fields');
    expect(() => withIdFirst(encode(['_id', 1], ['a', 2], ['_id', 3]))).to.throw('multiple _id fields');
  });
});
