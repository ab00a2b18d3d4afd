import { compileFilter } from '@parley/server/internal/embedded-mongo/query/filter/matcher';
import { compileArrayFilters } from '@parley/server/internal/embedded-mongo/query/update/positions';
import { compileUpdate } from '@parley/server/internal/embedded-mongo/query/update/update';
import { Decimal128, Double, Int32, Long } from 'bson';
import { expect } from 'chai';

type Doc = Record<string, unknown>;

function apply(
  document: Doc,
  update: unknown,
  options: { filter?: Doc; arrayFilters?: unknown[]; inserting?: boolean } = {},
): Doc {
  return compileUpdate(update, compileArrayFilters(options.arrayFilters))(document, {
    filter: options.filter ?? {},
    inserting: options.inserting ?? false,
  });
}

const i = (value: number): Int32 => new Int32(value);

/** [name, before, update, after]. */
const CASES: [string, Doc, Doc, Doc][] = [
  ['$set makes the documents on its way', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  ['$set fills an array up to its place', { a: [1] }, { $set: { 'a.3': 9 } }, { a: [1, null, null, 9] }],
  [
    '$unset removes fields and empties elements',
    { a: 1, l: [1, 2] },
    { $unset: { a: '', 'l.0': '', zz: '' } },
    { l: [null, 2] },
  ],
  [
    '$inc starts absent fields at the operand',
    { a: i(1) },
    { $inc: { a: i(2), b: new Double(1.5) } },
    { a: i(3), b: new Double(1.5) },
  ],
  ['$mul starts absent fields at zero', { a: i(4) }, { $mul: { a: i(3), b: i(9) } }, { a: i(12), b: i(0) }],
  [
    '$inc of an int64 stays an int64',
    { a: Long.fromNumber(1) },
    { $inc: { a: i(1) } },
    { a: Long.fromNumber(2) },
  ],
  [
    '$inc of a decimal is exact',
    { a: Decimal128.fromString('0.1') },
    { $inc: { a: Decimal128.fromString('0.2') } },
    { a: Decimal128.fromString('0.3') },
  ],
  [
    '$min and $max compare across types',
    { a: 5, b: 5 },
    { $min: { a: 3, b: 'x' }, $max: { c: 1 } },
    { a: 3, b: 5, c: 1 },
  ],
  ['$rename moves', { a: 1, b: 2 }, { $rename: { a: 'c.d', zz: 'y' } }, { b: 2, c: { d: 1 } }],
  ['$setOnInsert does nothing to an existing document', { a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
  ['$push appends', { l: [1] }, { $push: { l: 2, m: 1 } }, { l: [1, 2], m: [1] }],
  [
    '$push with modifiers',
    { l: [5, 1] },
    { $push: { l: { $each: [3, 4], $sort: i(-1), $slice: i(3) } } },
    { l: [5, 4, 3] },
  ],
  [
    '$push at a position',
    { l: [1, 4] },
    { $push: { l: { $each: [2, 3], $position: i(1) } } },
    { l: [1, 2, 3, 4] },
  ],
  [
    '$push sorts documents by a field',
    { l: [{ a: 2 }] },
    { $push: { l: { $each: [{ a: 1 }], $sort: { a: 1 } } } },
    { l: [{ a: 1 }, { a: 2 }] },
  ],
  [
    '$addToSet knows equal values',
    { l: [i(1)] },
    { $addToSet: { l: { $each: [new Double(1), 2] } } },
    { l: [i(1), 2] },
  ],
  [
    '$pop takes from either end',
    { a: [1, 2], b: [1, 2] },
    { $pop: { a: i(1), b: i(-1) } },
    { a: [1], b: [2] },
  ],
  [
    '$pull by value, operator and document',
    { a: [1, 2, 1], b: [1, 5], c: [{ x: 1, y: 2 }, { x: 2 }] },
    { $pull: { a: 1, b: { $gt: 3 }, c: { x: 1 } } },
    { a: [2], b: [1], c: [{ x: 2 }] },
  ],
  ['$pullAll', { a: [1, 2, 3] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
  ['$bit', { a: i(13) }, { $bit: { a: { and: i(10) } } }, { a: i(8) }],
  ['a replacement keeps the _id', { _id: 7, a: 1 }, { b: 2 }, { _id: 7, b: 2 }],
];

const REFUSED: [Doc, unknown, number][] = [
  [{ a: 1 }, { $set: { 'a.b': 1 } }, 28],
  [{ a: 'x' }, { $inc: { a: i(1) } }, 14],
  [{ a: 1 }, { $inc: { a: 'x' } }, 14],
  [{ a: 1 }, { $push: { a: 1 } }, 2],
  [{ a: 1 }, { $set: { a: 1 }, $unset: { a: 1 } }, 40],
  [{ a: 1 }, { $set: { a: 1, 'a.b': 1 } }, 40],
  [{ a: 1 }, { $nothing: { a: 1 } }, 9],
  [{ a: 1 }, { $set: 5 }, 9],
  [{ a: 1 }, { $set: { a: 1 }, b: 1 }, 9],
  [{ _id: 1 }, { $set: { _id: 2 } }, 66],
  [{ _id: 1 }, { _id: 2 }, 66],
  [{ a: 1 }, { $set: { 'a..b': 1 } }, 56],
  [{ a: 1 }, { $set: { $x: 1 } }, 52],
  [{ a: Long.MAX_VALUE }, { $inc: { a: i(1) } }, 2],
  [{ a: 1 }, [{ $group: { _id: 1 } }], 72],
];

describe('store updates', () => {
  for (const [name, before, update, after] of CASES) {
    it(name, () => {
      const untouched = JSON.stringify(before);
      expect(apply(before, update)).to.deep.equal(after);
      expect(JSON.stringify(before)).to.equal(untouched);
    });
  }

  it('refuses what MongoDB refuses, with its codes', () => {
    for (const [document, update, code] of REFUSED) {
      expect(() => apply(document, update), JSON.stringify(update))
        .to.throw()
        .with.property('code', code);
    }
  });

  it('finds the positions the filter, all, or array filters mean', () => {
    const document = {
      l: [
        { k: 1, v: 1 },
        { k: 2, v: 1 },
        { k: 3, v: 1 },
      ],
    };
    expect(apply(document, { $set: { 'l.$.v': 9 } }, { filter: { 'l.k': 2 } })).to.deep.equal({
      l: [
        { k: 1, v: 1 },
        { k: 2, v: 9 },
        { k: 3, v: 1 },
      ],
    });
    expect(
      apply(document, { $set: { 'l.$.v': 9 } }, { filter: { l: { $elemMatch: { k: { $gt: 2 } } } } }),
    ).to.deep.equal({
      l: [
        { k: 1, v: 1 },
        { k: 2, v: 1 },
        { k: 3, v: 9 },
      ],
    });
    expect(apply({ a: [1, 2] }, { $set: { 'a.$[]': 5 } })).to.deep.equal({ a: [5, 5] });
    expect(
      apply(document, { $set: { 'l.$[x].v': 0 } }, { arrayFilters: [{ 'x.k': { $gte: 2 } }] }),
    ).to.deep.equal({
      l: [
        { k: 1, v: 1 },
        { k: 2, v: 0 },
        { k: 3, v: 0 },
      ],
    });
    expect(() => apply(document, { $set: { 'l.$.v': 9 } }, { filter: {} }))
      .to.throw()
      .with.property('code', 2);
    expect(() => apply(document, { $set: { 'l.$[y].v': 9 } }))
      .to.throw()
      .with.property('code', 2);
  });

  it('keeps types through a pipeline where nothing changed', () => {
    const before = { _id: 1, long: Long.fromNumber(4), d: new Double(2), x: i(1) };
    const after = apply(before, [{ $set: { x: { $add: ['$x', 1] } } }]);
    expect(after.long).to.equal(before.long);
    expect(after.d).to.equal(before.d);
    expect(compileFilter({ x: 2 })(after)).to.equal(true);
  });
});
