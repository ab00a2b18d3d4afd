import { expect } from 'chai';
import type { Db } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('store: commands it does not have', () => {
  let mongo: TestMongo;
  let database: Db;
  let admin: Db;

  before(async function () {
    mongo = await openTestMongo();
    if (!mongo.embedded) this.skip();
    database = mongo.newDatabase();
    admin = mongo.client.db('admin');
  });
  after(() => mongo.close());

  const missing = [
    'createUser',
    'grantRolesToUser',
    'replSetInitiate',
    'shardCollection',
    'mapReduce',
    'compact',
  ].concat(
    [
      'cloneCollectionAsCapped',
      'convertToCapped',
      'reIndex',
      'setParameter',
      'shutdown',
      'bulkWrite',
      'killOp',
    ],
    ['top', 'applyOps', 'enableSharding', 'planCacheClear', 'logRotate', 'createSearchIndexes', 'dbHash'],
  );
  it('refuses what MongoDB has and says where to get it', async () => {
    for (const name of missing) {
      const error = await rejection(admin.command({ [name]: 1 }));
      expect([name, error.code, error.codeName]).to.deep.equal([name, 115, 'CommandNotSupported']);
      expect(error.message).to.include(name).and.to.include('point MONGODB_URI at MongoDB');
    }
  });

  it('refuses what MongoDB does not know either as an unknown command', async () => {
    for (const name of ['nonsense', 'constructor', 'toString', '__proto__x']) {
      const error = await rejection(database.command({ [name]: 1 }));
      expect([name, error.code, error.codeName]).to.deep.equal([name, 59, 'CommandNotFound']);
    }
  });

  it('answers questions about replication as a standalone server does', async () => {
    for (const name of ['replSetGetStatus', 'replSetGetConfig']) {
      const error = await rejection(admin.command({ [name]: 1 }));
      expect([error.code, error.codeName]).to.deep.equal([76, 'NoReplicationEnabled']);
      expect(error.message).to.include('point MONGODB_URI at a MongoDB replica set');
    }
  });

  it('refuses to authenticate anybody', async () => {
    const error = await rejection(admin.command({ saslStart: 1, mechanism: 'SCRAM-SHA-256', payload: '' }));
    expect([error.code, error.codeName]).to.deep.equal([18, 'AuthenticationFailed']);
  });

  it('keeps the commands about the whole server to the admin database', async () => {
    const names = [
      'listDatabases',
      'renameCollection',
      'getParameter',
      'getLog',
      'getCmdLineOpts',
      'currentOp',
      'fsync',
    ];
    for (const name of names) {
      const error = await rejection(database.command({ [name]: 1 }));
      expect([error.code, error.message]).to.deep.equal([
        13,
        `${name} may only be run against the admin database.`,
      ]);
    }
    for (const name of ['ping', 'hello', 'buildInfo', 'serverStatus', 'hostInfo', 'connectionStatus'])
      expect((await database.command({ [name]: 1 })).ok).to.equal(1);
  });

  it('refuses transactions and change streams with the codes of a standalone server', async () => {
    const session = mongo.client.startSession();
    session.startTransaction();
    const read = await rejection(database.collection('rows').findOne({}, { session }));
    expect(read.code).to.equal(20);
    expect(read.message).to.include('point MONGODB_URI at MongoDB');
    await session.abortTransaction();
    await session.endSession();
    const watching = database.collection('rows').watch();
    expect((await rejection(watching.next())).code).to.equal(40573);
    await watching.close();
  });

  it('changes nothing of an index but when its documents expire', async () => {
    const rows = database.collection('expiring');
    await rows.createIndex({ at: 1 });
    await rows.createIndex({ a: 1, b: 1 });
    const change = (index: object, more: object = {}): Promise<unknown> =>
      database.command({ collMod: 'expiring', index, ...more });
    expect(await change({ keyPattern: { at: 1 }, expireAfterSeconds: 60 })).to.deep.include({
      expireAfterSeconds_new: 60,
    });
    expect(await change({ name: 'at_1', expireAfterSeconds: 90 })).to.deep.include({
      expireAfterSeconds_old: 60,
      expireAfterSeconds_new: 90,
    });
    const refused: [object, object, number][] = [
      [{ name: 'at_1', hidden: true }, {}, 72],
      [{ name: 'at_1', expireAfterSeconds: 90, hidden: true }, {}, 72],
      [{ name: 'at_1', expireAfterSeconds: 90 }, { validator: {} }, 72],
      [{ name: 'at_1', expireAfterSeconds: -1 }, {}, 72],
      [{ name: 'a_1_b_1', expireAfterSeconds: 90 }, {}, 72],
      [{ name: '_id_', expireAfterSeconds: 90 }, {}, 72],
      [{ name: 'absent', expireAfterSeconds: 90 }, {}, 27],
    ];
    for (const [index, more, code] of refused)
      expect((await rejection(change(index, more))).code).to.equal(code);
    expect((await rows.indexes()).map(({ expireAfterSeconds }) => expireAfterSeconds)).to.deep.equal([
      undefined,
      90,
      undefined,
    ]);
  });
});
