// Who is here and whom one may know, over the plain API.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { signUp, startTestServer, TEST_PASSWORD, type TestPerson, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';
import { pagesOf } from '../harness/rest-pages.js';
import { type SdkPerson, sdkSignUp, type Watch, watchPeople } from '../harness/sdk-person.js';

interface Online {
  readonly id: string;
  readonly username: string;
  readonly status: string;
  readonly last_seen: string;
}
interface Suggested {
  readonly id: string;
  readonly score: number;
  readonly reasons: readonly { readonly type: string }[];
}

describe('people around, over REST', () => {
  let server: TestServer;
  let rest: RestClient;
  before(async () => {
    server = await startTestServer({ presenceGraceMs: 100 });
    rest = await createRestClient(server);
  });
  after(() => server.close());

  describe('who is here', () => {
    const come = async (person: SdkPerson): Promise<Watch> => {
      const watch = watchPeople(person, [person]);
      await watch.until((seen) => seen.last(person)?.status === 'available');
      return watch;
    };

    const tokenOf = async ({ username }: SdkPerson): Promise<string> => {
      const body = { username, password: TEST_PASSWORD };
      return (await rest.call<{ readonly access: string }>('POST', '/api/login/', { body })).body.access;
    };

    it('is told without oneself, who came last first, page by page; the invisible and the gone are not here', async () => {
      const [ada, bob, eve, ida] = await Promise.all(Array.from({ length: 4 }, () => sdkSignUp(server)));
      if (!(ada && bob && eve && ida)) throw new TypeError('four came');
      const watches = [await come(ada), await come(bob), await come(eve), await come(ida)];
      await eve.api.presence.setStatus.mutate({ status: 'away' });
      await ida.api.presence.setStatus.mutate({ status: 'invisible' });
      const beforeMs = Date.now();
      for (const path of ['/api/online-users?limit=1', '/api/online-users/?limit=1']) {
        const pages = await pagesOf<Online>(rest, path, await tokenOf(ada));
        const online = pages.flat();
        expect(online.map(({ id, status }) => [id, status])).to.deep.equal([
          [eve.id, 'away'],
          [bob.id, 'available'],
        ]);
        expect(online[0]).to.have.all.keys('id', 'username', 'status', 'last_seen');
        expect(Date.parse(online[0]?.last_seen ?? '')).to.be.within(beforeMs, Date.now());
      }
      await ada.api.friends.block.mutate({ userId: bob.id });
      const seen = await pagesOf<Online>(rest, '/api/online-users/', await tokenOf(bob));
      expect(seen.flat().map(({ id }) => id)).to.deep.equal([eve.id]);
      using watch = watchPeople(ada, [eve]);
      await watch.until((those) => those.last(eve)?.status === 'away');
      for (const one of watches) one[Symbol.dispose]();
      await watch.until((those) => those.last(eve)?.status === 'offline');
      expect(
        (await pagesOf<Online>(rest, '/api/online-users/', await tokenOf(ida))).flat().map(({ id }) => id),
      ).not.to.include(eve.id);
    });

    it('refuses what is no page', async () => {
      const { token } = await signUp(server);
      for (const query of ['limit=0', 'limit=x', 'cursor=x'])
        expect((await rest.refusal('GET', `/api/online-users/?${query}`, { token }))[0]).to.equal(400);
    });
  });

  describe('suggestions', () => {
    const suggested = async ({ id, token }: TestPerson, query = '') =>
      (await rest.call<Suggested[]>('GET', `/api/suggested-friends/${id}${query}`, { token })).body;

    it('are five at most, the best first, each with what speaks for it, the same every time', async () => {
      const ada = await signUp(server);
      const people = await Promise.all(Array.from({ length: 7 }, () => signUp(server)));
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: `around ${ada.id}` });
      const { id: projectId } = await ada.api.projects.create.mutate({ name: 'Bridge' });
      for (const { api } of people) await api.rooms.join.mutate({ conversationId: room.id });
      const [best, second] = people;
      if (!(best && second)) throw new TypeError('seven came');
      const interests = ['climbing'];
      for (const { api } of [ada, best])
        await api.users.update.mutate({ interests, firstName: 'Be', lastName: 'St' });
      await best.api.users.update.mutate({ email: 'best@example.org' });
      await ada.api.projects.members.add.mutate({ projectId, userId: second.id });
      const list = await suggested(ada);
      expect(list[0]).to.deep.equal({
        ...{ id: best.id, username: best.username, first_name: 'Be', last_name: 'St', score: 3 },
        reasons: [
          { type: 'interests', interests },
          { type: 'conversations', count: 1, conversation_ids: [room.id] },
        ],
      });
      expect(list[1]).to.deep.equal({
        ...{ id: second.id, username: second.username, first_name: '', last_name: '', score: 2 },
        reasons: [
          { type: 'conversations', count: 1, conversation_ids: [room.id] },
          { type: 'projects', count: 1, project_ids: [projectId] },
        ],
      });
      expect(list.length).to.equal(5);
      const scores = list.map(({ score }) => score);
      expect(scores).to.deep.equal([...scores].sort((one, other) => other - one));
      expect(await suggested(ada), 'the same again').to.deep.equal(list);
      const all = await suggested(ada, '/?limit=20');
      expect(all.map(({ id }) => id)).to.have.members(people.map(({ id }) => id));
      expect(JSON.stringify(all)).not.to.include('@');
      expect((await suggested(ada, '?limit=1')).map(({ id }) => id)).to.deep.equal([best.id]);
    });

    it('tell of friends in common', async () => {
      const [ada, bob, eve] = await Promise.all([signUp(server), signUp(server), signUp(server)]);
      for (const other of [ada, eve]) {
        await bob.api.friends.request.mutate({ userId: other.id });
        await other.api.friends.accept.mutate({ userId: bob.id });
      }
      const [only] = await suggested(ada);
      expect(only?.reasons).to.deep.equal([{ type: 'mutual_friends', count: 1, user_ids: [bob.id] }]);
      expect(only?.id).to.equal(eve.id);
      expect(await suggested(await signUp(server))).to.deep.equal([]);
    });

    it('are one’s own alone, and not more than there may be', async () => {
      const [ada, bob] = await Promise.all([signUp(server), signUp(server)]);
      for (const id of [bob.id, newId(), 'nobody'])
        expect(
          await rest.refusal('GET', `/api/suggested-friends/${id}?limit=x`, { token: ada.token }),
        ).to.deep.equal([...[403, 'FORBIDDEN']]);
      for (const limit of ['0', '21', 'many'])
        expect(
          await rest.refusal('GET', `/api/suggested-friends/${ada.id}/?limit=${limit}`, { token: ada.token }),
        ).to.deep.equal([400, 'INVALID_INPUT', 'limit']);
    });
  });
});
