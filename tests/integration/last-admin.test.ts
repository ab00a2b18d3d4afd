// There is always an admin who can sign in, whatever admins do to each other and to themselves at the same moment.
import { expect } from 'chai';
import type { Connection } from 'mongoose';
import {
  createApi,
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { startTestStore } from '../harness/test-store.js';

const ROUNDS = 20;
const canAct = { role: 'admin', suspendedAt: null, deletedAt: null } as const;

describe('the last admin', () => {
  let store: Awaited<ReturnType<typeof startTestStore>>;
  let database: Connection;
  let uri: string;
  let server: TestServer;
  /** A second process on the same store, as while one replaces the other. */
  let successor: TestServer;
  before(async () => {
    store = await startTestStore();
    database = store.connection.useDb('last-admin');
    const address = new URL(store.uri);
    address.pathname = '/last-admin';
    uri = address.href;
    server = await startTestServer({ mongodbUri: uri });
    successor = await startTestServer({ mongodbUri: uri });
  });
  after(async () => {
    await successor.close();
    await server.close();
    await database.dropDatabase();
    await store.close();
  });

  const users = () => database.collection<{ _id: string }>('users');
  const admins = () => users().find(canAct).toArray();

  /** These are admins who can sign in, and nobody else is. */
  const crown = async (people: readonly TestPerson[]): Promise<void> => {
    await users().updateMany({}, { $set: { role: 'user' } });
    const _id = { $in: people.map(({ id }) => id) };
    await users().updateMany(
      { _id },
      { $set: { role: 'admin', suspendedAt: null }, $unset: { steppingDown: 1 } },
    );
  };

  const signIn = async ({ username }: TestPerson) => {
    const { tokens } = await createApi(server.url).auth.login.mutate({
      login: username,
      password: TEST_PASSWORD,
    });
    return [createApi(server.url, tokens.accessToken), createApi(successor.url, tokens.accessToken)] as const;
  };

  /** Waits for all; how many were done. The others must have been told CONFLICT, or that they are no admins any more. */
  const atOnce = async (acts: readonly Promise<unknown>[]): Promise<number> => {
    const outcomes = await Promise.all(
      acts.map((act) =>
        act.then(
          () => 'done',
          async () => (await refusalOf(act)).code,
        ),
      ),
    );
    for (const outcome of outcomes)
      expect(outcome).to.be.oneOf(['done', 'CONFLICT', 'FORBIDDEN', 'SESSION_ENDED']);
    return outcomes.filter((outcome) => outcome === 'done').length;
  };

  for (const count of [2, 3]) {
    it(`is kept when ${count} admins take it from each other at once, or from themselves`, async () => {
      const people: TestPerson[] = [];
      for (let index = 0; index < count; index += 1) people.push(await signUp(server));
      for (let round = 0; round < ROUNDS; round += 1) {
        await crown(people);
        const apis = await Promise.all(people.map(signIn));
        const done = await atOnce(
          apis.map((doors, index) => {
            const { admin } = doors[(round + index) % 2] ?? doors[0];
            const self = people[index]?.id ?? '';
            const next = people[(index + 1) % count]?.id ?? '';
            const way = (round + index * (round >> 2)) % 3;
            if (way === 0) return admin.users.setRole.mutate({ userId: next, role: 'user' });
            if (way === 1) return admin.users.suspend.mutate({ userId: next });
            return admin.users.setRole.mutate({ userId: self, role: 'user' });
          }),
        );
        const left = await admins();
        expect(left.length, `round ${round}, ${done} done`).to.be.at.least(1);
        expect(left.filter((row) => 'steppingDown' in row)).to.deep.equal([]);
        const stillThere = people.find(({ id }) => id === left[0]?._id);
        if (stillThere === undefined) throw new Error('a stranger is an admin');
        const [api] = await signIn(stillThere);
        await api.admin.stats.query();
      }
    });
  }

  it('is kept when all admins delete their accounts at once', async () => {
    for (let round = 0; round < ROUNDS / 4; round += 1) {
      const people = await Promise.all([signUp(server), signUp(server), signUp(server)]);
      await crown(people);
      await atOnce(people.map(({ api }) => api.users.delete.mutate({ password: TEST_PASSWORD })));
      expect((await admins()).length, `round ${round}`).to.be.at.least(1);
    }
  });

  it('is not in the way of several who act on the same person', async () => {
    const [one, other, third] = await Promise.all([signUp(server), signUp(server), signUp(server)]);
    for (let round = 0; round < ROUNDS / 4; round += 1) {
      await crown([one, other, third]);
      const [byOne, byOther] = await Promise.all([signIn(one), signIn(other)]);
      const done = await atOnce([
        byOne[0].admin.users.setRole.mutate({ userId: third.id, role: 'user' }),
        byOther[1].admin.users.suspend.mutate({ userId: third.id }),
        byOther[0].admin.users.setRole.mutate({ userId: third.id, role: 'user' }),
      ]);
      expect(done).to.equal(3);
      const left = (await admins()).map(({ _id }) => _id);
      expect(left).to.have.members([one.id, other.id]);
    }
  });

  it('can neither step down nor go, and the audit tells of nothing that was not done', async () => {
    const [only, other, shut] = await Promise.all([signUp(server), signUp(server), signUp(server)]);
    await crown([only, shut]);
    const { admin } = only.api;
    await admin.users.suspend.mutate({ userId: shut.id });
    const before = (await admin.audit.query({ limit: 1 })).items;
    const refused = await Promise.all([
      refusalOf(admin.users.setRole.mutate({ userId: only.id, role: 'user' })),
      refusalOf(only.api.users.delete.mutate({ password: TEST_PASSWORD })),
    ]);
    for (const { code, httpStatus, fields } of refused) {
      expect({ code, httpStatus }).to.deep.equal({ code: 'CONFLICT', httpStatus: 409 });
      expect(fields).to.have.keys('userId');
    }
    expect((await admin.audit.query({ limit: 1 })).items).to.deep.equal(before);
    // One who cannot sign in does not count, and may be taken it from.
    await admin.users.setRole.mutate({ userId: shut.id, role: 'user' });
    await admin.users.setRole.mutate({ userId: other.id, role: 'admin' });
    await only.api.users.delete.mutate({ password: TEST_PASSWORD });
    await other.api.admin.stats.query();
  });

  it('counts on others again when a crash came between', async () => {
    const [one, other] = await Promise.all([signUp(server), signUp(server)]);
    await crown([one, other]);
    await users().updateOne({ _id: other.id }, { $set: { steppingDown: 'of a server that is gone' } });
    const stepDown = () => one.api.admin.users.setRole.mutate({ userId: one.id, role: 'user' });
    expect((await refusalOf(stepDown())).code).to.equal('CONFLICT');
    await (await startTestServer({ mongodbUri: uri })).close();
    await stepDown();
    expect((await admins()).map(({ _id }) => _id)).to.deep.equal([other.id]);
  });
});
