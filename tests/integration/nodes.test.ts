// Several nodes on one store: who is here on one is here on all, and what ends on one ends on all.
import { expect } from 'chai';
import { createDataDir, signUp, startTestServer, type TestServer } from '../harness/kit.js';
import { type SdkPerson, sdkSignIn, sdkSignUp, watchPeople } from '../harness/sdk-person.js';
import { spawnTestServer } from '../harness/server-process.js';
import { StockClient } from '../harness/stock-client.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';

const quick = { presenceGraceMs: 100, nodeBeatMs: 100 } as const;

describe('several nodes on one store', () => {
  let store: TestStore;
  let mongodbUri: string;
  let one: TestServer;
  let other: TestServer;
  before(async () => {
    store = await startTestStore();
    const uri = new URL(store.uri);
    uri.pathname = '/several-nodes';
    mongodbUri = uri.href;
    one = await startTestServer({ ...quick, mongodbUri });
    other = await startTestServer({ ...quick, mongodbUri });
  });
  after(async () => {
    await Promise.all([one.close(), other.close()]);
    await store.connection.useDb('several-nodes').dropDatabase();
    await store.close();
  });

  const database = () => store.connection.useDb('several-nodes');
  const seen = (person: SdkPerson, status: string) => (watch: ReturnType<typeof watchPeople>) =>
    watch.last(person)?.status === status;

  it('shows on each who is here on any', async () => {
    const [ada, bob] = [await sdkSignUp(one), await sdkSignUp(other)];
    using watch = watchPeople(bob, [ada]);
    await watch.until(seen(ada, 'offline'));
    const own = watchPeople(ada, [ada, bob]);
    await watch.until(seen(ada, 'available'));
    await own.until(seen(bob, 'available'));
    const { items } = await bob.api.presence.online.query({});
    expect(items.map(({ person }) => person.id)).to.include(ada.id);
    const device = await sdkSignIn(other, ada);
    await device.api.presence.setStatus.mutate({ status: 'away' });
    await own.until(seen(ada, 'away'));
    const second = watchPeople(device, [ada]);
    await second.until(seen(ada, 'away'));
    own[Symbol.dispose]();
    await device.api.presence.setStatus.mutate({ status: 'available' });
    await watch.until(seen(ada, 'available'));
    second[Symbol.dispose]();
    await watch.until(seen(ada, 'offline'));
    expect(watch.of(ada)).to.deep.equal(['offline', 'available', 'away', 'available', 'offline']);
  });

  it('hides on each what is blocked on any', async () => {
    const [ada, bob] = [await sdkSignUp(one), await sdkSignUp(other)];
    using _own = watchPeople(ada, [ada]);
    using watch = watchPeople(bob, [ada]);
    await watch.until(seen(ada, 'available'));
    await ada.api.friends.block.mutate({ userId: bob.id });
    await watch.until(seen(ada, 'offline'));
  });

  it('ends on each what is open of a session that is ended on any', async () => {
    const ada = await sdkSignUp(one);
    const device = await sdkSignIn(other, ada);
    using watch = watchPeople(device, [ada]);
    await watch.until(seen(ada, 'available'));
    const { room } = await device.api.rooms.joinOrCreate.mutate({ name: `nodes ${ada.id}` });
    using stock = new StockClient({
      wsUrl: other.wsUrl,
      conversationId: room.id,
      userId: ada.id,
      token: await device.client.accessToken(),
    });
    await stock.synced();
    const closed = new Promise<unknown>((resolve) => stock.provider.once('connection-close', resolve));
    await ada.api.auth.logoutEverywhere.mutate({ keepThis: true });
    expect(await closed).to.have.property('code', 4401);
    await watch.until(({ error }) => error !== null);
    expect(watch.error?.code).to.equal('SESSION_ENDED');
  });

  it('takes those for gone whose node died, once its time is over', async () => {
    await using place = await createDataDir();
    await using dying = await spawnTestServer(place.path, { MONGODB_URI: mongodbUri });
    const [ada, bob] = [await sdkSignUp(dying), await sdkSignUp(other)];
    using watch = watchPeople(bob, [ada]);
    using _own = watchPeople(ada, [ada]);
    await watch.until(seen(ada, 'available'));
    await dying.kill('SIGKILL');
    // As if that time had passed.
    const rows = database().collection<{ _id: string; aliveUntil: Date }>('nodes');
    await rows.updateMany(
      { aliveUntil: { $gt: new Date(Date.now() + 10_000) } },
      { $set: { aliveUntil: new Date(0) } },
    );
    await watch.until(seen(ada, 'offline'));
  });

  it('tells again of everybody on a node that was only taken for dead', async () => {
    const [ada, bob] = [await sdkSignUp(one), await sdkSignUp(other)];
    using own = watchPeople(ada, [ada]);
    await own.until(seen(ada, 'available'));
    using watch = watchPeople(bob, [ada]);
    await watch.until(seen(ada, 'available'));
    const nodes = database().collection<{ _id: string; isDead: boolean }>('nodes');
    const before = (await nodes.find().toArray()).map(({ _id }) => _id);
    await nodes.updateMany({}, { $set: { isDead: true } });
    const rows = database().collection<{ _id: string; nodes: string[] }>('presence');
    const connectedTo = async (): Promise<string[]> => (await rows.findOne({ _id: ada.id }))?.nodes ?? [];
    const isTold = (nodes: string[]): boolean => nodes.length === 1 && !before.includes(nodes[0] ?? '');
    while (!isTold(await connectedTo())) await signUp(one);
    await ada.api.presence.setStatus.mutate({ status: 'away' });
    await watch.until(seen(ada, 'away'));
  });
});
