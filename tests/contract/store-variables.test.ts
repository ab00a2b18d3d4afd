import { expect } from 'chai';
import type { Collection, Db, Document } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('store: variables and expressions in filters', () => {
  let mongo: TestMongo;
  let database: Db;
  let rows: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
  });
  beforeEach(async () => {
    database = mongo.newDatabase();
    rows = database.collection('rows');
    await rows.insertMany([
      { _id: 1 as never, n: 1 },
      { _id: 2 as never, n: 2 },
      { _id: 3 as never, n: 3 },
    ]);
  });
  after(() => mongo.close());

  const above = { $expr: { $gt: ['$n', '$$floor'] } };
  const values = async (): Promise<number[]> =>
    (await rows.find({}, { sort: { _id: 1 } }).toArray()).map((row) => row.n);

  it('carries let to the filter of an update, and to a pipeline', async () => {
    const many = await rows.updateMany(above, { $inc: { n: 10 } }, { let: { floor: 1 } });
    expect(many.modifiedCount).to.equal(2);
    const one = await rows.updateOne(above, [{ $set: { n: { $add: ['$n', '$$step'] } } }], {
      let: { floor: 12, step: 100 },
    });
    expect(one.modifiedCount).to.equal(1);
    expect(await values()).to.deep.equal([1, 12, 113]);
    const bulk = await database.command({
      update: 'rows',
      updates: [
        { q: { $expr: { $eq: ['$n', '$$one'] } }, u: { $set: { n: 5 } } },
        { q: { _id: 2 }, u: [{ $set: { n: '$$one', c: '$$c' } }], c: { c: '$not a field' } },
      ],
      let: { one: 1 },
    });
    expect(bulk.nModified).to.equal(2);
    expect(await rows.findOne({ _id: 2 as never })).to.deep.equal({ _id: 2, n: 1, c: '$not a field' });
    const constants = { update: 'rows', updates: [{ q: {}, u: { $set: { n: 1 } }, c: { a: 1 } }] };
    expect((await database.command(constants)).writeErrors[0].code).to.equal(51198);
  });

  it('carries let to delete and findAndModify', async () => {
    const changed = await rows.findOneAndUpdate(
      { $expr: { $eq: ['$n', '$$wanted'] } },
      [{ $set: { n: { $multiply: ['$n', '$$by'] } } }],
      { let: { wanted: 3, by: 5 }, returnDocument: 'after' },
    );
    expect(changed).to.deep.equal({ _id: 3, n: 15 });
    expect((await rows.deleteOne(above, { let: { floor: 14 } })).deletedCount).to.equal(1);
    expect((await rows.deleteMany(above, { let: { floor: 0 } })).deletedCount).to.equal(2);
  });

  it('works the variables out before any document is read', async () => {
    const computed = { floor: { $add: [1, 1] } };
    expect(await rows.find(above, { let: computed }).toArray()).to.have.length(1);
    expect((await rows.deleteMany(above, { let: computed })).deletedCount).to.equal(1);
    const literal = { text: { $literal: '$n' } };
    expect(await rows.find({ $expr: { $eq: ['$$text', '$n'] } }, { let: literal }).toArray()).to.deep.equal(
      [],
    );
    expect((await rejection(rows.find(above, { let: { floor: '$n' } }).toArray())).code).to.equal(4890500);
    expect((await rejection(rows.deleteMany(above, { let: 5 as never }))).code).not.to.equal(undefined);
    expect((await rejection(rows.deleteMany(above))).code).not.to.equal(undefined);
    expect(await rows.countDocuments({})).to.equal(2);
  });

  it('refuses an expression in the filter of an upsert', async () => {
    const upsert = { upsert: true, let: { floor: 100 } };
    for (const filter of [above, { $and: [{ n: 1 }, above] }, { $or: [above] }]) {
      const update = await rejection(rows.updateOne(filter, { $set: { n: 0 } }, upsert));
      expect(update.code, JSON.stringify(filter)).to.equal(224);
      const modify = await rejection(rows.findOneAndUpdate(filter, { $set: { n: 0 } }, upsert));
      expect(modify.code, JSON.stringify(filter)).to.equal(224);
    }
    expect(await values()).to.deep.equal([1, 2, 3]);
  });
});
