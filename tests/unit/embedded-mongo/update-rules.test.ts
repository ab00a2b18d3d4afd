import { compileArrayFilters } from '@parley/server/internal/embedded-mongo/query/update/positions';
import { compileUpdate } from '@parley/server/internal/embedded-mongo/query/update/update';
import { upsertedDocument } from '@parley/server/internal/embedded-mongo/query/update/upsert';
import { BSONRegExp, Decimal128, Double, Int32, Long } from 'bson';
import { expect } from 'chai';

type Doc = Record<string, unknown>;

const apply = (document: Doc, update: unknown, arrayFilters?: unknown[]): Doc =>
  compileUpdate(update, compileArrayFilters(arrayFilters))(document, { filter: {}, inserting: false });

const upsert = (filter: Doc, update: Doc): Doc =>
  upsertedDocument({ filter, update, updater: compileUpdate(update, new Map()) });

const refuses = (run: () => unknown, code: number, what: unknown): void => {
  expect(run, JSON.stringify(what)).to.throw().with.property('code', code);
};

/** Refused as they are, whether or not a document matches. */
const REFUSED_AT_ONCE: [Doc, number, unknown[]?][] = [
  [{ $inc: { a: 'x' } }, 14],
  [{ $mul: { a: null } }, 14],
  [{ $bit: { a: {} } }, 2],
  [{ $bit: { a: { and: new Double(1) } } }, 2],
  [{ $bit: { a: { nand: new Int32(1) } } }, 2],
  [{ $currentDate: { a: 'date' } }, 2],
  [{ $currentDate: { a: {} } }, 2],
  [{ $pop: { a: 2 } }, 9],
  [{ $pullAll: { a: 1 } }, 2],
  [{ $pull: { a: { $nothing: 1 } } }, 2],
  [{ $addToSet: { a: { $each: 1 } } }, 14],
  [{ $addToSet: { a: { $each: [], $sort: 1 } } }, 2],
  [{ $push: { a: { $each: 1 } } }, 2],
  [{ $push: { a: { $each: [], $slice: 'x' } } }, 2],
  [{ $push: { a: { $each: [], $position: new Double(1.5) } } }, 2],
  [{ $push: { a: { $each: [], $sort: 2 } } }, 2],
  [{ $push: { a: { $each: [], $sort: {} } } }, 2],
  [{ $set: { '': 1 } }, 56],
  [{ $set: { 'a.': 1 } }, 56],
  [{ $set: { '$.a': 1 } }, 2],
  [{ $set: { 'a.$.b.$': 1 } }, 2],
  [{ $rename: { a: 'a' } }, 2],
  [{ $rename: { a: 'a.b' } }, 2],
  [{ $rename: { a: 'b' }, $set: { b: 1 } }, 40],
  [{ $rename: { a: 'b' }, $set: { 'a.c': 1 } }, 40],
  [{ $set: { 'a.$[].b': 1, 'a.0': 1 } }, 40],
  [{ a: 1, $set: { b: 1 } }, 52],
  [{ $set: { 'a.$[e]': 1 } }, 2],
  [{ $set: { a: 1 } }, 9, [{ e: 1 }]],
  [{ $set: { 'a.$[E]': 1 } }, 2, [{ E: 1 }]],
];

/** [document, update, code]: refused for what the document holds. */
const REFUSED_FOR: [Doc, Doc, number][] = [
  [{ a: 1 }, { $pop: { a: 1 } }, 14],
  [{ a: 1 }, { $pull: { 'a.b': 1 } }, 28],
  [{ a: [1] }, { $pop: { 'a.b': 1 } }, 28],
  [{ a: 1 }, { $rename: { 'a.b': 'c' } }, 28],
  [{ a: [1], b: 1 }, { $rename: { 'a.0': 'c' } }, 2],
  [{ a: [1], b: 1 }, { $rename: { b: 'a.0' } }, 2],
  [{ _id: new Int32(1) }, { $set: { _id: new Double(1) } }, 66],
  [{ _id: new Int32(1) }, { $rename: { _id: 'a' } }, 66],
];

describe('store update rules', () => {
  it('judges operands, paths, conflicts and array filters before any document', () => {
    for (const [update, code, filters] of REFUSED_AT_ONCE) {
      refuses(() => compileUpdate(update, compileArrayFilters(filters)), code, update);
    }
    refuses(() => compileUpdate([{ $set: { a: 1 } }], compileArrayFilters([{ e: 1 }])), 9, 'a pipeline');
  });

  it('refuses what the document does not allow', () => {
    for (const [document, update, code] of REFUSED_FOR) refuses(() => apply(document, update), code, update);
  });

  it('passes over $pop, $pull and $rename of what is not there', () => {
    expect(apply({ a: {} }, { $pop: { 'a.b': 1 }, $pull: { c: 1 }, $rename: { d: 'e' } })).to.deep.equal({
      a: {},
    });
  });

  it('adds fields in the order of their names, numbers by value, whatever the order of the operators', () => {
    const after = apply({ m: 0 }, { $set: { z: 1, b: 1 }, $inc: { c: 1 }, $rename: { m: 'a' } });
    expect(Object.keys(after)).to.deep.equal(['a', 'b', 'c', 'z']);
    expect(apply({ l: [] }, { $set: { 'l.10': 10, 'l.9': 9 } }))
      .to.have.property('l')
      .with.lengthOf(11);
  });

  it('chooses elements by what the document held, not by what the same update makes of it', () => {
    const update = { $set: { 'l.$[x].v': 2 }, $inc: { 'l.$[y].n': 1 } };
    const filters = [{ 'x.v': 1 }, { 'y.v': 2 }];
    expect(apply({ l: [{ v: 1, n: 1 }] }, update, filters)).to.deep.equal({ l: [{ v: 2, n: 1 }] });
  });

  it('refuses filters that choose one element for two operators', () => {
    const update = { $set: { 'l.$[x]': 1 }, $inc: { 'l.$[y]': 1 } };
    refuses(() => apply({ l: [3] }, update, [{ x: { $gt: 2 } }, { y: { $lt: 4 } }]), 40, update);
    expect(apply({ l: [1, 5] }, update, [{ x: { $gt: 2 } }, { y: { $lt: 4 } }])).to.deep.equal({
      l: [new Double(2), 1],
    });
  });

  it('sorts by fields of elements, an array there as a whole', () => {
    const l = [{ x: [9] }, 'text', { x: [1, 10] }, { x: 5 }];
    expect(apply({ l }, { $push: { l: { $each: [], $sort: { x: 1 } } } })).to.deep.equal({
      l: ['text', { x: 5 }, { x: [1, 10] }, { x: [9] }],
    });
  });

  it('pulls by $or and $and as filters of documents', () => {
    const l = [{ x: 1 }, { y: 2 }, { z: 3 }, 4];
    expect(apply({ l }, { $pull: { l: { $or: [{ x: 1 }, { y: 2 }] } } })).to.deep.equal({ l: [{ z: 3 }, 4] });
  });

  it('keeps 15 digits of a double beside a decimal', () => {
    const before = { a: Decimal128.fromString('1') };
    expect(String(apply(before, { $inc: { a: new Double(1.5) } }).a)).to.equal('2.50000000000000');
    expect(String(apply(before, { $inc: { a: Long.fromNumber(2) } }).a)).to.equal('3');
  });

  it('starts an upsert from the equalities of its filter, in the order of their paths', () => {
    const made = upsert({ c: 1, b: { $in: [2] }, $and: [{ 'a.x': { $eq: 3 } }] }, { $set: { d: 4 } });
    expect(Object.keys(made)).to.deep.equal(['_id', 'a', 'b', 'c', 'd']);
    expect(
      upsert({ _id: 1, a: new BSONRegExp('x'), b: { $all: [new BSONRegExp('y')] } }, { $set: { d: 4 } }),
    ).to.deep.equal({ _id: 1, d: 4 });
  });

  it('takes no element for found by a whole array, nor by the filter of an upsert', () => {
    const update = { $set: { 'l.$': 9 } };
    const at = (filter: Doc, document: Doc): Doc =>
      compileUpdate(update, new Map())(document, { filter, inserting: false });
    refuses(() => at({ l: [1] }, { l: [1] }), 2, 'a whole array');
    refuses(() => upsert({ l: [1] }, update), 2, 'an upsert');
    expect(at({ l: [1] }, { l: [0, [1]] })).to.deep.equal({ l: [0, 9] });
    expect(at({ l: 1 }, { l: [0, 1] })).to.deep.equal({ l: [0, 9] });
  });

  it('refuses an upsert whose filter fixes a path twice', () => {
    for (const filter of [{ a: { $all: [1, 2] } }, { a: 1, 'a.b': 2 }, { $and: [{ a: 1 }, { a: 2 }] }]) {
      refuses(() => upsert(filter, { $set: { d: 4 } }), 54, filter);
      expect(upsert({ _id: 1, ...filter }, { d: 4 })).to.deep.equal({ _id: 1, d: 4 });
    }
  });
});
