import { expect } from 'chai';
import { type Collection, type Db, type Document, Long, UUID } from 'mongodb';
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
