import { expect } from 'chai';
import { type Collection, type Db, type Document, Long, MongoServerError } from 'mongodb';
import { openTestMongo, type TestMongo } from './store-harness.js';

/** What is missing, misspelt or of the wrong type must never pass for something else. */
describe('store: commands as they are written', () => {
  let mongo: TestMongo;
  let database: Db;
  let rows: Collection<Document>;

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
    rows = database.collection('rows');
  });
  after(() => mongo.close());

  beforeEach(async () => {
    await rows.deleteMany({});
    await rows.insertMany([1, 2, 3].map((n) => ({ _id: n as never, n })));
  });

  /** The code a command is refused with, as a whole or in one of its statements. */
  const codeOf = async (command: Document): Promise<unknown> => {
    try {
      const reply = await database.command(command);
      return reply.writeErrors?.[0]?.code;
    } catch (error) {
      if (error instanceof MongoServerError) return error.code;
      throw error;
    }
  };
  const updating = (statement: Document): Document => ({ update: 'rows', updates: [statement] });
  const deleting = (statement: Document): Document => ({ delete: 'rows', deletes: [statement] });
  const change = { $set: { seen: true } };

  it('removes and changes nothing without a condition', async () => {
    expect(await codeOf(deleting({ limit: 0 }))).to.equal(40414);
    expect(await codeOf(deleting({ q: null, limit: 0 }))).to.equal(14);
    expect(await codeOf(updating({ u: change, multi: true }))).to.equal(40414);
    expect(await codeOf(updating({ q: null, u: change, multi: true }))).to.equal(14);
    expect(await rows.countDocuments({ seen: null })).to.equal(3);
  });

  it('refuses a field it does not know, in a command and in a statement', async () => {
    const commands = [
      deleting({ q: {}, limit: 1, sort: { n: -1 } }),
      updating({ q: {}, u: change, arrayFilter: [] }),
      { find: 'rows', filtre: { n: 1 } },
      { count: 'rows', filter: { n: 1 } },
      { distinct: 'rows', key: 'n', filter: { n: 1 } },
      { findAndModify: 'rows', query: { n: 1 }, update: change, projection: { n: 1 } },
      { insert: 'rows', documents: [{}], order: false },
      { aggregate: 'rows', pipeline: [], cursor: {}, limit: 1 },
    ];
    for (const command of commands) expect(await codeOf(command), JSON.stringify(command)).to.equal(40415);
    expect(await rows.find({ seen: null }).toArray()).to.have.length(3);
  });

  it('takes only true and false for a switch', async () => {
    const commands = [
      updating({ q: {}, u: change, multi: 1 }),
      updating({ q: { n: 9 }, u: change, upsert: 1 }),
      { insert: 'rows', documents: [{ _id: 1 }, { _id: 4 }], ordered: 0 },
      { find: 'rows', singleBatch: 1 },
      { findAndModify: 'rows', update: change, new: 'yes' },
    ];
    for (const command of commands) expect(await codeOf(command), JSON.stringify(command)).to.equal(14);
    expect(await rows.countDocuments({ seen: null })).to.equal(3);
  });

  it('takes the switches of findAndModify as numbers too', async () => {
    const changed = await database.command({
      findAndModify: 'rows',
      query: { n: 1 },
      update: change,
      new: 1,
    });
    expect(changed.value).to.deep.equal({ _id: 1, n: 1, seen: true });
    const removed = await database.command({ findAndModify: 'rows', query: { n: 1 }, remove: 1 });
    expect(removed.value).to.deep.equal({ _id: 1, n: 1, seen: true });
    expect(await rows.countDocuments()).to.equal(2);
  });

  it('refuses a list that is missing or none', async () => {
    const commands: [Document, string][] = [
      [{ insert: 'rows' }, 'documents'],
      [{ update: 'rows' }, 'updates'],
      [{ delete: 'rows' }, 'deletes'],
      [{ createIndexes: 'rows' }, 'indexes'],
      [{ killCursors: 'rows' }, 'cursors'],
    ];
    for (const [command, field] of commands) {
      expect(await codeOf(command), field).to.equal(40414);
      expect(await codeOf({ ...command, [field]: 'x' }), field).to.equal(14);
    }
    expect(await codeOf({ dropIndexes: 'rows' })).to.equal(40414);
    expect(await codeOf({ getMore: Long.fromNumber(5) })).to.equal(40414);
  });

  it('refuses an order for a change of many', async () => {
    expect(await codeOf(updating({ q: {}, u: change, multi: true, sort: { n: 1 } }))).to.equal(9);
  });

  it('refuses options the index of _id cannot have', async () => {
    for (const option of [{ expireAfterSeconds: 1 }, { sparse: true }, { unique: true }]) {
      const indexes = [{ key: { _id: 1 }, name: '_id_', ...option }];
      expect(await codeOf({ createIndexes: 'rows', indexes }), JSON.stringify(option)).to.equal(197);
    }
  });

  it('refuses a zero byte in the name of an index', async () => {
    const indexes = [{ key: { n: 1 }, name: 'a\0b' }];
    expect(await codeOf({ createIndexes: 'named', indexes })).to.equal(67);
  });

  it('counts by the index it is told to use', async () => {
    expect(await codeOf({ count: 'rows', hint: 'nowhere' })).to.equal(2);
    expect((await database.command({ count: 'rows', hint: '_id_' })).n).to.equal(3);
  });

  it('looks at the whole question when it asks for one _id', async () => {
    const empty = await database.command({ find: 'rows', filter: { _id: 1 }, batchSize: 0 });
    expect(empty.cursor.firstBatch).to.deep.equal([]);
    expect(empty.cursor.id).to.not.equal(0);
    expect(await codeOf({ find: 'rows', filter: { _id: 1 }, sort: { n: 5 } })).to.equal(15975);
  });
});
