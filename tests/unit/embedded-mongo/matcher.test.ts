import { compileFilter } from '@parley/server/internal/embedded-mongo/query/filter/matcher';
import { compileProjection } from '@parley/server/internal/embedded-mongo/query/projection/projection';
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, ObjectId } from 'bson';
import { expect } from 'chai';

/** [filter, documents it matches, documents it does not]. */
const CASES: [object, object[], object[]][] = [
  [{}, [{}, { a: 1 }], []],
  [{ a: null }, [{}, { a: null }, { b: 1 }, { a: [null] }], [{ a: 0 }, { a: [] }]],
  [
    { 'a.b': null },
    [{}, { a: {} }, { a: 5 }, { a: [{ b: 1 }, { c: 1 }] }],
    [{ a: [1, 2] }, { a: [] }, { a: { b: 1 } }],
  ],
  [
    { 'a.b': 1 },
    [{ a: { b: 1 } }, { a: [{ b: 2 }, { b: 1 }] }, { a: [{ b: [3, 1] }] }],
    [{ a: [[{ b: 1 }]] }, { a: 1 }],
  ],
  [{ 'a.0': 1 }, [{ a: [1, 2] }, { a: { 0: 1 } }], [{ a: [2, 1] }]],
  [{ 'a.1.b': 1 }, [{ a: [{}, { b: 1 }] }], [{ a: [{ b: 1 }] }]],
  [{ a: [1, 2] }, [{ a: [1, 2] }, { a: [[1, 2]] }], [{ a: [2, 1] }, { a: [1, 2, 3] }]],
  [{ a: { x: 1, y: 2 } }, [{ a: { x: 1, y: 2 } }], [{ a: { y: 2, x: 1 } }, { a: { x: 1 } }]],
  [
    { a: 5 },
    [
      { a: new Int32(5) },
      { a: new Double(5) },
      { a: Long.fromNumber(5) },
      { a: Decimal128.fromString('5.0') },
    ],
    [{ a: '5' }],
  ],
  [
    { a: Long.fromString('9007199254740993') },
    [{ a: Long.fromString('9007199254740993') }],
    [{ a: 9007199254740992 }],
  ],
  [{ a: { $gt: 5 } }, [{ a: 6 }, { a: [1, 9] }], [{ a: 5 }, { a: '9' }, {}, { a: Number.NaN }]],
  [{ a: { $lte: Number.NaN } }, [{ a: Number.NaN }], [{ a: 1 }]],
  [{ a: { $gt: 1, $lt: 3 } }, [{ a: 2 }, { a: [0, 9] }], [{ a: 5 }]],
  [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, [{ a: [0, 2] }], [{ a: [0, 9] }, { a: 2 }]],
  [{ a: { $elemMatch: { b: 1, c: 2 } } }, [{ a: [{ b: 1, c: 2 }] }], [{ a: [{ b: 1 }, { c: 2 }] }]],
  [{ a: { $ne: 1 } }, [{}, { a: 2 }, { a: null }], [{ a: 1 }, { a: [2, 1] }]],
  [{ a: { $nin: [1, null] } }, [{ a: 2 }], [{}, { a: 1 }, { a: null }]],
  [{ a: { $in: [1, /^x/] } }, [{ a: 1 }, { a: 'xy' }, { a: ['q', 'xz'] }], [{ a: 'yx' }]],
  [{ 'a.b': { $in: [1] } }, [{ a: [{ b: [1, 2] }, { b: 3 }] }], [{ a: [{ b: 2 }] }]],
  [{ a: { $all: ['x', 'y'] } }, [{ a: ['y', 'x', 'z'] }], [{ a: ['x'] }, { a: 'x' }]],
  [{ a: { $all: ['x'] } }, [{ a: 'x' }, { a: ['x'] }], [{ a: 'y' }]],
  [
    { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
    [{ a: [{ b: 1 }, { b: 2 }] }],
    [{ a: [{ b: 1 }] }],
  ],
  [
    { a: { $mod: [3, 0] } },
    [{ a: Long.fromString('9007199254740993') }, { a: 6.9 }, { a: [1, 3] }],
    [{ a: 4 }, { a: '3' }, { a: Number.NaN }],
  ],
  [{ a: { $size: 2 } }, [{ a: [1, 2] }], [{ a: [1] }, { a: 2 }, { a: [[1, 2]] }]],
  [{ a: { $exists: true } }, [{ a: null }, { a: [] }], [{}]],
  [{ 'a.b': { $exists: false } }, [{}, { a: 1 }, { a: [] }], [{ a: [{ b: 1 }, {}] }]],
  [
    { a: { $type: 'number' } },
    [{ a: new Int32(1) }, { a: Decimal128.fromString('1') }, { a: ['x', new Double(1)] }],
    [{ a: '1' }],
  ],
  [
    { a: { $type: ['objectId', 'binData'] } },
    [{ a: new ObjectId() }, { a: new Binary(Buffer.of(1)) }],
    [{ a: 'x' }, {}],
  ],
  [{ a: { $not: { $gt: 5 } } }, [{}, { a: 5 }, { a: 'x' }], [{ a: 6 }]],
  [{ a: { $not: /x/ } }, [{}, { a: 'y' }], [{ a: 'x' }]],
  [{ a: { $regex: 'B', $options: 'i' } }, [{ a: 'abc' }], [{ a: 'acd' }]],
  [{ a: { $mod: [4, 1] } }, [{ a: 5 }, { a: 1.9 }], [{ a: 4 }, { a: 'x' }]],
  [{ a: { $bitsAllSet: [0, 2] } }, [{ a: new Int32(5) }, { a: new Int32(7) }], [{ a: new Int32(4) }]],
  [{ $or: [{ a: 1 }, { b: 1 }] }, [{ a: 1 }, { b: 1 }], [{ a: 2 }]],
  [{ $nor: [{ a: 1 }, { b: 1 }] }, [{ a: 2 }], [{ a: 1 }]],
  [{ a: { $gte: null } }, [{}, { a: null }], [{ a: 0 }]],
  [
    { a: new Binary(Buffer.from([0xff, 1])) },
    [{ a: new Binary(Buffer.from([0xff, 1])) }],
    [{ a: new Binary(Buffer.from([0xfe, 1])) }],
  ],
  [{ constructor: null }, [{}], [{ constructor: 1 }]],
];

const REFUSED: object[] = [
  { a: { $foo: 1 } },
  { $foo: 1 },
  { $and: [] },
  { $or: 'x' },
  { a: { $in: 1 } },
  { a: { $size: -1 } },
  { a: { $type: 'nothing' } },
  { a: { $mod: [0, 1] } },
  { a: { $elemMatch: 1 } },
  { $where: 'true' },
  { $text: { $search: 'x' } },
];

function toBson(value: unknown): unknown {
  if (value instanceof RegExp) return deserializeRegex(value);
  if (Array.isArray(value)) return value.map(toBson);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toBson(inner)]));
  }
  return value;
}

function deserializeRegex(regex: RegExp): BSONRegExp {
  return new BSONRegExp(regex.source, regex.flags);
}

function bsonObject(value: object): Record<string, unknown> {
  const converted = toBson(value);
  return typeof converted === 'object' && converted !== null ? { ...converted } : {};
}

describe('store matcher', () => {
  for (const [filter, yes, no] of CASES) {
    it(`answers ${JSON.stringify(filter)} as MongoDB does`, () => {
      const matches = compileFilter(bsonObject(filter));
      for (const document of yes)
        expect(matches(bsonObject(document)), JSON.stringify(document)).to.equal(true);
      for (const document of no)
        expect(matches(bsonObject(document)), JSON.stringify(document)).to.equal(false);
    });
  }

  it('refuses malformed filters with BadValue before it sees a document', () => {
    for (const filter of REFUSED) {
      expect(() => compileFilter(bsonObject(filter)), JSON.stringify(filter))
        .to.throw()
        .with.property('code', 2);
    }
  });
});

describe('store projection', () => {
  const document = { _id: 1, a: { b: 1, c: 2 }, l: [{ x: 1, y: 1 }, 5, { x: 2 }], n: new Double(5) };

  it('includes and excludes paths, through arrays too', () => {
    const shown = (spec: object): unknown => compileProjection(spec)?.(document);
    expect(shown({ 'a.b': 1 })).to.deep.equal({ _id: 1, a: { b: 1 } });
    expect(shown({ 'l.x': 1, _id: 0 })).to.deep.equal({ l: [{ x: 1 }, { x: 2 }] });
    expect(shown({ 'l.x': 0, a: 0, n: 0 })).to.deep.equal({ _id: 1, l: [{ y: 1 }, 5, {}] });
    expect(shown({ _id: 0 })).to.deep.equal({ a: document.a, l: document.l, n: document.n });
    expect(shown({ _id: 1 })).to.deep.equal({ _id: 1 });
    expect(shown({ total: { $add: ['$a.b', '$a.c'] }, _id: 0 })).to.deep.equal({ total: new Int32(3) });
    expect(shown({})).to.equal(undefined);
  });

  it('refuses a mixture of both', () => {
    expect(() => compileProjection({ a: 1, b: 0 })).to.throw(/exclusion on field b in inclusion/);
    expect(() => compileProjection({ a: 1, 'a.b': 1 })).to.throw(/collision/);
  });
});
