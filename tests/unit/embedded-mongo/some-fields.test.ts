import { decodeTyped, encodeDocument } from '@parley/server/internal/embedded-mongo/bson/raw';
import { filterFields } from '@parley/server/internal/embedded-mongo/query/filter/filter-fields';
import { SomeFields } from '@parley/server/internal/embedded-mongo/storage/some-fields';
import { BSONRegExp, Code, Decimal128, Int32, Long, MinKey, ObjectId, Timestamp } from 'bson';
import { expect } from 'chai';

const everything = encodeDocument({
  _id: new ObjectId(),
  a: 'text',
  ab: { b: { c: [1, 'two', { three: 3 }] } },
  abc: Buffer.from('bytes'),
  '': 'no name',
  'ü.ü': null,
  when: new Date(5),
  code: new Code('x', { a: 1 }),
  plain: new Code('x'),
  regex: new BSONRegExp('a\\b', 'i'),
  min: new MinKey(),
  yes: true,
  numbers: [new Int32(1), 1.5, Long.fromNumber(2 ** 40), Decimal128.fromString('1.10')],
  stamp: new Timestamp({ t: 1, i: 2 }),
  reference: { $ref: 'other', $id: 1 },
  b: 'last',
});

describe('some fields of a stored document', () => {
  it('are what decoding all of it shows of them', () => {
    const whole = decodeTyped(everything);
    const names = Object.keys(whole);
    for (const [nth, name] of names.entries()) {
      const wanted = [name, names[(nth * 7 + 3) % names.length] ?? '', 'absent', 'abcd'];
      const shown = new SomeFields(wanted).decode(everything);
      expect(encodeDocument(shown)).to.deep.equal(
        encodeDocument(Object.fromEntries(Object.entries(whole).filter(([field]) => wanted.includes(field)))),
      );
    }
    expect(encodeDocument(new SomeFields(names).decode(everything))).to.deep.equal(everything);
    expect(new SomeFields([]).decode(everything)).to.deep.equal({});
  });

  it('are those a filter names, wherever in it', () => {
    const nested = { 'a.b': 1, $or: [{ c: { $gt: 1 } }, { $and: [{ 'd.e.f': 1 }, { $comment: 'x' }] }] };
    expect([...(filterFields(nested) ?? [])]).to.deep.equal(['a', 'c', 'd']);
    expect([...(filterFields({}) ?? ['all'])]).to.deep.equal([]);
    expect(filterFields({ a: 1, $nor: [{ $expr: { $eq: ['$x', 1] } }] })).to.equal(undefined);
  });
});
