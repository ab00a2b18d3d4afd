import { expect } from 'chai';
import type { Collection, Db, Document } from 'mongodb';
import mongoose, { Schema } from 'mongoose';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

const LETTERS = { locale: 'en', strength: 1 } as const;
const ACCENTS = { locale: 'en', strength: 2 } as const;

interface PlanStage {
  stage: string;
  indexName?: string;
  inputStage?: PlanStage;
}

function stagesOf(plan: PlanStage): string[] {
  return [plan.indexName ?? plan.stage, ...(plan.inputStage ? stagesOf(plan.inputStage) : [])];
}

describe('store: comparing texts without regard to case', () => {
  let mongo: TestMongo;
  let database: Db;
  let rows: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
  });
  beforeEach(() => {
    database = mongo.newDatabase();
    rows = database.collection('rows');
  });
  after(() => mongo.close());

  const store = (...values: unknown[]): Promise<unknown> =>
    rows.insertMany(values.map((v, i) => ({ _id: i as never, v })));
  const ids = async (filter: Document, collation: Document): Promise<number[]> =>
    (await rows.find(filter, { collation: collation as never, sort: { _id: 1 } }).toArray()).map(
      (row) => row._id as unknown as number,
    );
  const planOf = async (filter: Document, options: Document): Promise<string[]> => {
    const explained = await rows.find(filter, options).explain('queryPlanner');
    return stagesOf(explained.queryPlanner.winningPlan);
  };

  it('takes texts for equal in every operator, and accents as well with strength 1', async () => {
    await store('Émil', 'emil', 'EMIL', ['x', 'Emil'], { name: 'EMIL' }, [{ name: 'emil' }], 5, null);
    expect(await ids({ v: 'emil' }, ACCENTS)).to.deep.equal([1, 2, 3]);
    expect(await ids({ v: 'emil' }, LETTERS)).to.deep.equal([0, 1, 2, 3]);
    expect(await ids({ v: { $in: ['EMIL', 5, null] } }, ACCENTS)).to.deep.equal([1, 2, 3, 6, 7]);
    expect(await ids({ v: { $ne: 'eMIL' } }, ACCENTS)).to.deep.equal([0, 4, 5, 6, 7]);
    expect(await ids({ v: { $nin: ['emil', null] } }, LETTERS)).to.deep.equal([4, 5, 6]);
    expect(await ids({ v: { $all: ['X', 'eMil'] } }, ACCENTS)).to.deep.equal([3]);
    expect(await ids({ v: { $elemMatch: { $eq: 'EMIL' } } }, ACCENTS)).to.deep.equal([3]);
    expect(await ids({ v: { $elemMatch: { name: 'Emil' } } }, ACCENTS)).to.deep.equal([5]);
    expect(await ids({ v: { name: 'emil' } }, ACCENTS)).to.deep.equal([4, 5]);
    expect(await ids({ v: { $not: { $eq: 'EMIL' } } }, ACCENTS)).to.deep.equal([0, 4, 5, 6, 7]);
    expect(await ids({ $or: [{ v: 'EMIL' }, { v: 5 }] }, ACCENTS)).to.deep.equal([1, 2, 3, 6]);
    expect(await ids({ v: 'emil' }, { locale: 'simple' })).to.deep.equal([1]);
  });

  it('never applies to regular expressions and to the names of fields', async () => {
    await store('Emil', 'emil', { Name: 'x' });
    expect(await ids({ v: /^e/ }, ACCENTS)).to.deep.equal([1]);
    expect(await ids({ v: { $in: [/^E/] } }, ACCENTS)).to.deep.equal([0]);
    expect(await ids({ 'v.name': 'X' }, ACCENTS)).to.deep.equal([]);
    expect(await ids({ 'v.Name': 'X' }, ACCENTS)).to.deep.equal([2]);
    await rows.createIndex({ v: 1 }, { collation: ACCENTS });
    expect(await ids({ v: /^e/ }, ACCENTS)).to.deep.equal([1]);
  });

  it('knows more than ASCII', async () => {
    const pairs: [string, string, boolean, boolean][] = [
      ['straße', 'STRAẞE', true, true],
      ['Straße', 'strasse', false, true],
      ['ΟΔΟΣ', 'οδος', true, true],
      ['İ', 'i\u0307', true, true],
      ['İ', 'i', false, true],
      ['ı', 'I', false, false],
      ['ＡＢＣ１', 'abc1', true, true],
      ['é', 'E\u0301', true, true],
      ['a\u200bb\u00ad', 'AB', true, true],
      ['Ёлка', 'ёлка', true, true],
      ['ёлка', 'елка', false, true],
      ['мой', 'мои', false, false],
      ['Ø', 'o', false, true],
      ['Łódź', 'lodz', false, true],
      ['Æ', 'ae', false, true],
      ['ﬁn', 'FIN', true, true],
      ['か', 'カ', true, true],
      ['٣', '3', true, true],
      ['K', 'k', true, true],
      ['a b', 'ab', false, false],
      ['a-b', 'ab', false, false],
    ];
    await store(...pairs.map(([text]) => text));
    for (const [i, [text, other, withAccents, letters]] of pairs.entries()) {
      const label = `${text} and ${other}`;
      expect((await ids({ _id: i, v: other }, ACCENTS)).length === 1, label).to.equal(withAccents);
      expect((await ids({ _id: i, v: other }, LETTERS)).length === 1, label).to.equal(letters);
    }
  });

  it('holds in count, distinct, update, delete, findAndModify and aggregate', async () => {
    const collation = ACCENTS;
    await store('a', 'A', 'b', ['B', 'c']);
    expect(await rows.countDocuments({ v: 'A' }, { collation })).to.equal(2);
    const counted = await database.command({ count: 'rows', query: { v: 'B' }, collation });
    expect(counted.n).to.equal(2);
    expect(await rows.distinct('v', {}, { collation })).to.have.members(['a', 'b', 'c']);
    expect((await rows.updateMany({ v: 'A' }, { $set: { seen: 1 } }, { collation })).modifiedCount).to.equal(
      2,
    );
    expect(
      (await rows.updateOne({ v: 'C' }, { $set: { 'v.$': 'd' } }, { collation })).modifiedCount,
    ).to.equal(1);
    const changed = await rows.findOneAndUpdate({ v: 'D' }, { $set: { n: 1 } }, { collation });
    expect(changed?.v).to.deep.equal(['B', 'd']);
    expect(await rows.findOneAndDelete({ v: 'D' }, { collation })).to.deep.include({ n: 1 });
    expect((await rows.deleteMany({ v: { $in: ['B', 'zz'] } }, { collation })).deletedCount).to.equal(1);
    const found = await rows
      .aggregate([{ $match: { v: 'A' } }, { $sort: { _id: -1 } }, { $project: { v: 1 } }], { collation })
      .toArray();
    expect(found.map((row) => row.v)).to.deep.equal(['A', 'a']);
    const number = await rows.aggregate([{ $match: { v: 'a' } }, { $count: 'n' }], { collation }).toArray();
    expect(number).to.deep.equal([{ n: 2 }]);
    const later = await rows
      .aggregate([{ $limit: 9 }, { $match: { v: 'A' } }, { $sort: { v: 1, _id: -1 } }], { collation })
      .toArray();
    expect(later.map((row) => row._id)).to.deep.equal([1, 0]);
  });

  it('finds an _id that differs in case, though the index of _id does not', async () => {
    await rows.insertMany([{ _id: 'Key' as never }, { _id: 'other' as never }, { _id: 7 as never }]);
    expect(await rows.findOne({ _id: 'KEY' as never }, { collation: ACCENTS })).to.deep.equal({ _id: 'Key' });
    expect(await rows.findOne({ _id: 'KEY' as never })).to.equal(null);
    expect(await rows.findOne({ _id: 7 as never }, { collation: ACCENTS })).to.deep.equal({ _id: 7 });
    expect(await ids({ _id: { $in: ['kEY', 7] } }, ACCENTS)).to.have.members(['Key', 7]);
    await rows.updateOne({ _id: 'KEY' as never }, { $set: { n: 1 } }, { collation: ACCENTS, upsert: true });
    expect(await rows.countDocuments()).to.equal(3);
  });

  it('uses an index of the same collation, and another one for values without texts only', async () => {
    await rows.insertMany(
      Array.from({ length: 50 }, (_, n) => ({ name: `Name${n}`, n, tags: [`T${n % 5}`] })),
    );
    await rows.createIndex({ name: 1 }, { collation: ACCENTS, name: 'folded' });
    expect(await planOf({ name: 'NAME7' }, { collation: ACCENTS })).to.include('folded');
    expect(await planOf({ name: { $in: ['NAME7', 'x'] } }, { collation: ACCENTS })).to.include('folded');
    for (const collation of [undefined, LETTERS, { locale: 'en_US', strength: 2 }]) {
      const plan = await planOf({ name: 'Name7' }, collation ? { collation } : {});
      expect(plan, JSON.stringify(collation)).to.include('COLLSCAN');
      expect(await planOf({ name: 7 }, collation ? { collation } : {})).to.include('folded');
    }
    const found = await rows.find({ name: 'nAmE7' }, { collation: ACCENTS }).toArray();
    expect(found.map((row) => row.n)).to.deep.equal([7]);
    await rows.createIndex({ name: 1 }, { name: 'simple' });
    expect(await planOf({ name: 'Name7' }, {})).to.include('simple');
    expect(await planOf({ name: 'Name7' }, { collation: ACCENTS })).to.include('folded');
  });

  it('obeys a hint, whatever the collation of the index', async () => {
    await store('a', 'A', 'b', 3);
    await rows.createIndex({ v: 1 }, { collation: ACCENTS, name: 'folded' });
    await rows.createIndex({ v: 1 }, { name: 'simple' });
    for (const hint of ['folded', 'simple']) {
      for (const [collation, expected] of [
        [ACCENTS, [0, 1]],
        [{ locale: 'simple' }, [0]],
      ] as const) {
        const found = await rows.find({ v: 'a' }, { collation: collation as never, hint }).toArray();
        expect(found.map((row) => row._id).sort(), hint).to.deep.equal(expected);
        expect(await planOf({ v: 'a' }, { collation, hint })).to.include(hint);
      }
    }
    const byKey = await rejection(rows.find({ v: 'a' }, { hint: { v: 1 } }).toArray());
    expect(byKey.code).to.equal(27);
  });

  it('gives the same answers with indexes of any collation as without', async () => {
    const values = [
      'a',
      'A',
      'á',
      'Á',
      'b',
      '',
      'ab',
      'aB',
      null,
      1,
      true,
      ['a', 'B'],
      ['A', 1],
      { t: 'A' },
      [[]],
    ];
    await rows.insertMany([...values.map((v, n) => ({ n, v, w: n % 2 })), { n: 99, w: 0 }]);
    const filters: Document[] = [
      { v: 'a' },
      { v: { $in: ['AB', 1, null] } },
      { v: { $ne: 'A' } },
      { v: { $nin: ['b', 'A'] } },
      { v: { $gt: 'a' } },
      { v: { $gte: 'A', $lt: 'B' } },
      { v: { $lte: 'aB' } },
      { v: { $all: ['a', 'b'] } },
      { v: ['A', 'b'] },
      { v: { t: 'a' } },
      { v: { $gte: { t: 'a' } } },
      { v: { $exists: true } },
      { v: { $type: 'string' } },
      { v: /^a/ },
      { v: { $elemMatch: { $gt: 'A' } } },
      { w: 1, v: 'a' },
      { w: 0, v: { $gt: 0 } },
      { $or: [{ v: 'B' }, { v: true }] },
      { v: { $not: { $in: ['a'] } } },
    ];
    const collations = [{ locale: 'simple' }, ACCENTS, LETTERS];
    const answers = async (): Promise<number[][]> => {
      const all: number[][] = [];
      for (const collation of collations) {
        for (const filter of filters) {
          const found = await rows.find(filter, { collation: collation as never, sort: { n: 1 } }).toArray();
          all.push(found.map((row) => row.n));
        }
      }
      return all;
    };
    const without = await answers();
    for (const collation of collations) {
      await rows.createIndex({ v: 1 }, { collation: collation as never });
      expect(await answers(), JSON.stringify(collation)).to.deep.equal(without);
      await rows.dropIndexes();
      await rows.createIndex({ w: 1, v: -1 }, { collation: collation as never });
      expect(await answers(), JSON.stringify(collation)).to.deep.equal(without);
      await rows.dropIndexes();
    }
  });

  it('orders texts as dictionaries do, in sorts and in ranges', async () => {
    await store('b', 'A', 'z', 'É', 'a', 'B', 'f', 10, 'e', null, '_');
    const sorted = async (options: Document): Promise<unknown[]> =>
      (await rows.find({}, { sort: { v: 1, _id: 1 }, ...options }).toArray()).map((row) => row.v);
    const ascending = [null, 10, '_', 'A', 'a', 'b', 'B', 'e', 'É', 'f', 'z'];
    expect(await sorted({ collation: ACCENTS })).to.deep.equal(ascending);
    const range = await rows.find({ v: { $gt: 'A', $lte: 'F' } }, { collation: ACCENTS }).toArray();
    expect(range.map((row) => row.v)).to.have.members(['b', 'B', 'e', 'É', 'f']);
    expect(await sorted({ collation: ACCENTS, limit: 5 })).to.deep.equal(ascending.slice(0, 5));
    await rows.createIndex({ v: 1 }, { collation: ACCENTS });
    await rows.createIndex({ v: 1 }, { name: 'bytes' });
    expect(await sorted({ collation: ACCENTS })).to.deep.equal(ascending);
    expect(await sorted({})).to.deep.equal([null, 10, 'A', 'B', '_', 'a', 'b', 'e', 'f', 'z', 'É']);
    const down = await rows
      .find({}, { sort: { v: -1, _id: -1 }, collation: ACCENTS, hint: 'bytes' })
      .toArray();
    expect(down.map((row) => row.v)).to.deep.equal([...ascending].reverse());
  });

  it('keeps folded keys unique and names the collation', async () => {
    await rows.createIndex({ email: 1 }, { unique: true, collation: ACCENTS });
    await rows.insertMany([{ email: 'Ada@Example.org' }, { email: 'bob' }, { email: 5 }]);
    const error = await rows.insertOne({ email: 'ADA@example.ORG' }).then(
      () => undefined,
      (refusal: unknown) => refusal,
    );
    expect(error).to.deep.include({ code: 11000, keyPattern: { email: 1 } });
    expect(error).to.have.property('collation').that.deep.includes({ locale: 'en', strength: 2 });
    expect(error).to.have.property('keyValue').that.has.all.keys('email');
    const message = error instanceof Error ? error.message : '';
    expect(message).to.match(
      /^E11000 duplicate key error collection: \S+ index: email_1 collation: \{ locale: "en"/,
    );
    expect(
      (await rejection(rows.updateOne({ email: 'bob' }, { $set: { email: 'ada@EXAMPLE.org' } }))).code,
    ).to.equal(11000);
    await rows.updateOne({ email: 'bob' }, { $set: { email: 'BOB' } });
    const upsert = rows.updateOne({ email: 'BoB' }, { $set: { n: 1 } }, { upsert: true });
    expect((await rejection(upsert)).code).to.equal(11000);
    const folded = await rows.updateOne(
      { email: 'BoB' },
      { $set: { n: 1 } },
      { upsert: true, collation: ACCENTS },
    );
    expect([folded.matchedCount, folded.upsertedCount]).to.deep.equal([1, 0]);
    await rows.insertOne({ email: 'ádá@example.org' });
    expect(
      (await rejection(rows.createIndex({ email: -1 }, { unique: true, collation: LETTERS }))).code,
    ).to.equal(11000);
    expect((await rows.indexes()).map((index) => index.name)).to.deep.equal(['_id_', 'email_1']);
  });

  it('reports an index with every field of its collation, and tells indexes apart by it', async () => {
    const full = {
      locale: 'en',
      caseLevel: false,
      caseFirst: 'off',
      strength: 2,
      numericOrdering: false,
      alternate: 'non-ignorable',
      maxVariable: 'punct',
      normalization: false,
      backwards: false,
      version: '57.1',
    };
    await rows.createIndex({ a: 1 }, { collation: ACCENTS });
    await rows.createIndex({ a: 1 }, { collation: full as never });
    expect((await rows.indexes())[1]).to.deep.equal({ v: 2, key: { a: 1 }, name: 'a_1', collation: full });
    expect((await rejection(rows.createIndex({ a: 1 }, { collation: LETTERS }))).code).to.equal(86);
    expect((await rejection(rows.createIndex({ a: 1 }))).code).to.equal(86);
    expect(
      (await rejection(rows.createIndex({ a: 1 }, { collation: ACCENTS, name: 'again' }))).code,
    ).to.equal(85);
    await rows.createIndex({ a: 1 }, { collation: LETTERS, name: 'letters' });
    await rows.createIndex({ a: 1 }, { collation: { locale: 'simple' }, name: 'simple' });
    expect(await rows.indexes()).to.have.length(4);
    expect((await rows.indexes())[3]).to.deep.equal({ v: 2, key: { a: 1 }, name: 'simple' });
    expect((await rejection(rows.dropIndex({ a: 1 } as never))).code).to.equal(181);
    await rows.dropIndex('letters');
    expect((await rejection(rows.createIndex({ _id: 1 }, { collation: ACCENTS }))).code).to.be.oneOf([2, 72]);
  });

  it('judges a partial filter by the collation of its index', async () => {
    await rows.createIndex(
      { n: 1 },
      { partialFilterExpression: { kind: 'Open' }, collation: ACCENTS, name: 'open', unique: true },
    );
    await rows.insertMany([
      { kind: 'open', n: 1 },
      { kind: 'closed', n: 1 },
      { kind: 'OPEN', n: 2 },
    ]);
    expect((await rejection(rows.insertOne({ kind: 'oPEN', n: 2 }))).code).to.equal(11000);
    expect(await planOf({ kind: 'OPEN', n: 2 }, { collation: ACCENTS })).to.include('open');
    expect(await planOf({ kind: 'Open', n: 2 }, {})).to.include('COLLSCAN');
    expect(await rows.countDocuments({ kind: 'oPen', n: { $gt: 0 } }, { collation: ACCENTS })).to.equal(2);
    expect(await rows.countDocuments({ kind: 'open', n: { $gt: 0 } })).to.equal(1);
  });

  it('compares what an update changes', async () => {
    const collation = ACCENTS;
    const change = async (update: Document, options: Document = {}): Promise<unknown> => {
      await rows.deleteMany({});
      await rows.insertOne({ _id: 1 as never, l: ['a', 'B', 'c'], s: 'm', d: [{ k: 'X', n: 1 }] });
      await rows.updateOne({ _id: 1 as never }, update, { collation, ...options });
      return rows.findOne({ _id: 1 as never });
    };
    expect(await change({ $addToSet: { l: 'b' } })).to.deep.include({ l: ['a', 'B', 'c'] });
    expect(await change({ $addToSet: { l: { $each: ['d', 'D'] } } })).to.deep.include({
      l: ['a', 'B', 'c', 'd'],
    });
    expect(await change({ $pull: { l: 'b' } })).to.deep.include({ l: ['a', 'c'] });
    expect(await change({ $pull: { l: { $in: ['A', 'C'] } } })).to.deep.include({ l: ['B'] });
    expect(await change({ $pull: { d: { k: 'x' } } })).to.deep.include({ d: [] });
    expect(await change({ $pullAll: { l: ['A', 'b'] } })).to.deep.include({ l: ['c'] });
    expect(await change({ $max: { s: 'N' } })).to.deep.include({ s: 'N' });
    expect(await change({ $min: { s: 'N' } })).to.deep.include({ s: 'm' });
    expect(await change({ $push: { l: { $each: [], $sort: -1 } } })).to.deep.include({ l: ['c', 'B', 'a'] });
    const filtered = await change({ $set: { 'd.$[x].n': 2 } }, { arrayFilters: [{ 'x.k': 'x' }] });
    expect(filtered).to.deep.include({ d: [{ k: 'X', n: 2 }] });
  });

  it('projects the elements that match by the collation', async () => {
    await rows.insertOne({ _id: 1 as never, l: [{ k: 'a' }, { k: 'B' }], m: ['x', 'Y'] });
    const shown = (filter: Document, projection: Document): Promise<unknown> =>
      rows.findOne(filter, { projection, collation: ACCENTS });
    expect(await shown({}, { l: { $elemMatch: { k: 'b' } } })).to.deep.equal({ _id: 1, l: [{ k: 'B' }] });
    expect(await shown({ m: 'y' }, { 'm.$': 1 })).to.deep.equal({ _id: 1, m: ['Y'] });
  });

  it('serves a mongoose schema with a folded unique field', async () => {
    const connection = await mongoose
      .createConnection(mongo.uri, { dbName: database.databaseName })
      .asPromise();
    try {
      const schema = new Schema<{ name: string }>({ name: String });
      schema.index({ name: 1 }, { unique: true, collation: ACCENTS });
      const People = connection.model('Person', schema);
      await People.init();
      expect(await People.diffIndexes()).to.deep.equal({ toDrop: [], toCreate: [] });
      await People.create({ name: 'Ada' });
      expect((await rejection(People.create({ name: 'ADA' }))).code).to.equal(11000);
      const found = await People.find({ name: 'aDA' }).collation(ACCENTS).sort({ name: 1 });
      expect(found.map((person) => person.name)).to.deep.equal(['Ada']);
      const filter = { name: 'aDA' };
      await People.findOneAndUpdate(filter, { $set: { name: 'Bob' } }, { collation: ACCENTS, upsert: true });
      expect(await People.countDocuments({ name: 'BOB' }).collation(ACCENTS)).to.equal(1);
    } finally {
      await connection.close();
    }
  });

  it('refuses other collations, and what would ignore this one', async function () {
    if (!mongo.embedded) this.skip();
    const refused: Document[] = [
      { locale: 'de', strength: 2 },
      { locale: 'en_US_POSIX', strength: 2 },
      { locale: 'en' },
      { locale: 'en', strength: 3 },
      { locale: 'en', strength: 2, caseLevel: true },
      { locale: 'en', strength: 2, numericOrdering: true },
      { locale: 'en', strength: 2, alternate: 'shifted' },
      { locale: 'en', strength: 2, backwards: true },
      { locale: 'en', strength: 2, caseFirst: 'upper' },
      { locale: 'en', strength: 2, version: '1' },
      { locale: 'en', strength: 2, nonsense: 1 },
      { strength: 2 },
    ];
    for (const collation of refused) {
      const query = await rejection(rows.find({}, { collation: collation as never }).toArray());
      expect(query.code, JSON.stringify(collation)).to.equal(2);
      expect(query.message).to.match(/point MONGODB_URI at MongoDB/);
      const index = await rejection(rows.createIndex({ a: 1 }, { collation: collation as never }));
      expect(index.code, JSON.stringify(collation)).to.equal(67);
    }
    const tolerated = { ...ACCENTS, caseFirst: 'off', maxVariable: 'space', normalization: true };
    expect(await rows.find({}, { collation: tolerated as never }).toArray()).to.deep.equal([]);
    const collation = ACCENTS;
    const expression = { $expr: { $eq: ['$v', 'a'] } };
    expect((await rejection(rows.find(expression, { collation }).toArray())).code).to.equal(2);
    const grouped = rows.aggregate([{ $group: { _id: '$v' } }], { collation }).toArray();
    expect((await rejection(grouped)).code).to.equal(2);
    const piped = rows.updateOne({}, [{ $set: { a: { $eq: ['$v', 'a'] } } }], { collation });
    expect((await rejection(piped)).code).to.equal(2);
  });
});
