import { expect } from 'chai';
import { Binary, type Collection, type Db, type Document, Long, UUID } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('store: aggregation and refusals', () => {
  let mongo: TestMongo;
  let database: Db;
  let sales: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
    sales = database.collection('sales');
    await sales.insertMany([
      { _id: 1 as never, item: 'a', amount: 5, tags: ['x', 'y'] },
      { _id: 2 as never, item: 'a', amount: 7, tags: ['y'] },
      { _id: 3 as never, item: 'b', amount: 1, tags: [] },
    ]);
    await database.collection<Document>('items').insertMany([
      { _id: 'a' as never, label: 'Apple' },
      { _id: 'b' as never, label: 'Bread' },
    ]);
  });
  after(() => mongo.close());

  it('groups, sorts and projects', async () => {
    const rows = await sales
      .aggregate([
        { $match: { amount: { $gt: 0 } } },
        { $group: { _id: '$item', total: { $sum: '$amount' }, best: { $max: '$amount' } } },
        { $sort: { total: -1 } },
        { $project: { item: '$_id', total: 1, best: 1, _id: 0 } },
      ])
      .toArray();
    expect(rows).to.deep.equal([
      { total: 12, best: 7, item: 'a' },
      { total: 1, best: 1, item: 'b' },
    ]);
  });

  it('passes documents through the leading stages unchanged', async () => {
    const rows = await sales.aggregate([{ $sort: { amount: -1 } }, { $skip: 1 }, { $limit: 1 }]).toArray();
    expect(rows).to.deep.equal([{ _id: 1, item: 'a', amount: 5, tags: ['x', 'y'] }]);
    expect(await sales.aggregate([{ $match: { item: 'a' } }, { $count: 'n' }]).toArray()).to.deep.equal([
      { n: 2 },
    ]);
    expect(await sales.aggregate([{ $match: { item: 'zzz' } }, { $count: 'n' }]).toArray()).to.deep.equal([]);
  });

  it('joins another collection', async () => {
    const rows = await sales
      .aggregate([
        { $match: { _id: 3 } },
        { $lookup: { from: 'items', localField: 'item', foreignField: '_id', as: 'about' } },
        { $unwind: '$about' },
        { $project: { label: '$about.label' } },
      ])
      .toArray();
    expect(rows).to.deep.equal([{ _id: 3, label: 'Bread' }]);
  });

  it('joins with a pipeline, variables and array fields', async () => {
    const rows = await database
      .collection('items')
      .aggregate([
        {
          $lookup: {
            from: 'sales',
            localField: '_id',
            foreignField: 'item',
            let: { label: '$label' },
            pipeline: [
              { $match: { $expr: { $gt: ['$amount', 5] } } },
              { $set: { label: '$$label' } },
              { $project: { _id: 1, label: 1 } },
            ],
            as: 'big',
          },
        },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(rows.map((row) => row.big)).to.deep.equal([[{ _id: 2, label: 'Apple' }], []]);
    const byTag = await database
      .collection('items')
      .aggregate([
        { $limit: 1 },
        { $lookup: { from: 'sales', pipeline: [{ $match: { tags: 'y' } }, { $count: 'n' }], as: 'y' } },
      ])
      .toArray();
    expect(byTag[0]?.y).to.deep.equal([{ n: 2 }]);
  });

  it('splits into facets and adds another collection', async () => {
    const [row] = await sales
      .aggregate([
        {
          $facet: {
            dear: [{ $match: { amount: { $gte: 5 } } }, { $count: 'n' }],
            tags: [{ $unwind: '$tags' }, { $sortByCount: '$tags' }],
          },
        },
      ])
      .toArray();
    expect(row).to.deep.equal({
      dear: [{ n: 2 }],
      tags: [
        { _id: 'y', count: 2 },
        { _id: 'x', count: 1 },
      ],
    });
    const all = await sales
      .aggregate([
        { $project: { _id: 1 } },
        { $unionWith: { coll: 'items', pipeline: [{ $project: { _id: 1 } }] } },
      ])
      .toArray();
    expect(all.map((entry) => entry._id)).to.deep.equal([1, 2, 3, 'a', 'b']);
  });

  it('compares binary values and types inside a pipeline exactly', async () => {
    const blobs = database.collection<Document>('blobs');
    await blobs.insertMany([
      { n: 1, b: new Binary(Buffer.from([0xff])) },
      { n: 2, b: new Binary(Buffer.from([0xfe])) },
    ]);
    const found = await blobs
      .aggregate([
        { $set: { x: 1 } },
        { $match: { b: new Binary(Buffer.from([0xfe])), _id: { $type: 'objectId' } } },
      ])
      .toArray();
    expect(found.map((entry) => entry.n)).to.deep.equal([2]);
  });

  it('passes variables of let to $expr', async () => {
    const rows = await sales
      .find({ $expr: { $eq: ['$amount', '$$wanted'] } }, { let: { wanted: 7 } })
      .toArray();
    expect(rows.map((row) => row._id)).to.deep.equal([2]);
    const piped = await sales
      .aggregate([{ $match: { $expr: { $eq: ['$amount', '$$wanted'] } } }], { let: { wanted: 5 } })
      .toArray();
    expect(piped.map((row) => row._id)).to.deep.equal([1]);
  });

  it('never runs code a client sends', async () => {
    const code = 'globalThis.leaked = 1; return true';
    expect((await rejection(sales.find({ $where: code }).toArray())).code).to.equal(2);
    const body = { $function: { body: code, args: [], lang: 'js' } };
    expect((await rejection(sales.aggregate([{ $set: { x: body } }]).toArray())).code).not.to.equal(
      undefined,
    );
    expect((await rejection(sales.find({ $expr: body }).toArray())).code).not.to.equal(undefined);
  });

  it('unwinds arrays and counts by value', async () => {
    const rows = await sales.aggregate([{ $unwind: '$tags' }, { $sortByCount: '$tags' }]).toArray();
    expect(rows).to.deep.equal([
      { _id: 'y', count: 2 },
      { _id: 'x', count: 1 },
    ]);
  });

  it('evaluates $expr in a filter', async () => {
    const rows = await sales
      .find({ $expr: { $gt: ['$amount', { $size: '$tags' }] } })
      .sort({ _id: 1 })
      .toArray();
    expect(rows.map((row) => row._id)).to.deep.equal([1, 2, 3]);
    expect(await sales.countDocuments({ $expr: { $eq: ['$amount', { $size: '$tags' }] } })).to.equal(0);
  });

  it('applies a pipeline as an update', async () => {
    const copy = database.collection<Document>('copy');
    await copy.insertOne({ _id: 1 as never, a: 2, b: 3 });
    await copy.updateOne({ _id: 1 as never }, [{ $set: { sum: { $add: ['$a', '$b'] } } }, { $unset: 'b' }]);
    expect(await copy.findOne()).to.deep.equal({ _id: 1, a: 2, sum: 5 });
  });

  it('refuses unknown stages, commands and operators with their codes', async () => {
    expect((await rejection(sales.aggregate([{ $nonsense: 1 }]).toArray())).code).to.equal(40324);
    expect((await rejection(database.command({ nonsense: 1 }))).code).to.equal(59);
    expect((await rejection(sales.find({ a: { $nonsense: 1 } }).toArray())).code).to.equal(2);
    expect((await rejection(sales.find({ $nonsense: 1 } as never).toArray())).code).to.equal(2);
    expect((await rejection(sales.updateOne({}, { $nonsense: { a: 1 } } as never))).code).to.equal(9);
    expect((await rejection(sales.updateOne({}, { $set: { a: 1 }, $inc: { a: 1 } }))).code).to.equal(40);
    expect((await rejection(sales.updateOne({}, { $inc: { item: 1 } }))).code).to.equal(14);
  });

  it('refuses a transaction and a change stream, and says what to do instead', async function () {
    if (!mongo.embedded) this.skip();
    const transaction = {
      lsid: { id: new UUID() },
      txnNumber: Long.ONE,
      startTransaction: true,
      autocommit: false,
    };
    const error = await rejection(
      database.command({ insert: 'sales', documents: [{ x: 1 }], ...transaction }),
    );
    expect(error.code).to.equal(20);
    expect(error.message).to.match(/point MONGODB_URI at MongoDB/);
    const stream = await rejection(sales.watch().next());
    expect(stream.code).to.equal(40573);
    expect(stream.message).to.match(/point MONGODB_URI at/);
  });
});
