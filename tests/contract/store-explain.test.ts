import { expect } from 'chai';
import type { Collection, Db, Document } from 'mongodb';
import { openTestMongo, rejection, type TestMongo } from './store-harness.js';

/** The stages of a plan from the outermost in. */
function stagesOf(plan: Document | undefined): string[] {
  return plan ? [plan.stage, ...stagesOf(plan.inputStage)] : [];
}

function indexOf(plan: Document | undefined): string | undefined {
  return plan?.indexName ?? (plan?.inputStage ? indexOf(plan.inputStage) : undefined);
}

describe('store: explain', () => {
  let mongo: TestMongo;
  let database: Db;
  let rows: Collection<Document>;

  const explain = (command: Document, verbosity?: string): Promise<Document> =>
    database.command({ explain: command, ...(verbosity === undefined ? {} : { verbosity }) });

  before(async () => {
    mongo = await openTestMongo();
    database = mongo.newDatabase();
    rows = database.collection('rows');
    await rows.insertMany(Array.from({ length: 30 }, (_, i) => ({ _id: i as never, n: i % 3, m: i })));
    await rows.createIndex({ n: 1 });
  });
  after(() => mongo.close());

  const commands: [string, Document, string, number][] = [
    ['find', { find: 'rows', filter: { n: 1 } }, 'FETCH', 10],
    ['aggregate', { aggregate: 'rows', pipeline: [{ $match: { n: 1 } }], cursor: {} }, 'FETCH', 10],
    ['count', { count: 'rows', query: { n: 1 } }, 'COUNT', 10],
    ['distinct', { distinct: 'rows', key: 'm', query: { n: 1 } }, 'FETCH', 10],
    [
      'update',
      { update: 'rows', updates: [{ q: { n: 1 }, u: { $set: { x: 1 } }, multi: true }] },
      'UPDATE',
      10,
    ],
    ['delete', { delete: 'rows', deletes: [{ q: { n: 1 }, limit: 0 }] }, 'DELETE', 10],
    ['a single update', { update: 'rows', updates: [{ q: { n: 1 }, u: { $set: { x: 1 } } }] }, 'UPDATE', 1],
    ['findAndModify', { findAndModify: 'rows', query: { n: 1 }, update: { $set: { x: 1 } } }, 'UPDATE', 1],
    ['a removing findAndModify', { findAndModify: 'rows', query: { n: 1 }, remove: true }, 'DELETE', 1],
  ];
  for (const [title, command, stage, examined] of commands) {
    it(`names the index ${title} uses and what it reads, and changes nothing`, async () => {
      const plan = await explain(command, 'executionStats');
      expect(indexOf(plan.queryPlanner.winningPlan)).to.equal('n_1');
      if (mongo.embedded) expect(plan.queryPlanner.winningPlan.stage).to.equal(stage);
      expect(plan.executionStats).to.deep.include({ executionSuccess: true, totalDocsExamined: examined });
      expect(plan.executionStats.executionStages.stage).to.equal(plan.queryPlanner.winningPlan.stage);
      expect(plan.serverInfo).to.include.all.keys('host', 'port', 'version');
      expect(plan.command).to.include.keys(Object.keys(command)[0] ?? '');
      expect(await rows.countDocuments({ x: { $exists: true } })).to.equal(0);
      expect(await rows.countDocuments()).to.equal(30);
    });
  }

  it('reads nothing when only the plan is asked for', async () => {
    const plan = await explain({ find: 'rows', filter: { m: 3 }, sort: { n: 1, m: 1 } }, 'queryPlanner');
    expect(plan).not.to.have.property('executionStats');
    expect(stagesOf(plan.queryPlanner.winningPlan)).to.deep.equal(['SORT', 'COLLSCAN']);
    const option = await database.command({
      aggregate: 'rows',
      pipeline: [{ $match: { n: 1 } }],
      explain: true,
    });
    expect(option).not.to.have.property('executionStats');
    expect(indexOf(option.queryPlanner.winningPlan)).to.equal('n_1');
  });

  it('shows what of a pipeline runs in memory behind the query', async () => {
    const pipeline = [{ $match: { n: 1 } }, { $unwind: '$m' }, { $match: { m: { $gt: 3 } } }];
    const plan = await explain({ aggregate: 'rows', pipeline, cursor: {} }, 'executionStats');
    const [first, ...others] = plan.stages;
    expect(indexOf(first.$cursor.queryPlanner.winningPlan)).to.equal('n_1');
    expect(others.map((stage: Document) => Object.keys(stage)[0])).to.include('$unwind');
  });

  it('says when a collection is not there, and when its stored number is the answer', async () => {
    const absent = await explain({ find: 'absent', filter: { n: 1 } });
    expect(absent.queryPlanner.winningPlan.stage).to.equal('EOF');
    expect(absent.executionStats).to.deep.include({ nReturned: 0, totalDocsExamined: 0 });
    const counted = await explain({ count: 'rows', query: {} });
    expect(counted.executionStats.totalDocsExamined).to.equal(0);
    expect(stagesOf(counted.queryPlanner.winningPlan)).to.include('RECORD_STORE_COUNT');
  });

  it('refuses what can not be explained', async () => {
    const refused: [Document, number, string?][] = [
      [{ insert: 'rows', documents: [{ _id: 'new' }] }, 20],
      [{ update: 'rows', updates: [{ q: {}, u: { $bad: { n: 1 } } }] }, 9],
      [
        {
          update: 'rows',
          updates: [
            { q: {}, u: { $set: { n: 1 } } },
            { q: {}, u: { $set: { n: 1 } } },
          ],
        },
        16,
      ],
      [{ find: 'rows', filter: { n: { $nonsense: 1 } } }, 2],
      [{ find: 'rows', filter: {} }, 2, 'everything'],
      [{ find: '', filter: {} }, 73],
    ];
    for (const [command, code, verbosity] of refused) {
      const error = await rejection(explain(command, verbosity));
      expect([JSON.stringify(command), error.code]).to.deep.equal([JSON.stringify(command), code]);
    }
    expect(await rows.findOne({ _id: 'new' as never })).to.equal(null);
  });
});
