import { hostname } from 'node:os';
import { expect } from 'chai';
import type { Collection, Db, Document } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('store: the commands of mongosh', () => {
  let mongo: TestMongo;
  let database: Db;
  let admin: Db;
  let rows: Collection<Document>;

  before(async function () {
    mongo = await openTestMongo();
    if (!mongo.embedded) this.skip();
    database = mongo.newDatabase();
    admin = mongo.client.db('admin');
    rows = database.collection('rows');
    await rows.insertMany(
      Array.from({ length: 3000 }, (_, i) => ({ _id: i as never, tags: ['a', `b${i}`] })),
    );
    await rows.createIndex({ tags: 1 });
  });
  after(() => mongo.close());

  it('mongosh greets with the warnings of the server', async () => {
    const { log, totalLinesWritten } = await admin.command({ getLog: 'startupWarnings' });
    expect(totalLinesWritten).to.equal(log.length);
    const messages = log.map((line: string) => JSON.parse(line).msg);
    expect(messages.join())
      .to.match(/embedded store/)
      .and.to.match(/Access control is not enabled/);
    expect((await admin.command({ getLog: '*' })).names).to.include('startupWarnings');
    expect((await rejection(admin.command({ getLog: 'nonsense' }))).code).to.equal(96);
    expect((await rejection(admin.command({ getLog: 1 }))).code).to.equal(14);
    expect((await rejection(admin.command({ getParameter: 'foo' }))).code).to.equal(72);
    const all = await admin.command({ getParameter: '*' });
    expect(all).to.have.property('featureCompatibilityVersion');
  });

  it('mongosh shows the server as it is: address, process, connections, counters', async () => {
    const before = await admin.command({ serverStatus: 1 });
    await rows.find({ _id: 1 as never }).toArray();
    await rows.updateOne({ _id: 1 as never }, { $set: { x: 1 } });
    const status = await admin.command({ serverStatus: 1 });
    expect(status).to.deep.include({ pid: process.pid, process: 'embedded-mongo', version: '8.0.0' });
    expect(status.host).to.match(new RegExp(`^${hostname()}:\\d+$`));
    expect(status.opcounters.query - before.opcounters.query).to.equal(1);
    expect(status.opcounters.update - before.opcounters.update).to.equal(1);
    expect(before.opcounters.insert).to.equal(3000);
    expect(status.connections.current).to.be.within(1, status.connections.totalCreated);
    const { parsed } = await admin.command({ getCmdLineOpts: 1 });
    expect(mongo.uri).to.include(`${parsed.net.bindIp}:${parsed.net.port}`);
    expect((await database.command({ whatsmyuri: 1 })).you).to.match(/^127\.0\.0\.1:\d+$/);
  });

  it('mongosh measures collections: documents exactly, index entries by reading them', async () => {
    const stats = await database.command({ collStats: 'rows' });
    expect(stats).to.deep.include({ ns: rows.namespace, count: 3000, nindexes: 2, capped: false });
    expect(stats.totalIndexSize).to.equal(stats.indexSizes._id_ + stats.indexSizes.tags_1);
    expect(stats.totalSize).to.equal(stats.storageSize + stats.totalIndexSize);
    const thousands = await database.command({ collStats: 'rows', scale: 1024 });
    expect(thousands.size).to.equal(Math.floor(stats.size / 1024));
    expect((await rejection(database.command({ collStats: 'rows', scale: 0 }))).code).to.equal(51024);
    const size = await database.command({ dataSize: rows.namespace });
    expect(size).to.deep.include({ size: stats.size, numObjects: 3000 });
    const [raw] = await rows.aggregate([{ $collStats: { storageStats: {}, count: {} } }]).toArray();
    expect(raw?.storageStats).to.deep.include({ size: stats.size, totalIndexSize: stats.totalIndexSize });
    expect(raw?.count).to.equal(3000);
    const second = rows.aggregate([{ $match: {} }, { $collStats: { count: {} } }]).toArray();
    expect((await rejection(second)).code).to.equal(40602);
    const latency = rows.aggregate([{ $collStats: { latencyStats: {} } }]).toArray();
    expect((await rejection(latency)).code).to.equal(115);
  });

  it('mongosh validates a collection by comparing indexes with documents', async () => {
    const report = await database.command({ validate: 'rows', full: true });
    expect(report).to.deep.include({
      ns: rows.namespace,
      nrecords: 3000,
      nInvalidDocuments: 0,
      nIndexes: 2,
      keysPerIndex: { _id_: 3000, tags_1: 6000 },
      valid: true,
      errors: [],
    });
    expect((await rejection(database.command({ validate: 'absent' }))).code).to.equal(26);
    expect((await rejection(database.command({ validate: 'rows', repair: true }))).code).to.equal(115);
  });

  it('mongosh lists what is running, with what it is and for how long', async () => {
    const scan = { $where: undefined, tags: { $regex: 'zzz' }, $or: [{ a: 1 }, { b: { $exists: false } }] };
    const { $where: _none, ...filter } = scan;
    let seen: Document | undefined;
    for (let tries = 0; !seen && tries < 50; tries++) {
      const slow = rows.find(filter, { sort: { b: 1 } }).toArray();
      const { inprog } = await admin.command({ currentOp: 1, op: 'query' });
      seen = inprog.find(({ ns }: Document) => ns === rows.namespace);
      await slow;
    }
    expect(seen).to.deep.include({ type: 'op', op: 'query', active: true });
    expect(seen?.command.find).to.equal('rows');
    expect(seen?.microsecs_running).to.be.greaterThan(0);
    const { inprog } = await admin.command({ currentOp: 1, $all: true });
    expect(inprog.map(({ command }: Document) => Object.keys(command)[0])).to.deep.equal(['currentOp']);
    const elsewhere = database.aggregate([{ $currentOp: {} }]).toArray();
    expect((await rejection(elsewhere)).code).to.equal(73);
  });

  it('mongosh finds sessions, users, roles and the profiler as they are: nothing to see', async () => {
    expect((await database.command({ startSession: 1 })).timeoutMinutes).to.equal(30);
    for (const name of ['refreshSessions', 'endSessions', 'killSessions', 'killAllSessions'])
      expect((await admin.command({ [name]: [] })).ok).to.equal(1);
    expect((await database.command({ usersInfo: 1 })).users).to.deep.equal([]);
    expect((await database.command({ rolesInfo: 1, showBuiltinRoles: true })).roles).to.deep.equal([]);
    expect((await database.command({ logout: 1 })).ok).to.equal(1);
    expect((await database.command({ profile: -1 })).was).to.equal(0);
    expect((await database.command({ profile: 0 })).was).to.equal(0);
    expect((await rejection(database.command({ profile: 2 }))).code).to.equal(115);
    expect((await admin.command({ fsync: 1 })).ok).to.equal(1);
    expect((await rejection(admin.command({ fsync: 1, lock: true }))).code).to.equal(115);
    expect((await rejection(admin.command({ fsyncUnlock: 1 }))).code).to.equal(20);
  });

  it('mongosh lists the commands, and every one of them is there', async () => {
    const { commands } = await database.command({ listCommands: 1 });
    for (const name of Object.keys(commands)) {
      const { help } = await admin.command({ [name]: 1, help: true });
      expect([name, help]).to.deep.equal([name, commands[name].help]);
    }
    expect(commands.listDatabases.adminOnly).to.equal(true);
  });
});
