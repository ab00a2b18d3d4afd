import { expect } from 'chai';
import type { Db, Document } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';
import {
  dumpDocuments,
  dumpIndexes,
  INDEXES,
  restoreDocuments,
  SAMPLE_BYTES,
  SAMPLES,
} from './tool-samples.js';

describe('store: the commands of mongodump', () => {
  let mongo: TestMongo;
  let database: Db;
  let admin: Db;

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
    admin = mongo.client.db('admin');
    await restoreDocuments(database, 'things', SAMPLES);
    await database.command({ createIndexes: 'things', indexes: INDEXES });
  });
  after(() => mongo.close());

  it('mongodump finds a standalone server it knows', async () => {
    expect((await admin.command({ ping: 1 })).ok).to.equal(1);
    const hello = await admin.command({ ismaster: 1 });
    expect(hello.ismaster).to.equal(true);
    expect(hello).not.to.have.any.keys('setName', 'hosts', 'msg');
    expect((await rejection(admin.command({ atlasVersion: 1 }))).code).to.equal(59);
    const { version, versionArray } = await admin.command({ buildInfo: 1 });
    expect(version).to.match(/^\d+\.\d+\.\d+/);
    expect(versionArray.length).to.be.at.least(3);
  });

  it('mongodump lists what there is, with options, identity index and an estimate of the documents', async () => {
    const { databases } = await admin.command({ listDatabases: 1, filter: {}, nameOnly: true });
    expect(databases).to.deep.include({ name: database.databaseName });
    const { cursor } = await database.command({ listCollections: 1, filter: { name: 'things' }, cursor: {} });
    expect(cursor.ns).to.equal(`${database.databaseName}.$cmd.listCollections`);
    expect(cursor.firstBatch).to.have.length(1);
    expect(cursor.firstBatch[0]).to.deep.include({
      name: 'things',
      type: 'collection',
      options: {},
      idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
    });
    expect((await database.command({ count: 'things' })).n).to.equal(SAMPLES.length);
    expect(await database.command({ collStats: 'things' })).not.to.have.property('numExtents');
  });

  it('mongodump reads documents byte by byte as they were stored, and indexes with their options', async () => {
    expect(await dumpDocuments(database, 'things')).to.have.members(SAMPLE_BYTES);
    expect(await dumpDocuments(database, 'things', { _id: { $in: ['text', 7] } })).to.have.length(2);
    expect(await dumpIndexes(database, 'things')).to.deep.equal([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      ...INDEXES,
    ]);
    expect((await rejection(dumpIndexes(database, 'absent'))).code).to.equal(26);
  });

  it('mongodump reads a collection of more than one batch to its end', async () => {
    await database
      .collection<Document>('many')
      .insertMany(Array.from({ length: 700 }, (_, i) => ({ _id: i as never, text: 'x'.repeat(500) })));
    expect(await dumpDocuments(database, 'many')).to.have.length(700);
  });

  it('mongodump --oplog finds no oplog, as on any standalone server', async () => {
    const running = { find: 'transactions', filter: { state: { $in: ['prepared', 'inProgress'] } } };
    const { cursor } = await mongo.client
      .db('config')
      .command({ ...running, sort: { startOpTime: 1 }, limit: 1, singleBatch: true });
    expect(cursor.firstBatch).to.deep.equal([]);
    const oplog = { find: 'oplog.$main', filter: {}, sort: { $natural: -1 }, limit: 1, singleBatch: true };
    expect((await mongo.client.db('local').command(oplog)).cursor.firstBatch).to.deep.equal([]);
  });

  it('mongodump --dumpDbUsersAndRoles finds no users to save', async function () {
    if (!mongo.embedded) this.skip();
    const error = await rejection(admin.command({ getParameter: 1, authSchemaVersion: 1 }));
    expect([error.code, error.message]).to.deep.equal([72, 'no option found to get']);
    expect(await dumpDocuments(admin, 'system.users')).to.deep.equal([]);
  });

  it('mongoexport reads through the index of _id, sorted, paged and with chosen fields', async () => {
    const name = 'many';
    expect((await database.command({ count: name })).n).to.equal(700);
    const page = await database.command({
      find: name,
      filter: {},
      hint: { _id: 1 },
      skip: 2,
      limit: 3,
      projection: { _id: 1 },
    });
    expect(page.cursor.firstBatch).to.deep.equal([{ _id: 2 }, { _id: 3 }, { _id: 4 }]);
    const sorted = await database.command({
      find: name,
      filter: { _id: { $lt: 9 } },
      sort: { _id: -1 },
      limit: 1,
    });
    expect(sorted.cursor.firstBatch[0]._id).to.equal(8);
  });
});
