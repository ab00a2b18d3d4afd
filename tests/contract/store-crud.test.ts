import { expect } from 'chai';
import { type Collection, Decimal128, type Document, Double, Int32, Long, ObjectId } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

describe('store: reading and writing through the driver', () => {
  let mongo: TestMongo;
  let things: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
  });
  beforeEach(() => {
    things = mongo.newDatabase().collection('things');
  });
  after(() => mongo.close());

  it('gives back what was inserted, with the types it was inserted with', async () => {
    const document = {
      _id: new ObjectId(),
      int: new Int32(5),
      double: new Double(5),
      long: Long.fromNumber(5),
      big: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.50'),
      text: 'grüße\u{1f600}',
      nested: { list: [1, 'two', null, { three: 3 }] },
      at: new Date(1234567890123),
      pattern: /a.b/i,
      nothing: null,
    };
    await things.insertOne(document);
    const raw = await things.findOne({ _id: document._id }, { promoteValues: false });
    expect(raw?.int).to.be.instanceOf(Int32);
    expect(raw?.double).to.be.instanceOf(Double);
    expect(raw?.long).to.be.instanceOf(Long);
    expect(raw?.decimal.toString()).to.equal('1.50');
    expect(String(raw?.big)).to.equal('9007199254740993');
    const plain = await things.findOne({ text: document.text });
    expect(plain?.nested).to.deep.equal(document.nested);
    expect(plain?.at).to.deep.equal(document.at);
    expect(plain?.pattern).to.deep.equal(document.pattern);
  });

  it('keeps the types of fields an update does not touch', async () => {
    await things.insertOne({
      _id: 1 as never,
      long: Long.fromNumber(7),
      double: new Double(2),
      count: new Int32(1),
    });
    await things.updateOne({ _id: 1 as never }, { $inc: { count: 1 }, $set: { extra: true } });
    const raw = await things.findOne({ _id: 1 as never }, { promoteValues: false });
    expect(raw?.long).to.be.instanceOf(Long);
    expect(raw?.double).to.be.instanceOf(Double);
    expect(raw?.count).to.deep.equal(new Int32(2));
    expect(await things.countDocuments({ long: { $type: 'long' }, double: { $type: 'double' } })).to.equal(1);
  });

  it('widens numbers as MongoDB does when they are incremented', async () => {
    await things.insertOne({
      _id: 1 as never,
      int: new Int32(2147483647),
      long: Long.fromNumber(1),
      int2: new Int32(1),
    });
    await things.updateOne({ _id: 1 as never }, { $inc: { int: 1, long: 1, int2: new Double(0.5) } });
    const raw = await things.findOne({ _id: 1 as never }, { promoteValues: false });
    expect(raw?.int).to.deep.equal(Long.fromString('2147483648'));
    expect(raw?.long).to.deep.equal(Long.fromNumber(2));
    expect(raw?.int2).to.deep.equal(new Double(1.5));
  });

  it('adds an _id in front when there is none', async () => {
    await mongo.client
      .db(things.dbName)
      .command({ insert: things.collectionName, documents: [{ b: 1 }, { b: 2, _id: 'given' }] });
    const rows = await things.find().sort({ b: 1 }).toArray();
    expect(rows.map((row) => Object.keys(row))).to.deep.equal([
      ['_id', 'b'],
      ['_id', 'b'],
    ]);
    expect(rows[0]?._id).to.be.instanceOf(ObjectId);
    expect(rows[1]?._id).to.equal('given');
  });

  it('refuses a second document with the same _id and names the key', async () => {
    await things.insertOne({ _id: 'x' as never });
    const error = await rejection(things.insertOne({ _id: 'x' as never }));
    expect(error.code).to.equal(11000);
    expect(error.keyPattern).to.deep.equal({ _id: 1 });
    expect(error.keyValue).to.deep.equal({ _id: 'x' });
    expect(error.message).to.equal(
      `E11000 duplicate key error collection: ${things.namespace} index: _id_ dup key: { _id: "x" }`,
    );
  });

  it('stops an ordered insertMany at the first refusal and goes on with an unordered one', async () => {
    const rows = [1, 2, 2, 3].map((_id) => ({ _id: _id as never }));
    const ordered = await rejection(things.insertMany(rows));
    expect(ordered.code).to.equal(11000);
    expect(await things.countDocuments()).to.equal(2);
    await things.deleteMany({});
    const unordered = await rejection(things.insertMany(rows, { ordered: false }));
    expect(unordered.writeErrors).to.have.length(1);
    expect(await things.countDocuments()).to.equal(3);
  });

  it('refuses a document over 16 MB with its own code', async () => {
    const reply = await mongo.client.db(things.dbName).command({
      insert: things.collectionName,
      documents: [{ _id: 1, text: 'x'.repeat(16 * 1024 * 1024 - 10) }],
    });
    expect(reply.writeErrors[0].code).to.equal(10334);
    expect(await things.countDocuments()).to.equal(0);
  });

  it('upserts once with the values the filter fixes and $setOnInsert', async () => {
    const first = await things.updateOne(
      { name: 'a', kind: { $eq: 'k' }, size: { $gt: 3 } },
      { $set: { n: 1 }, $setOnInsert: { made: true } },
      { upsert: true },
    );
    expect(first.upsertedCount).to.equal(1);
    const row = await things.findOne({ _id: first.upsertedId as never });
    expect(row).to.deep.include({ name: 'a', kind: 'k', n: 1, made: true });
    expect(row).not.to.have.property('size');
    const again = await things.updateOne({ name: 'a' }, { $set: { n: 2 } }, { upsert: true });
    expect([again.matchedCount, again.modifiedCount, again.upsertedCount]).to.deep.equal([1, 1, 0]);
  });

  it('takes the _id of an upsert from its filter', async () => {
    await things.updateOne({ _id: 'key' as never }, { $inc: { n: 1 } }, { upsert: true });
    await things.replaceOne({ _id: 'other' as never }, { n: 5 }, { upsert: true });
    expect(await things.find().sort({ _id: 1 }).toArray()).to.deep.equal([
      { _id: 'key', n: 1 },
      { _id: 'other', n: 5 },
    ]);
  });

  it('counts a change that changes nothing as matched, not modified', async () => {
    await things.insertOne({ _id: 1 as never, a: 1 });
    const result = await things.updateOne({ _id: 1 as never }, { $set: { a: 1 } });
    expect([result.matchedCount, result.modifiedCount]).to.deep.equal([1, 0]);
  });

  it('refuses to change an _id', async () => {
    await things.insertOne({ _id: 1 as never });
    const error = await rejection(things.updateOne({ _id: 1 as never }, { $set: { _id: 2 as never } }));
    expect(error.code).to.equal(66);
  });

  it('returns the old or the new version from findOneAndUpdate, sorted and projected', async () => {
    await things.insertMany([
      { _id: 1 as never, g: 'x', n: 1 },
      { _id: 2 as never, g: 'x', n: 2 },
    ]);
    const old = await things.findOneAndUpdate({ g: 'x' }, { $inc: { n: 10 } }, { sort: { n: -1 } });
    expect(old).to.deep.equal({ _id: 2, g: 'x', n: 2 });
    const fresh = await things.findOneAndUpdate(
      { g: 'x' },
      { $inc: { n: 10 } },
      { sort: { n: -1 }, returnDocument: 'after', projection: { n: 1, _id: 0 } },
    );
    expect(fresh).to.deep.equal({ n: 22 });
    expect(await things.findOneAndUpdate({ g: 'none' }, { $set: { n: 1 } })).to.equal(null);
    expect(await things.findOneAndDelete({ g: 'x' }, { sort: { n: 1 } })).to.deep.equal({
      _id: 1,
      g: 'x',
      n: 1,
    });
    expect(
      await things.findOneAndReplace({ _id: 2 as never }, { z: 1 }, { returnDocument: 'after' }),
    ).to.deep.equal({
      _id: 2,
      z: 1,
    });
  });

  it('makes one document of twenty upserts at once, and counts every one of them', async () => {
    await things.createIndex({ name: 1 }, { unique: true });
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        things.findOneAndUpdate(
          { name: 'only' },
          { $inc: { n: 1 } },
          { upsert: true, returnDocument: 'after' },
        ),
      ),
    );
    expect(results.map((row) => row?.n).sort((a, b) => a - b)).to.deep.equal(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(await things.countDocuments({ name: 'only' })).to.equal(1);
  });

  it('runs a mixed bulk in order and reports what each kind did', async () => {
    const result = await things.bulkWrite([
      { insertOne: { document: { _id: 1 as never, n: 1 } } },
      { updateOne: { filter: { _id: 1 as never }, update: { $inc: { n: 1 } } } },
      { updateMany: { filter: { n: { $gt: 0 } }, update: { $set: { seen: true } } } },
      { replaceOne: { filter: { _id: 2 as never }, replacement: { n: 9 }, upsert: true } },
      { deleteOne: { filter: { _id: 1 as never } } },
    ]);
    expect([
      result.insertedCount,
      result.modifiedCount,
      result.upsertedCount,
      result.deletedCount,
    ]).to.deep.equal([1, 2, 1, 1]);
    expect(result.upsertedIds).to.deep.equal({ 3: 2 });
    const error = await rejection(
      things.bulkWrite(
        [
          { insertOne: { document: { _id: 2 as never } } },
          { updateOne: { filter: { _id: 2 as never }, update: { $bad: { n: 1 } } as never } },
          { updateOne: { filter: { _id: 2 as never }, update: { $set: { n: 10 } } } },
        ],
        { ordered: false },
      ),
    );
    expect(error.writeErrors).to.have.length(2);
    expect(await things.findOne({ _id: 2 as never })).to.deep.equal({ _id: 2, n: 10 });
  });

  it('hands a long result out in batches and forgets a killed cursor', async () => {
    await things.insertMany(Array.from({ length: 1000 }, (_, n) => ({ n })));
    const cursor = things.find({}, { batchSize: 7 }).sort({ n: 1 });
    const seen: number[] = [];
    for await (const row of cursor) seen.push(row.n);
    expect(seen).to.deep.equal(Array.from({ length: 1000 }, (_, n) => n));
    const reply = await mongo.client
      .db(things.dbName)
      .command({ find: things.collectionName, filter: {}, batchSize: 2 });
    await mongo.client
      .db(things.dbName)
      .command({ killCursors: things.collectionName, cursors: [reply.cursor.id] });
    const error = await rejection(
      mongo.client
        .db(things.dbName)
        .command({ getMore: Long.fromBits(7, 7), collection: things.collectionName }),
    );
    expect(error.code).to.equal(43);
  });

  it('skips, limits and projects', async () => {
    await things.insertMany(
      Array.from({ length: 10 }, (_, n) => ({ _id: n as never, n, a: { b: n, c: 1 }, l: [1, 2, 3] })),
    );
    expect(
      await things
        .find({}, { projection: { 'a.b': 1 } })
        .sort({ n: 1 })
        .skip(3)
        .limit(2)
        .toArray(),
    ).to.deep.equal([
      { _id: 3, a: { b: 3 } },
      { _id: 4, a: { b: 4 } },
    ]);
    expect(await things.findOne({ n: 1 }, { projection: { a: 0, _id: 0 } })).to.deep.equal({
      n: 1,
      l: [1, 2, 3],
    });
    expect(await things.findOne({ n: 1 }, { projection: { l: { $slice: -1 }, n: 1 } })).to.deep.include({
      l: [3],
    });
    expect(await things.findOne({ n: 1 }, { projection: { l: { $elemMatch: { $gt: 1 } } } })).to.deep.equal({
      _id: 1,
      l: [2],
    });
    expect(await things.countDocuments({ n: { $gte: 4 } }, { skip: 1, limit: 3 })).to.equal(3);
    expect(await things.estimatedDocumentCount()).to.equal(10);
    expect(await things.distinct('l')).to.deep.equal([1, 2, 3]);
    expect(await things.distinct('n', { n: { $lt: 3 } })).to.deep.equal([0, 1, 2]);
  });

  it('changes single documents of a large collection without an index', async () => {
    await things.insertMany(Array.from({ length: 2500 }, (_, n) => ({ n, group: n % 5 })));
    expect((await things.updateOne({ n: 2400 }, { $set: { seen: 1 } })).modifiedCount).to.equal(1);
    const last = await things.findOneAndUpdate({ group: 4 }, { $set: { seen: 2 } }, { sort: { n: -1 } });
    expect(last?.n).to.equal(2499);
    expect((await things.deleteOne({ n: 2399 })).deletedCount).to.equal(1);
    expect((await things.deleteOne({ n: 2399 })).deletedCount).to.equal(0);
    expect(
      (await things.updateOne({ n: -1 }, { $set: { made: true } }, { upsert: true })).upsertedCount,
    ).to.equal(1);
    expect((await things.updateMany({ group: 3 }, { $set: { wide: true } })).modifiedCount).to.equal(500);
    expect((await things.deleteMany({ group: { $lt: 2 } })).deletedCount).to.equal(1000);
    expect(await things.countDocuments({ $or: [{ seen: 2 }, { made: true }] })).to.equal(2);
    expect(await things.estimatedDocumentCount()).to.equal(1500);
  });

  it('lets a later statement of a bulk see what an earlier one did', async () => {
    const result = await things.bulkWrite([
      { updateOne: { filter: { k: 1 }, update: { $set: { n: 1 } }, upsert: true } },
      { updateOne: { filter: { k: 1 }, update: { $inc: { n: 1 } } } },
      { updateMany: { filter: { k: 1 }, update: { $inc: { n: 1 } } } },
      { updateOne: { filter: { k: 1 }, update: { $inc: { n: 1 } } } },
    ]);
    expect(result.modifiedCount).to.equal(3);
    expect((await things.findOne({ k: 1 }))?.n).to.equal(4);
  });

  it('does not wait for an unacknowledged write', async () => {
    await things.insertOne({ _id: 1 as never }, { writeConcern: { w: 0 } });
    await things.insertOne({ _id: 2 as never });
    for (let tries = 0; tries < 50 && (await things.countDocuments({})) < 2; tries++);
    expect(await things.countDocuments({})).to.equal(2);
  });
});
