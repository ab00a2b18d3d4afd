import { expect } from 'chai';
import type { Collection, Db, Document } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

interface PlanStage {
  stage: string;
  indexName?: string;
  direction?: string;
  inputStage?: PlanStage;
}

function stages(plan: PlanStage): string[] {
  return [plan.stage, ...(plan.inputStage ? stages(plan.inputStage) : [])];
}

function indexOf(plan: PlanStage): string | undefined {
  return plan.indexName ?? (plan.inputStage && indexOf(plan.inputStage));
}

describe('store: indexes', () => {
  let mongo: TestMongo;
  let database: Db;
  let rows: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
  });
  beforeEach(() => {
    rows = database.collection(`rows${Math.random().toString(36).slice(2)}`);
  });
  after(() => mongo.close());

  it('serves a page by (conversation, seq) by reading about a page', async () => {
    await rows.createIndex({ conversation: 1, seq: 1 });
    await rows.insertMany(
      Array.from({ length: 3000 }, (_, i) => ({
        conversation: i % 3,
        seq: Math.floor(i / 3),
        text: `t${i}`,
      })),
    );
    const page = rows
      .find({ conversation: 1, seq: { $lt: 900 } })
      .sort({ seq: -1 })
      .limit(50);
    expect((await page.clone().toArray()).map((row) => row.seq)).to.deep.equal(
      Array.from({ length: 50 }, (_, i) => 899 - i),
    );
    const explained = await page.explain('executionStats');
    expect(indexOf(explained.queryPlanner.winningPlan)).to.equal('conversation_1_seq_1');
    expect(stages(explained.queryPlanner.winningPlan)).not.to.include('SORT');
    expect(explained.executionStats.totalDocsExamined).to.be.at.most(60);
    expect(explained.executionStats.totalKeysExamined).to.be.at.most(60);
  });

  it('uses an index forwards and backwards for a sort alone, and scans without one', async () => {
    await rows.createIndex({ a: 1, b: -1 });
    await rows.insertMany(Array.from({ length: 200 }, (_, i) => ({ a: i % 7, b: i, c: i })));
    for (const sort of [{ a: 1, b: -1 } as const, { a: -1, b: 1 } as const]) {
      const plan = await rows.find().sort(sort).limit(10).explain('executionStats');
      expect(indexOf(plan.queryPlanner.winningPlan)).to.equal('a_1_b_-1');
      expect(plan.executionStats.totalDocsExamined).to.be.at.most(20);
    }
    const mixed = await rows.find().sort({ a: 1, b: 1 }).explain();
    expect(stages(mixed.queryPlanner.winningPlan)).to.include('SORT');
    const scan = await rows.find({ c: 5 }).explain();
    expect(stages(scan.queryPlanner.winningPlan)).to.include('COLLSCAN');
  });

  it('finds what begins with letters of any script by reading little', async () => {
    await rows.createIndex({ v: 1 });
    const words = ['東京都庁', 'мост', '🚀 day', '𠮷野家', 'e\u0301t\u00e9'];
    await rows.insertMany(
      Array.from({ length: 500 }, (_, i) => ({ v: `${words[i % words.length]}${i}` })).concat([{ v: '𠮶' }]),
    );
    for (const [pattern, count] of [
      ['^東京', 100],
      ['^мо', 100],
      ['^🚀', 100],
      ['^𠮷', 100],
      ['^e\u0301', 100],
      ['^𠮷?野', 100],
      ['^𠮷*', 501],
    ] as const) {
      const explained = await rows.find({ v: { $regex: pattern } }).explain('executionStats');
      expect(explained.executionStats.nReturned, pattern).to.equal(count);
      // What may be absent says nothing of the beginning.
      if (!/[?*]/.test(pattern))
        expect(explained.executionStats.totalDocsExamined, pattern).to.be.at.most(count + 1);
    }
  });

  it('counts by the keys of an index what a look at the documents counts', async () => {
    const counts = async () => {
      const found: number[] = [];
      for (const filter of [
        { a: 'x' },
        { a: 'x', b: 'y' },
        { b: 'y', a: 'x' },
        { a: 'x', b: 1 },
        { a: 'x', b: null },
        { a: 'nobody' },
        { a: 'long'.repeat(400) },
      ])
        for (const options of [{}, { skip: 2 }, { limit: 3 }, { skip: 50, limit: 60 }, { skip: 5_000 }])
          found.push(await rows.countDocuments(filter, options));
      return found;
    };
    const rowOf = (i: number): Document => ({ a: i % 3 ? 'x' : 'z', ...(i % 4 && { b: i % 8 ? 'y' : 1 }) });
    await rows.insertMany(Array.from({ length: 400 }, (_, i) => rowOf(i)));
    const plain = await counts();
    expect(Math.max(...plain)).to.be.above(200);
    await rows.createIndex({ a: 1, b: 1, _id: 1 });
    expect(await counts()).to.deep.equal(plain);
    for (const more of [{ a: 'x', b: ['y', 'y', 'w'] }, { a: 'long'.repeat(400) }, { a: ['x', 'w'] }]) {
      await rows.insertOne(more);
      const indexed = await counts();
      await rows.dropIndexes();
      expect(indexed, JSON.stringify(more)).to.deep.equal(await counts());
      await rows.createIndex({ a: 1, b: 1, _id: 1 });
    }
  });

  it('gives the same answers with an index as without', async () => {
    const values: unknown[] = [
      null,
      1,
      2,
      2.5,
      -3,
      'a',
      'b',
      '',
      true,
      false,
      new Date(5),
      [1, 2],
      [],
      ['a', 'z'],
      { x: 1 },
      [[1]],
    ];
    await rows.insertMany([...values.map((v, n) => ({ n, v, w: n % 3 })), { n: 100, w: 1 }]);
    const filters: Document[] = [
      { v: null },
      { v: 2 },
      { v: { $in: [1, 'a', null] } },
      { v: { $gt: 1 } },
      { v: { $gte: 1, $lt: 2.5 } },
      { v: { $lt: 'b' } },
      { v: { $gte: null } },
      { v: { $ne: 1 } },
      { v: { $nin: [1, null] } },
      { v: { $exists: true } },
      { v: { $exists: false } },
      { v: [1, 2] },
      { v: [] },
      { v: { $elemMatch: { $gt: 1 } } },
      { v: { $all: [1, 2] } },
      { v: { $size: 0 } },
      { v: { x: 1 } },
      { v: /^a/ },
      { v: { $type: 'string' } },
      { v: { $lte: new Date(9) } },
      { v: { $not: { $gt: 1 } } },
      { $or: [{ v: 1 }, { v: 'b' }] },
      { $and: [{ v: { $gt: 0 } }, { v: { $lt: 2 } }] },
      { w: 1, v: { $gt: 0 } },
      { v: true },
    ];
    const answers = async (): Promise<number[][]> => {
      const all: number[][] = [];
      for (const filter of filters)
        all.push((await rows.find(filter).sort({ n: 1 }).toArray()).map((row) => row.n));
      return all;
    };
    const without = await answers();
    await rows.createIndex({ v: 1 });
    expect(await answers()).to.deep.equal(without);
    await rows.dropIndexes();
    await rows.createIndex({ w: 1, v: -1 });
    expect(await answers()).to.deep.equal(without);
  });

  it('sorts by type as MongoDB does, with and without an index', async () => {
    const values = [5, 'a', null, true, new Date(0), { a: 1 }, -1, 'B', false, 2.5, [9], []];
    await rows.insertMany(values.map((v) => ({ v })));
    await rows.insertOne({ missing: 1 });
    const sorted = (await rows.find().sort({ v: 1, _id: 1 }).toArray()).map((row) => row.v);
    expect(sorted).to.deep.equal([
      [],
      null,
      undefined,
      -1,
      2.5,
      5,
      [9],
      'B',
      'a',
      { a: 1 },
      false,
      true,
      new Date(0),
    ]);
  });

  it('finds array elements through a multikey index, and only once', async () => {
    await rows.createIndex({ 'items.sku': 1, 'items.n': 1 });
    await rows.insertOne({
      _id: 1 as never,
      items: [
        { sku: 'a', n: 1 },
        { sku: 'b', n: 2 },
        { sku: 'a', n: 3 },
      ],
    });
    expect(await rows.countDocuments({ 'items.sku': { $in: ['a', 'b'] } })).to.equal(1);
    expect(await rows.countDocuments({ 'items.sku': 'a', 'items.n': 2 })).to.equal(1);
    expect(await rows.countDocuments({ items: { $elemMatch: { sku: 'a', n: 2 } } })).to.equal(0);
    expect(await rows.countDocuments({ items: { $elemMatch: { sku: 'a', n: 3 } } })).to.equal(1);
    await rows.createIndex({ 'x.p': 1, 'y.p': 1 });
    const error = await rejection(rows.insertOne({ x: [{ p: 1 }], y: [{ p: 1 }] }));
    expect(error.code).to.equal(171);
  });

  it('keeps unique keys unique for inserts, updates and upserts', async () => {
    await rows.createIndex({ name: 1, part: 1 }, { unique: true });
    await rows.insertOne({ name: 'a', part: 1 });
    await rows.insertOne({ name: 'a', part: 2 });
    const insert = await rejection(rows.insertOne({ name: 'a', part: 2 }));
    expect(insert).to.deep.include({
      code: 11000,
      keyPattern: { name: 1, part: 1 },
      keyValue: { name: 'a', part: 2 },
    });
    const update = await rejection(rows.updateOne({ part: 1 }, { $set: { part: 2 } }));
    expect(update.code).to.equal(11000);
    const upsert = await rejection(
      rows.findOneAndUpdate({ name: 'b' }, { $set: { name: 'a', part: 1 } }, { upsert: true }),
    );
    expect(upsert.code).to.equal(11000);
    await rows.updateOne({ part: 1 }, { $set: { part: 3 } });
    await rows.insertOne({ name: 'a', part: 1 });
    expect(await rows.countDocuments()).to.equal(3);
    await rows.insertOne({ part: 1 });
    expect((await rejection(rows.insertOne({ part: 1 }))).code).to.equal(11000);
  });

  it('leaves documents without the field, or outside the partial filter, out of a unique index', async () => {
    await rows.createIndex({ email: 1 }, { unique: true, sparse: true });
    await rows.createIndex(
      { handle: 1 },
      { unique: true, partialFilterExpression: { handle: { $type: 'string' } } },
    );
    await rows.insertMany([{ n: 1 }, { n: 2 }, { n: 3, handle: null }, { n: 4, handle: null }]);
    await rows.insertOne({ n: 5, email: 'e', handle: 'h' });
    expect((await rejection(rows.insertOne({ email: 'e' }))).code).to.equal(11000);
    expect((await rejection(rows.insertOne({ handle: 'h' }))).code).to.equal(11000);
    expect(await rows.countDocuments({ email: { $exists: false } })).to.equal(4);
    expect(await rows.countDocuments({ handle: null })).to.equal(4);
    expect(
      await rows
        .find({ handle: 'h' })
        .explain()
        .then((plan) => indexOf(plan.queryPlanner.winningPlan)),
    ).to.equal('handle_1');
  });

  it('refuses to build a unique index over duplicates and leaves nothing of it', async () => {
    await rows.insertMany([{ k: 1 }, { k: 2 }, { k: 1 }]);
    const error = await rejection(rows.createIndex({ k: 1 }, { unique: true }));
    expect(error.code).to.equal(11000);
    expect((await rows.indexes()).map((index) => index.name)).to.deep.equal(['_id_']);
    await rows.insertOne({ k: 1 });
    await rows.createIndex({ k: 1 });
    expect(await rows.countDocuments({ k: 1 })).to.equal(3);
  });

  it('accepts the same index again and refuses one that differs', async () => {
    await rows.createIndex({ a: 1 });
    await rows.createIndex({ a: 1 });
    expect((await rejection(rows.createIndex({ a: 1 }, { name: 'other' }))).code).to.equal(85);
    expect((await rejection(rows.createIndex({ a: 1 }, { unique: true }))).code).to.equal(86);
    expect((await rejection(rows.createIndex({ b: 1 }, { name: 'a_1' }))).code).to.equal(86);
    expect((await rejection(rows.dropIndex('nope'))).code).to.equal(27);
    expect((await rejection(database.collection('absent').indexes())).code).to.equal(26);
    expect(
      (
        await rejection(
          database
            .createCollection(rows.collectionName, {})
            .then(() => database.command({ create: rows.collectionName })),
        )
      ).code,
    ).to.equal(48);
  });

  it('stays in step with updates and deletes', async () => {
    await rows.createIndex({ tags: 1 });
    await rows.insertMany(
      Array.from({ length: 60 }, (_, i) => ({ _id: i as never, tags: [`t${i % 4}`, 'all'] })),
    );
    await rows.updateMany({ tags: 't1' }, { $push: { tags: 'extra' } as never });
    await rows.updateMany({ tags: 't2' }, { $pull: { tags: 'all' } as never });
    await rows.deleteMany({ tags: 't3' });
    expect(await rows.countDocuments({ tags: 'extra' })).to.equal(15);
    expect(await rows.countDocuments({ tags: 'all' })).to.equal(30);
    expect(await rows.countDocuments({ tags: 't3' })).to.equal(0);
  });

  it('answers long keys exactly, though they are stored shortened', async () => {
    await rows.createIndex({ text: 1 }, { unique: true });
    const long = 'x'.repeat(5000);
    await rows.insertMany([`${long}a`, `${long}b`, 'x', `${long}`, 'y'].map((text) => ({ text })));
    expect((await rejection(rows.insertOne({ text: `${long}a` }))).code).to.equal(11000);
    expect(await rows.countDocuments({ text: `${long}b` })).to.equal(1);
    expect(await rows.countDocuments({ text: { $gt: long } })).to.equal(3);
    const sorted = (await rows.find().sort({ text: 1 }).toArray()).map((row) => row.text.slice(4998));
    expect(sorted).to.deep.equal(['', 'xx', 'xxa', 'xxb', '']);
  });

  it('lists collections, databases and indexes, and drops them', async () => {
    await rows.createIndex({ a: 1 }, { expireAfterSeconds: 60 });
    await rows.insertOne({ a: new Date() });
    expect(await database.listCollections({ name: rows.collectionName }).toArray()).to.have.length(1);
    expect((await rows.indexes()).map((index) => [index.name, index.expireAfterSeconds])).to.deep.equal([
      ['_id_', undefined],
      ['a_1', 60],
    ]);
    const { databases } = await mongo.client.db('admin').admin().listDatabases();
    expect(databases.map(({ name }) => name)).to.include(database.databaseName);
    await rows.drop();
    expect(await database.listCollections({ name: rows.collectionName }).toArray()).to.deep.equal([]);
    await rows.insertOne({ fresh: true });
    expect(await rows.countDocuments()).to.equal(1);
  });
});
