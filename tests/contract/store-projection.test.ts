import { expect } from 'chai';
import { type Collection, type Document, Double, Int32 } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('store: projections', () => {
  let mongo: TestMongo;
  let rows: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
  });
  beforeEach(() => {
    rows = mongo.newDatabase().collection('rows');
  });
  after(() => mongo.close());

  /** What a filter and a projection make of one document, without its `_id`. */
  const shown = async (document: Document, filter: Document, projection: Document): Promise<Document> => {
    await rows.deleteMany({});
    await rows.insertOne({ ...document });
    const found = await rows.findOne(filter, { projection: { _id: 0, ...projection } });
    if (!found) throw new Error('nothing found');
    return found;
  };
  const codeOf = async (filter: Document, projection: Document): Promise<unknown> =>
    (await rejection(rows.find(filter, { projection }).toArray())).code;

  it('gives the first element the filter matched for path.$', async () => {
    const document = {
      l: [
        { k: 1, v: 'a' },
        { k: 2, v: 'b' },
        { k: 2, v: 'c' },
      ],
      n: [5, 9, 10],
      z: 1,
    };
    const second = { l: [{ k: 2, v: 'b' }] };
    expect(await shown(document, { 'l.k': 2 }, { 'l.$': 1 })).to.deep.equal(second);
    expect(await shown(document, { 'l.k': { $gt: 1 }, z: 1 }, { 'l.$': true })).to.deep.equal(second);
    expect(await shown(document, { l: { $elemMatch: { k: 2, v: 'c' } } }, { 'l.$': 1, z: 1 })).to.deep.equal({
      l: [{ k: 2, v: 'c' }],
      z: 1,
    });
    expect(await shown(document, { n: { $gte: 9 } }, { 'n.$': 1 })).to.deep.equal({ n: [9] });
    expect(await shown(document, { n: { $in: [10, 5] } }, { 'n.$': 1 })).to.deep.equal({ n: [5] });
    expect(await shown(document, { $and: [{ n: 10 }] }, { 'n.$': 1 })).to.deep.equal({ n: [10] });
    expect(await shown(document, { l: { k: 1, v: 'a' } }, { 'l.$': 1 })).to.deep.equal({
      l: [{ k: 1, v: 'a' }],
    });
  });

  it('applies path.$ to the first array on the path, and leaves what is none', async () => {
    const nested = { a: { b: [{ c: 1 }, { c: 2 }] }, x: 3 };
    expect(await shown(nested, { 'a.b.c': 2 }, { 'a.b.$': 1 })).to.deep.equal({ a: { b: [{ c: 2 }] } });
    expect(await shown(nested, { 'a.b.c': 2 }, { 'a.b.c.$': 1 })).to.deep.equal({ a: { b: [{ c: 2 }] } });
    expect(await shown(nested, { x: 3 }, { 'x.$': 1 })).to.deep.equal({ x: 3 });
    expect(await shown(nested, { x: 3 }, { 'none.$': 1 })).to.deep.equal({});
    const slices = { l: [1, 2, 3], m: [1, 2, 3] };
    expect(await shown(slices, { l: 2 }, { 'l.$': 1, m: { $slice: -1 } })).to.deep.equal({ l: [2], m: [3] });
  });

  it('refuses a position the filter does not tell', async () => {
    await rows.insertOne({ l: [1, 2], m: [1, 2] });
    for (const filter of [
      {},
      { l: { $ne: 7 } },
      { l: { $size: 2 } },
      { l: { $exists: true } },
      { $nor: [{ l: 9 }] },
    ]) {
      expect(await codeOf(filter, { 'l.$': 1 }), JSON.stringify(filter)).to.equal(51246);
    }
    expect(await codeOf({ l: { $not: { $gt: 5 } } }, { 'l.$': 1 })).to.equal(51246);
    expect(await codeOf({ $or: [{ l: 1 }, { m: 5 }] }, { 'l.$': 1 })).to.equal(51246);
  });

  it('refuses positions that contradict themselves, even when there is no collection', async () => {
    const cases: [Document, number][] = [
      [{ 'l.$': 1, 'm.$': 1 }, 31276],
      [{ 'l.$.k': 1 }, 31394],
      [{ 'l.$': 0 }, 31395],
      [{ 'l.$': 'x' }, 31308],
      [{ 'l.$': { $slice: 1 } }, 31271],
      [{ 'l.$': 1, m: { $elemMatch: { a: 1 } } }, 31255],
      [{ m: { $elemMatch: { a: 1 } }, 'l.$': 1 }, 31256],
      [{ 'l.$': 1, y: 0 }, 31254],
      [{ y: 0, 'l.$': 1 }, 31253],
      [{ l: 1, 'l.$': 1 }, 31250],
      [{ '.$': 1 }, 5392900],
    ];
    for (const [projection, code] of cases) {
      expect(await codeOf({ l: 1 }, projection), JSON.stringify(projection)).to.equal(code);
    }
  });

  it('gives the position to findAndModify as it was found, but not of the new version', async () => {
    await rows.insertOne({ _id: 1 as never, l: [{ k: 1 }, { k: 2 }] });
    const filter = { 'l.k': 2 };
    const old = await rows.findOneAndUpdate(filter, { $set: { 'l.$.v': 1 } }, { projection: { 'l.$': 1 } });
    expect(old).to.deep.equal({ _id: 1, l: [{ k: 2 }] });
    const fresh = rows.findOneAndUpdate(
      filter,
      { $set: { 'l.$.v': 2 } },
      { projection: { 'l.$': 1 }, returnDocument: 'after' },
    );
    expect((await rejection(fresh)).code).to.equal(2);
    expect((await rows.findOne())?.l[1]).to.deep.equal({ k: 2, v: 1 });
    const removed = await rows.findOneAndDelete(filter, { projection: { 'l.$': 1, _id: 0 } });
    expect(removed).to.deep.equal({ l: [{ k: 2, v: 1 }] });
  });

  it('refuses mixtures and collisions with their codes', async () => {
    const cases: [Document, number][] = [
      [{ a: 1, b: 0 }, 31254],
      [{ a: 0, b: 1 }, 31253],
      [{ a: true, 'b.c': false }, 31254],
      [{ a: { b: 1 }, c: 0 }, 31254],
      [{ a: 1, 'a.b': 1 }, 31249],
      [{ 'a.b': 1, a: 1 }, 31250],
      [{ 'a.b': 0, a: { b: { c: 0 } } }, 31249],
      [{ a: { b: 1, c: 1 }, 'a.b': 1 }, 31250],
      [{ a: 0, b: 'x' }, 31310],
      [{ a: 0, b: { $add: [1, 2] } }, 31252],
      [{ a: {} }, 51270],
      [{ a: { $elemMatch: 1 } }, 31274],
      [{ 'a.b': { $elemMatch: { c: 1 } } }, 31275],
      [{ a: { $slice: 'x' } }, 28667],
      [{ a: { $slice: [1] } }, 28667],
      [{ 'a..b': 1 }, 15998],
      [{ 'a.': 1 }, 40353],
      [{ $a: 1 }, 16410],
      [{ 'a.$b': 1 }, 16410],
    ];
    for (const [projection, code] of cases) {
      expect(await codeOf({}, projection), JSON.stringify(projection)).to.equal(code);
    }
    expect(
      (await rejection(rows.find({}, { projection: { a: { $meta: 'textScore' } } }).toArray())).code,
    ).not.to.equal(undefined);
  });

  it('includes and excludes nested fields, however they are written', async () => {
    const document = { a: { b: 1, c: 2, d: { e: 3 } }, l: [{ x: 1, y: 2 }, 7, [{ x: 3, y: 4 }]] };
    expect(await shown(document, {}, { a: { b: 1, d: { e: 1 } } })).to.deep.equal({
      a: { b: 1, d: { e: 3 } },
    });
    expect(await shown(document, {}, { 'a.b': 1, a: { c: 1 } })).to.deep.equal({ a: { b: 1, c: 2 } });
    expect(await shown(document, {}, { 'l.x': 1 })).to.deep.equal({ l: [{ x: 1 }, [{ x: 3 }]] });
    expect(await shown(document, {}, { a: 0, l: { x: 0 } })).to.deep.equal({ l: [{ y: 2 }, 7, [{ y: 4 }]] });
    expect(await shown({ _id: 4, a: 1 }, {}, { _id: 1, a: 0 })).to.deep.equal({ _id: 4 });
    await rows.insertOne({ _id: { x: 1, y: 2 } as never, a: 1 });
    expect(await rows.findOne({ a: 1, '_id.x': 1 }, { projection: { '_id.x': 1 } })).to.deep.equal({
      _id: { x: 1 },
    });
  });

  it('slices arrays in every form, one level deep', async () => {
    const document = { l: [1, 2, 3, 4], a: [{ m: [1, 2, 3] }, [{ m: [1, 2, 3] }], 5], s: 'text' };
    const sliced = async (slice: unknown): Promise<unknown> =>
      (await shown(document, {}, { l: { $slice: slice } })).l;
    expect(await sliced(2)).to.deep.equal([1, 2]);
    expect(await sliced(-1)).to.deep.equal([4]);
    expect(await sliced(0)).to.deep.equal([]);
    expect(await sliced([1, 2])).to.deep.equal([2, 3]);
    expect(await sliced([-3, 2])).to.deep.equal([2, 3]);
    expect(await sliced([-9, 2])).to.deep.equal([1, 2]);
    expect(await sliced([9, 2])).to.deep.equal([]);
    expect(await shown(document, {}, { l: { $slice: 1 }, a: 0 })).to.deep.equal({ l: [1], s: 'text' });
    expect(await shown(document, {}, { l: { $slice: 1 }, s: 1 })).to.deep.equal({ l: [1], s: 'text' });
    expect(await shown(document, {}, { s: { $slice: 1 }, l: 1 })).to.deep.equal({
      s: 'text',
      l: [1, 2, 3, 4],
    });
    expect((await shown(document, {}, { 'a.m': { $slice: [1, 1] } })).a).to.deep.equal([
      { m: [2] },
      [{ m: [1, 2, 3] }],
      5,
    ]);
  });

  it('gives the first element that satisfies $elemMatch, behind the other fields, or nothing', async () => {
    const document = { l: [{ k: 1 }, { k: 2, v: 1 }, { k: 2, v: 2 }], n: [1, 5], s: 1 };
    expect(await shown(document, {}, { l: { $elemMatch: { k: 2 } } })).to.deep.equal({ l: [{ k: 2, v: 1 }] });
    expect(await shown(document, {}, { l: { $elemMatch: { k: 9 } }, s: 1 })).to.deep.equal({ s: 1 });
    expect(await shown(document, {}, { n: { $elemMatch: { $gt: 2 } }, s: 0, l: 0 })).to.deep.equal({
      n: [5],
    });
    expect(await shown(document, {}, { s: { $elemMatch: { $gt: 0 } }, n: 0, l: 0 })).to.deep.equal({});
    expect(Object.keys(await shown(document, {}, { n: { $elemMatch: { $gt: 2 } }, s: 1 }))).to.deep.equal([
      's',
      'n',
    ]);
  });

  it('computes fields beside those it keeps, which keep their types', async () => {
    await rows.insertOne({
      _id: 1 as never,
      a: new Int32(2),
      d: new Double(5),
      o: { x: 1 },
      l: [1, { y: 1 }],
    });
    const computed = (projection: Document): Promise<Document | null> => rows.findOne({}, { projection });
    expect(await computed({ sum: { $add: ['$a', '$d'] }, _id: 0 })).to.deep.equal({ sum: 7 });
    expect(await computed({ copy: '$o.x', text: 'x', none: '$zz', _id: 0 })).to.deep.equal({
      copy: 1,
      text: 'x',
    });
    expect(await computed({ 'o.y': '$a', _id: 0 })).to.deep.equal({ o: { y: 2 } });
    expect(await computed({ 'l.z': '$a', 'p.q': '$a', _id: 0 })).to.deep.equal({
      l: [{ z: 2 }, { z: 2 }],
      p: { q: 2 },
    });
    const raw = await rows.findOne(
      {},
      { projection: { d: 1, sum: { $add: ['$a', 1] } }, promoteValues: false },
    );
    expect(raw?.d).to.be.instanceOf(Double);
    const variable = await rows.findOne({}, { projection: { v: '$$v', _id: 0 }, let: { v: 4 } } as never);
    expect(variable).to.deep.equal({ v: 4 });
  });
});
