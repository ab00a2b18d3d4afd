// Rows of presence under several nodes at once, and with a store that goes away.
import { createModels } from '@parley/server/internal/app/store';
import { allLeft, came, left, showAs } from '@parley/server/internal/features/presence/change-presence';
import type { PresenceRow } from '@parley/server/internal/features/presence/presence.model';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import { expect } from 'chai';
import type { Collection } from 'mongodb';
import type { Connection } from 'mongoose';
import { startTestServer } from '../harness/kit.js';
import { Random } from '../harness/random.js';
import { sdkSignUp, watchPeople } from '../harness/sdk-person.js';
import { startStoreLine } from '../harness/store-line.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

describe('rows of presence', () => {
  let store: TestStore;
  let database: Connection;
  let rows: Collection<PresenceRow>;
  before(async () => {
    store = await startTestStore();
    database = store.connection.useDb('presence-rows');
    createModels(database);
    await ensureIndexes(database);
    rows = database.collection<PresenceRow>('presence') as unknown as Collection<PresenceRow>;
  });
  after(async () => {
    await database.dropDatabase();
    await store.close();
  });

  const apply = async ({ filter, update, upsert }: ReturnType<typeof came>): Promise<void> => {
    await rows.updateOne(filter, update, { upsert });
  };
  const rowOf = async (userId: string): Promise<PresenceRow | null> => await rows.findOne({ _id: userId });

  it('hold who is where and how they are seen, whatever several nodes and the person do at once', async () => {
    const random = new Random(7n);
    const nodes = ['one', 'two', 'three'];
    for (let round = 0; round < 20; round += 1) {
      const userId = `person-${round}`;
      await apply(came(userId, 'one'));
      const here = new Set<string>(['one']);
      let status: PresenceRow['status'] = 'available';
      // Each node speaks in its own order; they and the person do not wait for each other.
      const lives = nodes.map(async (node) => {
        for (let step = 0; step < 8; step += 1) {
          const isHere = random.chance(50);
          await apply(isHere ? came(userId, node) : left(userId, node, 0));
          if (isHere) here.add(node);
          else here.delete(node);
        }
      });
      const person = async (): Promise<void> => {
        for (const next of [
          'away',
          'invisible',
          'available',
          random.chance(50) ? 'invisible' : 'away',
        ] as const) {
          await apply(showAs(userId, next));
          status = next;
        }
      };
      await Promise.all([...lives, person()]);
      const row = await rowOf(userId);
      expect([...(row?.nodes ?? [])].sort()).to.deep.equal([...here].sort());
      expect(row?.status).to.equal(status);
      expect(row?.onlineSince !== null).to.equal(here.size > 0 && row?.status !== 'invisible');
    }
  });

  it('say since when and until when others saw somebody, by the clock of the store', async () => {
    await apply(came('ada', 'one'));
    const since = (await rowOf('ada'))?.onlineSince;
    await apply(came('ada', 'two'));
    await apply(left('ada', 'one', 10_000));
    await apply(showAs('ada', 'away'));
    expect((await rowOf('ada'))?.onlineSince).to.deep.equal(since);
    expect((await rowOf('ada'))?.lastSeenAt).to.equal(null);
    await apply(left('ada', 'two', 10_000));
    const gone = await rowOf('ada');
    expect(gone?.onlineSince).to.equal(null);
    expect(Number(gone?.changedAt) - Number(gone?.lastSeenAt)).to.equal(10_000);
    await apply(left('ada', 'two', 0));
    await apply(showAs('ada', 'invisible'));
    await apply(came('ada', 'one'));
    expect((await rowOf('ada'))?.lastSeenAt).to.deep.equal(gone?.lastSeenAt);
    await apply(left('nobody', 'one', 0));
    expect(await rowOf('nobody')).to.equal(null);
  });

  it('are put away for everybody on a node that died, and for nobody else', async () => {
    await Promise.all([apply(came('eve', 'dead')), apply(came('bob', 'dead')), apply(came('bob', 'one'))]);
    const { filter, update } = allLeft('dead');
    for (let twice = 0; twice < 2; twice += 1) await rows.updateMany(filter, update);
    expect(await rowOf('eve')).to.deep.include({ nodes: [], onlineSince: null });
    expect((await rowOf('bob'))?.nodes).to.deep.equal(['one']);
    expect((await rowOf('bob'))?.onlineSince).not.to.equal(null);
  });

  it('are found by indexes: who is here, newest first, who changed, who was on a node', async () => {
    const plans = await Promise.all([
      rows
        .find({ onlineSince: { $gt: new Date(0) } })
        .sort({ onlineSince: -1, _id: -1 })
        .limit(50)
        .explain('queryPlanner'),
      rows
        .find({ changedAt: { $gt: new Date() } })
        .sort({ changedAt: 1 })
        .explain('queryPlanner'),
      rows.find({ nodes: 'one' }).explain('queryPlanner'),
    ]);
    for (const plan of plans)
      expect(JSON.stringify(plan))
        .to.include('IXSCAN')
        .and.not.to.match(/"SORT"|COLLSCAN/);
  });

  it('hold who came and left while the store did not answer, once it does', async () => {
    await using line = await startStoreLine(store.uri);
    const uri = new URL(line.uri);
    uri.pathname = '/presence-rows';
    await using server = await startTestServer({ mongodbUri: uri.href, presenceGraceMs: 0 });
    const [ada, bob, eve] = await Promise.all([sdkSignUp(server), sdkSignUp(server), sdkSignUp(server)]);
    using watch = watchPeople(bob, [ada, eve]);
    const leaving = watchPeople(eve, [eve]);
    await watch.until((heard) => heard.last(eve)?.status === 'available');
    line.become('stalled');
    leaving[Symbol.dispose]();
    using _ada = watchPeople(ada, [ada]);
    line.become('open');
    await watch.until(
      (heard) => heard.last(ada)?.status === 'available' && heard.last(eve)?.status === 'offline',
    );
    expect(watch.error).to.equal(null);
  });
});
