import { expect } from 'chai';
import { type Db, Int32 } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('a store command that fails half-way', () => {
  let mongo: TestMongo;
  let db: Db;

  before(async () => {
    mongo = await openTestMongo();
    db = mongo.newDatabase();
  });
  after(() => mongo.close());

  it('keeps what an update of many changed before it was refused, and does not count it', async () => {
    await db.collection<{ _id: number; n: unknown }>('many').insertMany([
      { _id: 1, n: new Int32(1) },
      { _id: 2, n: 'text' },
      { _id: 3, n: new Int32(3) },
    ]);
    const reply = await db.command({
      update: 'many',
      updates: [{ q: {}, u: { $inc: { n: 1 } }, multi: true }],
    });
    expect(reply).to.deep.include({ n: 0, nModified: 0 });
    expect(reply.writeErrors).to.have.lengthOf(1);
    expect(reply.writeErrors[0]).to.include({ index: 0, code: 14 });
    const rows = await db.collection('many').find().sort({ _id: 1 }).toArray();
    expect(rows.map((row) => row.n)).to.deep.equal([2, 'text', 3]);
  });

  it('makes no index when one of several is refused', async () => {
    const key = { a: 1 };
    await db.collection('indexed').createIndex({ b: 1 }, { name: 'taken' });
    const create = (indexes: object[]): Promise<Record<string, unknown>> =>
      rejection(db.command({ createIndexes: 'indexed', indexes }));
    const twice = [
      { key, name: 'a_1' },
      { key, name: 'a_1' },
    ];
    expect(await create(twice)).to.include({ code: 68, codeName: 'IndexAlreadyExists' });
    expect(
      await create([
        { key, name: 'a_1' },
        { key, name: 'other' },
      ]),
    ).to.include({ code: 85 });
    expect(
      await create([
        { key, name: 'a_1' },
        { key, name: 'taken' },
      ]),
    ).to.include({ code: 86 });
    const names = (await db.collection('indexed').indexes()).map((index) => index.name);
    expect(names).to.deep.equal(['_id_', 'taken']);
  });
});
