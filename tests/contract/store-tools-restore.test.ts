import { expect } from 'chai';
import { type Db, type Document, Double, Long } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';
import {
  dumpDocuments,
  dumpIndexes,
  INDEXES,
  restoreDocuments,
  SAMPLE_BYTES,
  SAMPLES,
} from './tool-samples.js';

describe('store: the commands of mongorestore', () => {
  let mongo: TestMongo;
  let database: Db;

  const restored = (name: string): Document => ({
    key: { _id: 1 },
    name: '_id_',
    ns: `${database.databaseName}.${name}`,
  });
  const insert = (name: string, documents: readonly Document[]): Promise<Document> =>
    restoreDocuments(database, name, documents);
  const createIndexes = (name: string, indexes: Document[]): Promise<Document> =>
    database.command({
      createIndexes: name,
      indexes: indexes.map((index) => ({ ...index, ns: `${database.databaseName}.${name}` })),
      ignoreUnknownIndexOptions: true,
    });

  before(async () => {
    mongo = await openTestMongo();
  });
  beforeEach(() => {
    database = mongo.newDatabase();
  });
  after(() => mongo.close());

  it('mongorestore learns that empty timestamps stay as they are', async () => {
    const reply = await mongo.client.db('_mongorestore_dummy').command({
      update: '_mongorestore_dummy.dummy',
      updates: [{ q: { ____dummy: 1 }, u: { $rename: {} } }],
      bypassEmptyTsReplacement: true,
    });
    expect(reply).to.deep.include({ n: 0, nModified: 0, ok: 1 });
    expect(await mongo.client.db('_mongorestore_dummy').listCollections().toArray()).to.deep.equal([]);
  });

  it('mongorestore brings back documents and indexes exactly as mongodump saved them', async () => {
    await database.command({ create: 'things', idIndex: restored('things') });
    expect(await insert('things', SAMPLES)).to.deep.include({ n: SAMPLES.length, ok: 1 });
    const withoutVersion = INDEXES.map(({ v: _v, ...index }) => index);
    await createIndexes('things', withoutVersion);
    expect(await dumpDocuments(database, 'things')).to.have.members(SAMPLE_BYTES);
    expect((await dumpIndexes(database, 'things')).slice(1)).to.deep.equal(INDEXES);
  });

  it('mongorestore onto existing documents is told which are there already, and stores the rest', async () => {
    await insert('things', [{ _id: 1 }, { _id: 2 }]);
    const reply = await insert('things', [{ _id: 2 }, { _id: 3 }, { _id: 1 }]);
    expect(reply.n).to.equal(1);
    expect(reply.writeErrors.map((error: Document) => [error.index, error.code])).to.deep.equal([
      [0, 11000],
      [2, 11000],
    ]);
    expect((await database.command({ drop: 'things' })).ok).to.equal(1);
    expect((await database.command({ drop: 'things' })).ok).to.equal(1);
  });

  it('mongorestore of an old dump keeps what its index options mean', async () => {
    await createIndexes('old', [
      { v: 1, key: { a: new Double(1) }, name: 'a_1', unique: 1, background: 1, dropDups: true, safe: null },
      { v: 1, key: { b: Long.fromNumber(-1) }, name: 'b', sparse: 1, storageEngine: { wiredTiger: {} } },
      { v: 1, key: { c: 1 }, name: 'c', unique: 0 },
    ]);
    const indexes = await dumpIndexes(database, 'old');
    expect(indexes.map(({ name, unique, sparse }) => [name, unique ?? false, sparse ?? false])).to.deep.equal(
      [
        ['_id_', false, false],
        ['a_1', true, false],
        ['b', false, true],
        ['c', false, false],
      ],
    );
    const rows = database.collection('old');
    await rows.insertOne({ a: 1, c: 1 });
    expect((await rejection(rows.insertOne({ a: 1 }))).code).to.equal(11000);
    const unknown = database.command({
      createIndexes: 'old',
      indexes: [{ key: { d: 1 }, name: 'd', safe: null }],
    });
    expect((await rejection(unknown)).code).to.be.oneOf([67, 197]);
    const wrong = createIndexes('old', [{ key: { d: 1 }, name: 'd', unique: 'yes' }]);
    expect((await rejection(wrong)).code).to.equal(14);
  });

  it('mongorestore is refused what would not be kept: views, capped and validated collections, users', async function () {
    if (!mongo.embedded) this.skip();
    const idIndex = restored('x');
    const refused: [Document, number][] = [
      [{ create: 'x', capped: true, size: 4096, idIndex }, 72],
      [{ create: 'x', viewOn: 'y', pipeline: [] }, 72],
      [
        { create: 'x', validator: { a: 1 }, validationLevel: 'strict', validationAction: 'error', idIndex },
        72,
      ],
      [{ create: 'x', timeseries: { timeField: 't' } }, 72],
      [{ create: 'x', idIndex: { key: { a: 1 }, name: '_id_' } }, 2],
      [{ applyOps: [] }, 115],
      [{ createIndexes: 'x', indexes: [{ key: { a: 'text' }, name: 't', weights: { a: 1 } }] }, 67],
    ];
    for (const [command, code] of refused) {
      const error = await rejection(database.command(command));
      expect([Object.keys(command)[0], error.code]).to.deep.equal([Object.keys(command)[0], code]);
    }
    const merge = { _mergeAuthzCollections: 1, tempUsersCollection: 'admin.tempusers', drop: false, db: '' };
    expect((await rejection(mongo.client.db('admin').command(merge))).code).to.be.oneOf([59, 115]);
    await database.command({
      create: 'plain',
      collation: { locale: 'simple' },
      autoIndexId: true,
      capped: false,
    });
    expect((await database.listCollections().toArray()).map(({ name }) => name)).to.deep.equal(['plain']);
  });

  it('mongorestore --preserveUUID finds that collections have none', async function () {
    if (!mongo.embedded) this.skip();
    const admin = mongo.client.db('admin');
    expect(await admin.listCollections({ name: 'system.version' }).toArray()).to.deep.equal([]);
  });

  it('mongoimport inserts, replaces, merges and deletes by the fields it was given', async () => {
    const update = (updates: Document[]): Promise<Document> =>
      database.command({ update: 'rows', updates, ordered: true, bypassEmptyTsReplacement: true });
    await database.command({ drop: 'rows' });
    await insert('rows', [{ _id: 1, a: 1 }]);
    const upserted = await update([
      { q: { a: 1 }, u: { a: 1, b: 1 }, upsert: true },
      { q: { a: 2 }, u: { a: 2 }, upsert: true },
    ]);
    expect(upserted).to.deep.include({ n: 2, nModified: 1 });
    await update([{ q: { a: 1 }, u: { $set: { a: 1, c: 1 } }, upsert: true }]);
    expect(await database.collection('rows').findOne({ a: 1 })).to.deep.equal({ _id: 1, a: 1, b: 1, c: 1 });
    const deleted = await database.command({
      delete: 'rows',
      deletes: [{ q: { a: 2 }, limit: 1 }],
      ordered: true,
    });
    expect(deleted.n).to.equal(1);
    expect(await database.collection('rows').countDocuments()).to.equal(1);
  });
});
