import { expect } from 'chai';
import type { Db, Document } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('store: what is too deep, too long or gone', () => {
  let mongo: TestMongo;
  let database: Db;

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
  });
  after(() => mongo.close());

  /** A document of so many levels, itself counted. */
  const nested = (levels: number): Document => {
    let document: Document = {};
    for (let level = 1; level < levels; level++) document = level % 2 ? { a: document } : [document];
    return document;
  };

  it('stores 180 levels of documents and arrays and refuses more', async () => {
    const deep = database.collection('deep');
    await deep.insertOne({ _id: 1 as never, a: nested(179) });
    expect((await rejection(deep.insertOne({ a: nested(180) }))).code).to.equal(15);
    const grown = deep.updateOne({ _id: 1 as never }, { $set: { 'b.c': nested(179) } });
    expect((await rejection(grown)).code).to.equal(15);
    expect(await deep.countDocuments({ b: null })).to.equal(1);
  });

  it('tells of every refused statement of a long bulk', async () => {
    const rows = database.collection('many');
    const documents = Array.from({ length: 99_000 }, (_, n) => ({ _id: `${'x'.repeat(20)}${n}` }));
    await database.command({ insert: 'many', documents });
    documents.push({ _id: 'new' });
    const { n, writeErrors } = await database.command({ insert: 'many', documents, ordered: false });
    expect([n, writeErrors.length]).to.deep.equal([1, 99_000]);
    expect(writeErrors[0]).to.deep.include({ index: 0, code: 11000, keyValue: documents[0] });
    expect(writeErrors[98_999]).to.deep.include({ index: 98_999, code: 11000 });
    expect(await rows.countDocuments({ _id: 'new' as never })).to.equal(1);
  });

  it('refuses a duplicate of a value of many megabytes', async () => {
    const rows = database.collection('long');
    const value = 'x'.repeat(10_000_000);
    await rows.insertOne({ _id: value as never });
    const error = await rejection(rows.insertOne({ _id: value as never }));
    expect(error.code).to.equal(11000);
  });

  it('refuses what an update or a projection would make too large, however much', async () => {
    const rows = database.collection('large');
    const long = 'x'.repeat(15_000_000);
    await rows.insertOne({ _id: 1 as never, list: [], long, n: 1 });
    const grow = (bytes: number): Promise<unknown> =>
      rows.updateOne({ _id: 1 as never }, { $push: { list: 'x'.repeat(bytes) as never } });
    expect((await rejection(grow(2_500_000))).code).to.equal(17419);
    expect((await rejection(grow(3_000_000))).code).to.equal(10334);
    const twice = rows.find({}, { projection: { long: 1, more: '$long' } }).toArray();
    expect((await rejection(twice)).code).to.equal(10334);
    expect(await rows.findOne({}, { projection: { list: 1, n: 1 } })).to.deep.equal({
      _id: 1,
      list: [],
      n: 1,
    });
  });

  it('refuses the place of a bit that no document has', async () => {
    const rows = database.collection('bits');
    const asked = rows.find({ n: { $bitsAllSet: [2_147_483_647] } }).toArray();
    expect((await rejection(asked)).code).to.equal(2);
  });

  it('goes through a long bulk in order, statement by statement', async () => {
    const rows = database.collection('bulk');
    const insert = (n: number): Document => ({ q: { _id: n }, u: { $set: { n } }, upsert: true });
    const updates = Array.from({ length: 2500 }, (_, n) =>
      n === 1700 ? { q: {}, u: { $nope: 1 } } : insert(n),
    );
    const reply = await database.command({ update: 'bulk', updates, ordered: true });
    expect([reply.n, reply.writeErrors.length, reply.writeErrors[0].index]).to.deep.equal([1700, 1, 1700]);
    expect(await rows.countDocuments()).to.equal(1700);
    const rest = await database.command({ update: 'bulk', updates, ordered: false });
    expect([rest.n, rest.nModified, rest.upserted.length, rest.upserted[0].index]).to.deep.equal([
      2499, 0, 799, 1701,
    ]);
  });

  it('refuses results that are larger than documents may be', async () => {
    const rows = database.collection('wide');
    await rows.insertOne({ text: 'x'.repeat(9_000_000) });
    const doubled = rows.aggregate([{ $addFields: { again: '$text' } }]).toArray();
    expect((await rejection(doubled)).code).to.equal(10334);
  });

  it('refuses distinct values that fit into no reply', async () => {
    const rows = database.collection('different');
    const long = 'x'.repeat(9_000_000);
    await rows.insertMany([{ v: long }, { v: `${long}y` }, { v: { z: 1 } }]);
    expect((await rejection(rows.distinct('v'))).code).to.equal(10334);
  });

  it('ends a cursor with an error when what it reads is dropped', async () => {
    const rows = database.collection('dropped');
    const fill = async (): Promise<void> => {
      await rows.insertMany(Array.from({ length: 1000 }, (_, n) => ({ n })));
      await rows.createIndex({ n: 1 });
    };
    await fill();
    const byIndex = rows.find({ n: { $gte: 0 } }, { batchSize: 10, hint: { n: 1 } });
    await byIndex.next();
    await rows.dropIndex('n_1');
    expect((await rejection(byIndex.toArray())).code).to.equal(175);
    const all = rows.find({}, { batchSize: 10 });
    await all.next();
    await rows.drop();
    await fill();
    expect((await rejection(all.toArray())).code).to.equal(175);
    expect(await rows.find({}, { batchSize: 10 }).toArray()).to.have.length(1000);
  });
});
