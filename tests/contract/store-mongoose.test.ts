import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import mongoose, { type Connection, Schema } from 'mongoose';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

interface Person {
  name: string;
  email?: string;
  visits: number;
  tags: string[];
  address?: { city?: string };
}

const personSchema = new Schema<Person>(
  {
    name: { type: String, required: true, unique: true },
    email: { type: String, index: { unique: true, partialFilterExpression: { email: { $type: 'string' } } } },
    visits: { type: Number, default: 0 },
    tags: [String],
    address: { city: String },
  },
  { timestamps: true },
).index({ visits: -1, name: 1 });

describe('store: unmodified mongoose', () => {
  let mongo: TestMongo;
  let connection: Connection;

  before(async () => {
    mongo = await openTestMongo();
    const dbName = `mongoose_${randomBytes(6).toString('hex')}`;
    connection = await mongoose.createConnection(mongo.uri, { dbName, bufferCommands: false }).asPromise();
  });
  after(async () => {
    await connection.dropDatabase();
    await connection.close();
    await mongo.close();
  });

  it('creates collections and indexes from a schema, again and again', async () => {
    const People = connection.model('Person', personSchema);
    await People.init();
    await People.syncIndexes();
    expect(await People.diffIndexes()).to.deep.equal({ toDrop: [], toCreate: [] });
  });

  it('creates, reads, changes and removes documents', async () => {
    const People = connection.model<Person>('Person');
    const ada = await People.create({ name: 'Ada', email: 'ada@example.org', tags: ['x'] });
    ada.visits = 3;
    ada.tags.push('y');
    ada.address = { city: 'London' };
    await ada.save();
    const found = await People.findById(ada._id).lean();
    expect(found).to.deep.include({ name: 'Ada', visits: 3, tags: ['x', 'y'], address: { city: 'London' } });
    const updated = await People.findOneAndUpdate(
      { name: 'Ada' },
      { $inc: { visits: 1 } },
      { returnDocument: 'after' },
    );
    expect(updated?.visits).to.equal(4);
    expect(await People.exists({ 'address.city': 'London' })).not.to.equal(null);
    await People.deleteOne({ _id: ada._id });
    expect(await People.countDocuments()).to.equal(0);
  });

  it('reports a broken unique key the way mongoose users catch it', async () => {
    const People = connection.model<Person>('Person');
    await People.create([{ name: 'Bob' }, { name: 'Cid' }]);
    const error = await rejection(People.create({ name: 'Bob' }));
    expect(error).to.deep.include({ code: 11000, keyPattern: { name: 1 }, keyValue: { name: 'Bob' } });
    const saved = await rejection(People.updateOne({ name: 'Cid' }, { name: 'Bob' }));
    expect(saved.code).to.equal(11000);
    await People.insertMany([{ name: 'Dan', email: 'd@example.org' }]);
    expect((await rejection(People.create({ name: 'Eve', email: 'd@example.org' }))).keyValue).to.deep.equal({
      email: 'd@example.org',
    });
  });

  it('streams a cursor and writes in bulk', async () => {
    const People = connection.model<Person>('Person');
    await People.deleteMany({});
    await People.bulkWrite(
      Array.from({ length: 300 }, (_, i) => ({
        insertOne: { document: { name: `p${i}`, visits: i, tags: [] } },
      })),
    );
    const names: string[] = [];
    for await (const person of People.find({ visits: { $gte: 250 } })
      .sort({ visits: -1 })
      .cursor())
      names.push(person.name);
    expect(names).to.have.length(50);
    expect(names[0]).to.equal('p299');
    const [sum] = await People.aggregate<{ total: number }>([
      { $group: { _id: null, total: { $sum: '$visits' } } },
    ]);
    expect(sum?.total).to.equal((299 * 300) / 2);
  });

  it('stores files with GridFS', async () => {
    const { db } = connection;
    if (!db) throw new Error('no database');
    const bucket = new mongoose.mongo.GridFSBucket(db);
    const bytes = randomBytes(700_000);
    const upload = bucket.openUploadStream('f.bin', { chunkSizeBytes: 100_000 });
    upload.end(bytes);
    await new Promise((resolve, reject) => upload.once('finish', resolve).once('error', reject));
    const chunks: Buffer[] = [];
    for await (const chunk of bucket.openDownloadStreamByName('f.bin')) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).to.equal(true);
  });
});
