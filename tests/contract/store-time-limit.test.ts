import { expect } from 'chai';
import { type Collection, type Db, type Document, Double } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

/** More than can be read in a millisecond. */
const DOCUMENTS = 30_000;

describe('store: maxTimeMS', () => {
  let mongo: TestMongo;
  let database: Db;
  let rows: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
    rows = database.collection('rows');
    const text = 'x'.repeat(100);
    for (let from = 0; from < DOCUMENTS; from += 10_000) {
      await rows.insertMany(Array.from({ length: 10_000 }, (_, i) => ({ n: from + i, text, l: [i, text] })));
    }
  });
  after(() => mongo.close());

  const nothing = { text: /y$/ };
  const expectExpired = async (work: Promise<unknown>): Promise<void> => {
    expect(await rejection(work)).to.deep.include({ code: 50, codeName: 'MaxTimeMSExpired' });
  };

  it('ends a search that takes longer', async () => {
    await expectExpired(rows.find(nothing, { maxTimeMS: 1 }).toArray());
    await expectExpired(rows.find({}, { maxTimeMS: 1, sort: { text: 1, n: -1 } }).toArray());
    await expectExpired(rows.countDocuments(nothing, { maxTimeMS: 1 }));
    await expectExpired(database.command({ count: 'rows', query: nothing, maxTimeMS: 1 }));
    await expectExpired(rows.distinct('n', nothing, { maxTimeMS: 1 }));
    await expectExpired(rows.aggregate([{ $match: nothing }, { $unwind: '$l' }], { maxTimeMS: 1 }).toArray());
    await expectExpired(rows.aggregate([{ $unwind: '$l' }, { $sort: { l: 1 } }], { maxTimeMS: 1 }).toArray());
  });

  it('ends a join in the middle of a search', async () => {
    const join = { from: 'rows', localField: 'n', foreignField: 'text', as: 'none' };
    await expectExpired(rows.aggregate([{ $limit: 1 }, { $lookup: join }], { maxTimeMS: 5 }).toArray());
  });

  it('ends a write before it has changed anything', async () => {
    await expectExpired(rows.updateMany(nothing, { $set: { seen: true } }, { maxTimeMS: 1 }));
    await expectExpired(rows.updateMany({}, { $set: { seen: true } }, { maxTimeMS: 1 }));
    await expectExpired(rows.deleteMany(nothing, { maxTimeMS: 1 }));
    await expectExpired(rows.findOneAndUpdate(nothing, { $set: { seen: true } }, { maxTimeMS: 1 }));
    await expectExpired(rows.findOneAndDelete(nothing, { maxTimeMS: 1, sort: { text: 1 } }));
    expect(await rows.countDocuments({ seen: true })).to.equal(0);
  });

  it('leaves alone what is fast enough, and knows no limit of 0', async () => {
    expect(await rows.find({ n: 7 }, { maxTimeMS: 20_000 }).toArray()).to.have.length(1);
    expect(await rows.find({ n: 7 }, { maxTimeMS: 0 }).toArray()).to.have.length(1);
    const cursor = rows.find({ n: { $lt: 500 } }, { maxTimeMS: 20_000, batchSize: 100 });
    expect(await cursor.toArray()).to.have.length(500);
  });

  it('refuses times that are none', async () => {
    const find = (maxTimeMS: unknown): Promise<Document> =>
      database.command({ find: 'rows', filter: { n: 1 }, maxTimeMS });
    for (const maxTimeMS of [-1, new Double(1.5), 'soon', 2 ** 31]) {
      expect((await rejection(find(maxTimeMS))).code, String(maxTimeMS)).to.equal(2);
    }
    const update = { update: 'rows', updates: [{ q: {}, u: { $set: { a: 1 } } }], maxTimeMS: -1 };
    expect((await rejection(database.command(update))).code).to.be.oneOf([2, 51024]);
    const { cursor } = await database.command({ find: 'rows', batchSize: 1 });
    const more = { getMore: cursor.id, collection: 'rows', maxTimeMS: 5 };
    expect((await rejection(database.command(more))).code).to.equal(2);
  });
});
