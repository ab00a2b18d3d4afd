import { expect } from 'chai';
import type { Collection, Db, Document } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

/** How Compass sums up `$collStats`, which on a cluster has a row for every shard. */
const COLLECTION_STATS = [
  { $collStats: { storageStats: {} } },
  {
    $group: {
      _id: null,
      capped: { $first: '$storageStats.capped' },
      count: { $sum: '$storageStats.count' },
      size: { $sum: { $toDouble: '$storageStats.size' } },
      storageSize: { $sum: { $toDouble: '$storageStats.storageSize' } },
      totalIndexSize: { $sum: { $toDouble: '$storageStats.totalIndexSize' } },
      freeStorageSize: { $sum: { $toDouble: '$storageStats.freeStorageSize' } },
      unscaledCollSize: {
        $sum: {
          $multiply: [{ $toDouble: '$storageStats.avgObjSize' }, { $toDouble: '$storageStats.count' }],
        },
      },
      nindexes: { $max: '$storageStats.nindexes' },
    },
  },
  {
    $addFields: {
      avgObjSize: {
        $cond: {
          if: { $ne: ['$count', 0] },
          // biome-ignore lint/suspicious/noThenProperty: the name of an operand of $cond
          then: { $divide: ['$unscaledCollSize', { $toDouble: '$count' }] },
          else: 0,
        },
      },
    },
  },
];

const INDEX_SIZES = [
  { $collStats: { storageStats: {} } },
  { $project: { indexSizes: { $objectToArray: '$storageStats.indexSizes' } } },
  { $unwind: '$indexSizes' },
  { $group: { _id: '$indexSizes.k', size: { $sum: { $toDouble: '$indexSizes.v' } } } },
];

const INDEX_USE = [
  { $indexStats: {} },
  {
    $project: {
      name: 1,
      usageHost: '$host',
      usageCount: '$accesses.ops',
      usageSince: '$accesses.since',
    },
  },
];

describe('store: the commands of Compass', () => {
  let mongo: TestMongo;
  let database: Db;
  let admin: Db;
  let rows: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
    admin = mongo.client.db('admin');
    rows = database.collection('rows');
    await rows.insertMany(Array.from({ length: 50 }, (_, i) => ({ _id: i as never, n: i % 5, text: 'x' })));
    await rows.createIndex({ n: 1 });
  });
  after(() => mongo.close());

  it('Compass connects: who, which machine, which version, no Atlas', async () => {
    const status = await admin.command({ connectionStatus: 1, showPrivileges: true });
    expect(status.authInfo.authenticatedUsers).to.deep.equal([]);
    expect(status.authInfo.authenticatedUserRoles).to.deep.equal([]);
    expect(status.authInfo.authenticatedUserPrivileges).to.be.an('array');
    const host = await admin.command({ hostInfo: 1 });
    expect(host.system.numCores).to.be.greaterThan(0);
    expect(host.system.memSizeMB).to.be.greaterThan(0);
    expect(host.os.type).to.be.a('string');
    expect((await admin.command({ buildInfo: 1 })).modules ?? []).not.to.include('enterprise');
    const parameter = await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 });
    expect(parameter.featureCompatibilityVersion.version).to.match(/^\d+\.\d+$/);
    expect((await rejection(admin.command({ atlasVersion: 1 }))).code).to.equal(59);
    const local = { managedClusterType: 'atlasCliLocalDevCluster' };
    expect(await admin.collection('atlascli').countDocuments(local)).to.equal(0);
  });

  it('Compass lists databases and collections with their sizes', async () => {
    const { databases } = await admin.command({ listDatabases: 1 });
    const listed = databases.find(({ name }: Document) => name === database.databaseName);
    expect(listed.sizeOnDisk).to.be.greaterThan(0);
    const stats = await database.command({ dbStats: 1 });
    expect(stats).to.deep.include({ collections: 1, objects: 50, indexes: 2 });
    for (const size of ['dataSize', 'storageSize', 'indexSize']) expect(stats[size]).to.be.greaterThan(0);
    const [sum] = await rows.aggregate(COLLECTION_STATS).toArray();
    expect(sum).to.deep.include({ capped: false, count: 50, nindexes: 2 });
    expect(sum?.avgObjSize).to.be.within(20, 60);
    expect(sum?.totalIndexSize).to.be.greaterThan(0);
  });

  it('Compass sees an empty collection as empty, and is told when there is none', async () => {
    await database.createCollection('empty');
    const [sum] = await database.collection('empty').aggregate(COLLECTION_STATS).toArray();
    expect(sum).to.deep.include({ count: 0, size: 0, nindexes: 1, avgObjSize: 0 });
    const absent = database.collection('absent');
    expect((await rejection(absent.aggregate(COLLECTION_STATS).toArray())).code).to.equal(26);
  });

  it('Compass shows indexes with their sizes; how often each is used is not counted', async () => {
    const use = await rows.aggregate(INDEX_USE).toArray();
    expect(use.map(({ name }) => name)).to.have.members(['_id_', 'n_1']);
    const sizes = await rows.aggregate(INDEX_SIZES).toArray();
    expect(sizes.map(({ _id }) => _id)).to.have.members(['_id_', 'n_1']);
    for (const { size } of sizes) expect(size).to.be.greaterThan(0);
    const counted = use.map(({ usageCount }) => usageCount ?? 'not counted');
    if (mongo.embedded) expect(counted).to.deep.equal(['not counted', 'not counted']);
    const refused = await rejection(rows.listSearchIndexes().toArray());
    expect(refused.code).to.be.a('number');
  });

  it('Compass pages through documents and counts them with a time limit', async () => {
    const session = mongo.client.startSession();
    const options = { session, maxTimeMS: 60_000, promoteValues: false, bsonRegExp: true };
    const page = await rows
      .find({}, { ...options, sort: {}, skip: 20, limit: 20, batchSize: 1000 })
      .toArray();
    expect(page).to.have.length(20);
    expect(await rows.countDocuments({}, { session, maxTimeMS: 60_000, hint: '_id_' })).to.equal(50);
    expect(await rows.estimatedDocumentCount({ session, maxTimeMS: 60_000 })).to.equal(50);
    const sessionId = session.id;
    await session.endSession();
    expect((await admin.command({ killSessions: [sessionId] })).ok).to.equal(1);
  });

  it('Compass samples documents for its schema', async () => {
    const sample = [{ $match: { n: 1 } }, { $sample: { size: 1000 } }, { $project: { n: 1 } }];
    const found = await rows.aggregate(sample, { allowDiskUse: true, maxTimeMS: 60_000 }).toArray();
    expect(found.map(({ n }) => n)).to.deep.equal(Array.from({ length: 10 }, () => 1));
  });

  it('Compass draws the plan of a query and of a pipeline', async () => {
    const query = await rows.find({ n: 3 }).explain('allPlansExecution');
    expect(query.executionStats.executionStages).to.deep.include({ stage: 'FETCH', nReturned: 10 });
    expect(query.executionStats.executionStages.inputStage).to.deep.include({
      stage: 'IXSCAN',
      indexName: 'n_1',
    });
    expect(query.executionStats.executionTimeMillis).to.be.a('number');
    const pipeline = [{ $match: { n: 3 } }, { $unwind: '$text' }];
    const plan = await rows.aggregate(pipeline, { allowDiskUse: true }).explain('executionStats');
    const [{ $cursor: cursor }] = plan.stages;
    expect(cursor.queryPlanner.namespace).to.equal(rows.namespace);
    expect(cursor.executionStats).to.deep.include({ executionSuccess: true, totalKeysExamined: 10 });
  });

  it('Compass watches the server: counters, memory and what is running', async () => {
    const status = await admin.command({ serverStatus: 1 });
    expect(status.localTime).to.be.instanceOf(Date);
    expect(status.mem.resident).to.be.greaterThan(0);
    expect(status.connections.current).to.be.greaterThan(0);
    for (const kind of ['insert', 'query', 'update', 'delete', 'getmore', 'command']) {
      expect(Number(status.opcounters[kind])).to.be.at.least(0);
    }
    const running = await admin
      .aggregate([{ $currentOp: { allUsers: true, idleConnections: false, truncateOps: false } }])
      .toArray();
    const own = running.find(({ command }) => command?.pipeline?.[0]?.$currentOp !== undefined);
    expect(own).to.deep.include({ active: true });
    expect(own?.opid).not.to.equal(undefined);
  });

  it('Compass is refused what the store does not do', async function () {
    if (!mongo.embedded) this.skip();
    expect((await rejection(admin.command({ top: 1 }))).code).to.equal(115);
    expect((await rejection(admin.command({ killOp: 1, op: 1 }))).code).to.equal(115);
    const validation = database.command({ collMod: 'rows', validator: { n: 1 }, validationLevel: 'strict' });
    expect((await rejection(validation)).code).to.equal(72);
    const view = database.createCollection('view', { viewOn: 'rows', pipeline: [] });
    expect((await rejection(view)).code).to.equal(72);
  });
});
