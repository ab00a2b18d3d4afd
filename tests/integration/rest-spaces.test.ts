// Groups, rooms and chats over the plain API.
import { limits, newId } from '@parley/shared';
import { expect } from 'chai';
import {
  createApi,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';
import { sdkSignIn, type Watch, watchPeople } from '../harness/sdk-person.js';

interface Group {
  readonly id: string;
  readonly name: string;
  readonly members: readonly { readonly id: string; readonly username: string; readonly role: string }[];
}

interface Room {
  readonly id: string;
  readonly name: string;
  readonly participants: readonly string[];
  readonly messages: readonly { readonly sender: { readonly id: string }; readonly content: string }[];
}

interface Joined {
  readonly room: { readonly id: string; readonly name: string };
  readonly created: boolean;
}

interface Chat {
  readonly success: boolean;
  readonly status: number;
  readonly data: {
    readonly id: string;
    readonly messages: readonly { readonly text: string; readonly sender: object }[];
  };
}

describe('groups, rooms and chats over REST', () => {
  let server: TestServer;
  let rest: RestClient;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;

  before(async () => {
    server = await startTestServer({ presenceGraceMs: 100 });
    rest = await createRestClient(server);
  });
  after(() => server.close());
  beforeEach(async () => {
    const people = await Promise.all(['ada', 'bob', 'eve'].map((name) => signUp(server, name)));
    [ada, bob, eve] = people as [TestPerson, TestPerson, TestPerson];
  });

  const as = ({ token }: TestPerson, body?: unknown) => ({ token, ...(body !== undefined && { body }) });
  const linkOf = (headers: Headers): string | null =>
    /<(.+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null;

  describe('groups', () => {
    const create = async (who: TestPerson, body: unknown) =>
      (await rest.call<Group>('POST', '/api/groups/create/', as(who, body))).body;

    it('are made with members, who are really in it', async () => {
      const name = `Choir ${newId()}`;
      const body = { name, members: [bob.id, eve.id, bob.id, ada.id] };
      const made = await rest.call<Group>('POST', '/api/groups/create/', as(ada, body));
      expect(made.status).to.equal(201);
      const { id, members, ...others } = made.body;
      expect(others).to.deep.equal({ name });
      expect([...members].sort((a, b) => a.username.localeCompare(b.username))).to.deep.equal([
        { id: ada.id, username: ada.username, role: 'owner' },
        { id: bob.id, username: bob.username, role: 'member' },
        { id: eve.id, username: eve.username, role: 'member' },
      ]);
      await rest.call('POST', `/api/messages/${id}/send/`, as(bob, { message: 'I am in' }));
      const { items } = await eve.api.messages.list.query({ conversationId: id });
      // Nothing is said of who came.
      expect(items.map(({ text }) => text)).to.deep.equal(['I am in']);
      expect((await ada.api.groups.get.query({ conversationId: id })).settings).to.include({
        ...{ visibility: 'public', announces: false },
      });
    });
    it('are made from forms too, alone and private', async () => {
      const form = new URLSearchParams({ name: `Solo ${newId()}`, visibility: 'private' });
      const { id, members } = await create(ada, form);
      expect(members.map(({ role }) => role)).to.deep.equal(['owner']);
      expect(await rest.refusal('POST', `/api/groups/${id}/join/`, as(bob))).to.deep.equal([
        404,
        'NOT_FOUND',
      ]);
      const both = new URLSearchParams({ name: `Both ${newId()}` });
      for (const { id } of [bob, eve]) both.append('members', id);
      expect((await create(ada, both)).members).to.have.length(3);
    });
    it('show all their members when they are made, and the first of many in the list', async () => {
      const many = await Promise.all(Array.from({ length: 24 }, () => signUp(server, 'one')));
      const group = await create(ada, { name: `Many ${newId()}`, members: many.map(({ id }) => id) });
      expect(group.members).to.have.length(25);
      await create(ada, { name: `Few ${newId()}`, members: [bob.id] });
      const { body } = await rest.call<Group[]>('GET', '/api/groups/', as(ada));
      expect(body.map(({ members }) => members.length)).to.deep.equal([2, limits.participantsShown.value]);
    });
    it('are listed for those who are in them, newest activity first, to the end', async () => {
      const ids: string[] = [];
      for (let at = 0; at < 5; at += 1)
        ids.push((await create(ada, { name: `g${at} ${newId()}`, members: [bob.id] })).id);
      await rest.call('POST', `/api/messages/${ids[1]}/send/`, as(bob, { message: 'news' }));
      await ada.api.conversations.start.mutate({ userId: bob.id });
      const listed: string[] = [];
      let path: string | null = '/api/groups/?limit=2';
      while (path !== null) {
        const page: { body: Group[]; headers: Headers } = await rest.call<Group[]>('GET', path, as(bob));
        listed.push(...page.body.map(({ id }) => id));
        path = linkOf(page.headers);
      }
      expect(listed).to.deep.equal([1, 4, 3, 2, 0].map((at) => ids[at]));
      expect((await rest.call<Group[]>('GET', '/api/groups', as(eve))).body).to.deep.equal([]);
      expect(await rest.refusal('GET', '/api/groups/?limit=0', as(bob))).to.deep.equal([
        400,
        'INVALID_INPUT',
        'limit',
      ]);
      expect(await rest.refusal('GET', '/api/groups/?cursor=x', as(bob))).to.deep.equal([
        400,
        'INVALID_INPUT',
        'cursor',
      ]);
    });
    it('are refused where something is wrong with them', async () => {
      const name = `Taken ${newId()}`;
      await create(ada, { name });
      await eve.api.friends.block.mutate({ userId: ada.id });
      for (const [body, expected] of [
        [{ name: name.toUpperCase() }, [409, 'CONFLICT', 'name']],
        [{}, [400, 'INVALID_INPUT', 'name']],
        [{ name: ' ' }, [400, 'INVALID_INPUT', 'name']],
        [{ name: 'a\u0007b' }, [400, 'INVALID_INPUT', 'name']],
        [{ name: 'x'.repeat(251) }, [400, 'INVALID_INPUT', 'name']],
        [{ name: 'x', members: 'all' }, [400, 'INVALID_INPUT', 'members']],
        [{ name: 'x', visibility: 'secret' }, [400, 'INVALID_INPUT', 'visibility']],
        [{ name: 'x', members: [bob.id, 'nobody'] }, [404, 'NOT_FOUND', 'members.1']],
        [{ name: 'x', members: [eve.id] }, [404, 'NOT_FOUND', 'members.0']],
      ] as const)
        expect(
          await rest.refusal('POST', '/api/groups/create/', as(ada, body)),
          JSON.stringify(body),
        ).to.deep.equal(expected);
      expect((await rest.call<Group[]>('GET', '/api/groups/', as(ada))).body).to.have.length(1);
      for (const [method, path] of [
        ['POST', '/api/groups/create/'],
        ['GET', '/api/groups/'],
      ] as const)
        expect(await rest.refusal(method, path)).to.deep.equal([401, 'NOT_SIGNED_IN']);
    });
    it('are joined and left, twice as well', async () => {
      const { id } = await create(ada, { name: `Open ${newId()}` });
      const post = async (what: string, who: TestPerson) => {
        const { status, body } = await rest.call<{ message: string }>(
          'POST',
          `/api/groups/${id}/${what}`,
          as(who),
        );
        return [status, body];
      };
      for (const slash of ['', '/'])
        expect(await post(`join${slash}`, bob)).to.deep.equal([200, { message: 'You are in the group.' }]);
      expect(
        (await rest.call<Group[]>('GET', '/api/groups/', as(bob))).body.map((group) => group.id),
      ).to.deep.equal([id]);
      for (const _ of [1, 2])
        expect(await post('leave/', bob)).to.deep.equal([200, { message: 'You are not in the group.' }]);
      expect((await rest.call<Group[]>('GET', '/api/groups/', as(bob))).body).to.deep.equal([]);
      await ada.api.groups.update.mutate({ conversationId: id, approval: true });
      expect(await post('join/', eve)).to.deep.equal([200, { message: 'You wait to be let in.' }]);
      await ada.api.groups.update.mutate({ conversationId: id, approval: false });
      await post('join/', bob);
      expect(await rest.refusal('POST', `/api/groups/${id}/leave/`, as(ada))).to.deep.equal([
        409,
        'CONFLICT',
        'user_id',
      ]);
      await ada.api.groups.ban.mutate({ conversationId: id, userId: bob.id });
      expect(await rest.refusal('POST', `/api/groups/${id}/join/`, as(bob))).to.deep.equal([
        403,
        'FORBIDDEN',
      ]);
      await ada.api.groups.archive.mutate({ conversationId: id });
      const late = await signUp(server, 'late');
      expect((await rest.refusal('POST', `/api/groups/${id}/join/`, as(late)))[0]).to.equal(409);
      for (const what of ['join', 'leave']) {
        for (const nothing of [newId(), '%00'])
          expect(await rest.refusal('POST', `/api/groups/${nothing}/${what}/`, as(ada))).to.deep.equal([
            404,
            'NOT_FOUND',
          ]);
        expect(await rest.refusal('POST', `/api/groups/${id}/${what}/`)).to.deep.equal([
          401,
          'NOT_SIGNED_IN',
        ]);
      }
    });
    it('have members removed by those who may', async () => {
      const { id } = await create(ada, {
        name: `Strict ${newId()}`,
        members: [bob.id, eve.id],
        visibility: 'private',
      });
      const outsider = await signUp(server, 'outsider');
      const at = (who: { readonly id: string }) => `/api/groups/${id}/members/${who.id}/`;
      expect(await rest.refusal('DELETE', at(eve), as(bob))).to.deep.equal([403, 'FORBIDDEN']);
      expect(await rest.refusal('DELETE', at(eve), as(outsider))).to.deep.equal([404, 'NOT_FOUND']);
      expect(await rest.refusal('DELETE', at(eve))).to.deep.equal([401, 'NOT_SIGNED_IN']);
      expect((await rest.refusal('DELETE', at(ada), as(ada)))[0]).to.equal(400);
      const removed = await rest.call('DELETE', at(eve), as(ada));
      expect([removed.status, removed.body]).to.deep.equal([200, { message: 'The member was removed.' }]);
      for (const nobody of [eve, outsider, { id: newId() }])
        expect(await rest.refusal('DELETE', at(nobody), as(ada))).to.deep.equal([404, 'NOT_FOUND']);
      expect(await rest.refusal('GET', `/api/messages/${id}/`, as(eve))).to.deep.equal([404, 'NOT_FOUND']);
    });
  });

  describe('rooms', () => {
    const at = (name: string, rest = '') => `/api/room/${encodeURIComponent(name)}/${rest}`;
    const join = async (who: TestPerson, name: string) => await rest.call<Joined>('POST', at(name), as(who));
    const list = async (who: TestPerson, query: string) =>
      (await rest.call<Room[]>('GET', `/api/rooms/${query}`, as(who))).body;

    it('are made by whoever comes first, whatever their name is, and joined by the others', async () => {
      for (const name of [`Grünkohl & Pinkel/${newId()}`, `🎉 party ${newId()}`, `a?b#c%20 ${newId()}`]) {
        const made = await join(ada, name);
        expect([made.status, made.body]).to.deep.equal([
          201,
          { room: { id: made.body.room.id, name }, created: true },
        ]);
        const others = await Promise.all([bob, eve, bob].map((who) => join(who, name)));
        for (const { status, body } of others)
          expect([status, body]).to.deep.equal([200, { room: made.body.room, created: false }]);
        const bare = await rest.call<Joined>('POST', at(name).slice(0, -1), as(eve));
        expect(bare.body).to.deep.equal({ room: made.body.room, created: false });
        const spelled = await join(bob, `  ${name.toUpperCase().normalize('NFD')} `);
        expect(spelled.body.room.id).to.equal(made.body.room.id);
      }
      const at_once = await Promise.all([ada, bob, eve].map((who) => join(who, `race ${ada.id}`)));
      expect(at_once.map(({ status }) => status).sort()).to.deep.equal([200, 200, 201]);
    });
    it('are listed with who is in them and what was said last', async () => {
      const name = `List ${newId()}`;
      const { room } = (await join(ada, name)).body;
      await join(bob, name);
      for (let count = 1; count <= 22; count += 1)
        await ada.api.messages.send.mutate({ conversationId: room.id, text: `message ${count}` });
      const [listed] = await list(eve, `?search=${encodeURIComponent(name)}`);
      expect({ ...listed, messages: [] }).to.deep.equal({
        ...{ id: room.id, name, participants: [ada.username, bob.username], messages: [] },
      });
      expect(listed?.messages.map(({ content }) => content)).to.deep.equal(
        Array.from({ length: 20 }, (_none, at) => `message ${at + 3}`),
      );
      expect(listed?.messages[0]?.sender).to.deep.equal({ id: ada.id, username: ada.username });
      expect(JSON.stringify(listed)).not.to.include('@');
      expect(await list(eve, `?search=${encodeURIComponent(`${name.slice(0, 3)}.*`)}`)).to.deep.equal([]);
    });
    it('are listed to the end, newest activity first', async () => {
      const prefix = `Page${newId()}`;
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1)
        ids.unshift((await join(ada, `${prefix} ${count}`)).body.room.id);
      const listed: string[] = [];
      let path: string | null = `/api/rooms?search=${prefix.toLowerCase()}&limit=2`;
      while (path !== null) {
        const page: { body: Room[]; headers: Headers } = await rest.call<Room[]>('GET', path, as(eve));
        listed.push(...page.body.map(({ id }) => id));
        path = linkOf(page.headers);
      }
      expect(listed).to.deep.equal(ids);
      for (const [query, field] of [
        ['limit=101', 'limit'],
        ['cursor=x', 'cursor'],
        [`search=${'x'.repeat(81)}`, 'search'],
      ])
        expect(await rest.refusal('GET', `/api/rooms/?${query}`, as(ada))).to.deep.equal([
          400,
          'INVALID_INPUT',
          field,
        ]);
    });
    it('that are private are for those who are in them alone', async () => {
      const name = `Secret ${newId()}`;
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name, visibility: 'private' });
      await ada.api.messages.send.mutate({ conversationId: room.id, text: 'between us' });
      expect(await list(eve, `?search=${encodeURIComponent(name)}`)).to.deep.equal([]);
      expect(await rest.refusal('POST', at(name), as(eve))).to.deep.equal([409, 'CONFLICT', 'room_name']);
      expect(await rest.refusal('POST', at(name, 'leave/'), as(eve))).to.deep.equal([404, 'NOT_FOUND']);
      expect(await rest.refusal('GET', `/api/messages/${room.id}/`, as(eve))).to.deep.equal([
        404,
        'NOT_FOUND',
      ]);
      const [own] = await list(ada, `?search=${encodeURIComponent(name)}`);
      expect(own?.messages.map(({ content }) => content)).to.deep.equal(['between us']);
    });
    it('are left by name, twice as well', async () => {
      const name = `Leave/${newId()}`;
      const { room } = (await join(ada, name)).body;
      await join(bob, name);
      for (const path of [at(name, 'leave/'), at(name, 'leave'), at(name.toUpperCase(), 'leave/')]) {
        const left = await rest.call('POST', path, as(bob));
        expect([left.status, left.body]).to.deep.equal([200, { message: 'You are not in the room.' }]);
      }
      expect(await rest.refusal('GET', `/api/messages/${room.id}/`, as(bob))).to.deep.equal([
        403,
        'FORBIDDEN',
      ]);
      expect(await rest.refusal('POST', at(`no such ${newId()}`, 'leave/'), as(bob))).to.deep.equal([
        404,
        'NOT_FOUND',
      ]);
    });
    it('have names that are names', async () => {
      const long = 'x'.repeat(limits.roomNameCharacters.value + 1);
      for (const name of [' ', '\t', 'a\u0007b', 'a\nb', 'a\u202eb', '\0', long])
        for (const path of [at(name), at(name, 'leave/')])
          expect(await rest.refusal('POST', path, as(ada)), JSON.stringify(path)).to.deep.equal([
            ...[400, 'INVALID_INPUT', 'room_name'],
          ]);
      expect(await rest.refusal('POST', '/api/room/%ff/', as(ada))).to.deep.equal([400, 'INVALID_INPUT']);
      for (const [method, path] of [
        ['GET', '/api/rooms/'],
        ['POST', at('x')],
        ['POST', at('x', 'leave/')],
      ] as const)
        expect(await rest.refusal(method, path)).to.deep.equal([401, 'NOT_SIGNED_IN']);
    });
    it('keep the banned out', async () => {
      const name = `Ban ${newId()}`;
      const { room } = (await join(ada, name)).body;
      await ada.api.rooms.ban.mutate({ conversationId: room.id, userId: eve.id });
      expect(await rest.refusal('POST', at(name), as(eve))).to.deep.equal([403, 'FORBIDDEN']);
    });
  });

  describe('chats', () => {
    it('are found or made, once, with what was said last and by whom', async () => {
      const register = createApi(server.url).auth.register.mutate;
      const named = { firstName: 'Grace', lastName: 'Hopper', username: `grace-${newId().slice(-8)}` };
      const { user, tokens } = await register({ ...named, password: TEST_PASSWORD });
      const get = async (who: { readonly token: string }, id: string) =>
        await rest.call<Chat>('GET', `/api/users/${id}/chat/`, { token: who.token });
      const answers = await Promise.all([
        get(ada, user.id),
        get(ada, user.id),
        get({ token: tokens.accessToken }, ada.id),
      ]);
      expect(new Set(answers.map(({ body }) => body.data.id)).size).to.equal(1);
      const conversationId = answers[0]?.body.data.id ?? '';
      expect(answers[0]?.body).to.deep.include({
        success: true,
        status: 200,
        data: { id: conversationId, messages: [] },
      });
      const theirs = createApi(server.url, tokens.accessToken);
      for (let count = 1; count <= 51; count += 1)
        await theirs.messages.send.mutate({ conversationId, text: `message ${count}` });
      const { id } = await ada.api.messages.send.mutate({ conversationId, text: 'enough' });
      const { data } = (await get(ada, user.id)).body;
      expect(data.messages).to.have.length(50);
      const [own, newest] = data.messages;
      expect(own).to.deep.include({
        id,
        text: 'enough',
        sender: { id: ada.id, first_name: '', last_name: '' },
      });
      expect(newest).to.deep.include({
        ...{ text: 'message 51', sender: { id: user.id, first_name: 'Grace', last_name: 'Hopper' } },
      });
    });
    it('are with somebody else, who may be known', async () => {
      const refusal = (id: string, who?: TestPerson) =>
        rest.refusal('GET', `/api/users/${id}/chat/`, who === undefined ? {} : as(who));
      expect(await refusal(ada.id, ada)).to.deep.equal([400, 'INVALID_INPUT', 'user_id']);
      for (const id of [newId(), '%00']) expect(await refusal(id, ada)).to.deep.equal([404, 'NOT_FOUND']);
      await bob.api.friends.block.mutate({ userId: ada.id });
      expect(await refusal(bob.id, ada)).to.deep.equal([404, 'NOT_FOUND']);
      expect(await refusal(bob.id)).to.deep.equal([401, 'NOT_SIGNED_IN']);
    });
  });

  describe('starting a chat', () => {
    const PATH = '/api/chat/start/';
    const come = async (who: TestPerson): Promise<Watch> => {
      const person = await sdkSignIn(server, who);
      const watch = watchPeople(person, [person]);
      await watch.until((heard) => heard.last(person)?.status === 'available');
      return watch;
    };

    it('is with somebody who is online, by username or id', async () => {
      using _bob = await come(bob);
      const made = await rest.call<{ conversation_id: string }>(
        'POST',
        PATH,
        as(ada, { receiver_id: bob.username }),
      );
      expect(made.status).to.equal(201);
      expect(made.body).to.deep.equal({ conversation_id: made.body.conversation_id, online: true });
      for (const receiver_id of [bob.id, bob.username.toUpperCase()]) {
        const again = await rest.call('POST', PATH, as(ada, new URLSearchParams({ receiver_id })));
        expect([again.status, again.body]).to.deep.equal([200, made.body]);
      }
      const bare = await rest.call('POST', '/api/chat/start', as(ada, { receiver_id: bob.id }));
      expect(bare.status).to.equal(200);
    });
    it('is not with somebody who is not, as far as one may know, and makes nothing then', async () => {
      const offline = [409, 'RECIPIENT_OFFLINE'];
      const refusal = (receiver_id: unknown, who = ada) =>
        rest.refusal('POST', PATH, as(who, { receiver_id }));
      expect(await refusal(bob.username)).to.deep.equal(offline);
      using _bob = await come(bob);
      await bob.api.presence.setStatus.mutate({ status: 'invisible' });
      expect(await refusal(bob.id)).to.deep.equal(offline);
      await bob.api.presence.setStatus.mutate({ status: 'away' });
      await bob.api.friends.block.mutate({ userId: ada.id });
      expect(await refusal(bob.id)).to.deep.equal([404, 'NOT_FOUND']);
      await bob.api.friends.unblock.mutate({ userId: ada.id });
      expect((await ada.api.conversations.list.query({})).items).to.deep.equal([]);
      expect((await rest.call('POST', PATH, as(ada, { receiver_id: bob.id }))).status).to.equal(201);
    });
    it('is refused where it makes no sense', async () => {
      const email = `${newId()}@example.org`.toLowerCase();
      await createApi(server.url).auth.register.mutate({ email, password: TEST_PASSWORD });
      for (const [receiver_id, expected] of [
        [newId(), [404, 'NOT_FOUND']],
        ['no-such-person', [404, 'NOT_FOUND']],
        [email, [404, 'NOT_FOUND']],
        [ada.username, [400, 'INVALID_INPUT', 'receiver_id']],
        [undefined, [400, 'INVALID_INPUT', 'receiver_id']],
        ['', [400, 'INVALID_INPUT', 'receiver_id']],
        [7, [400, 'INVALID_INPUT', 'receiver_id']],
        ['x'.repeat(65), [400, 'INVALID_INPUT', 'receiver_id']],
      ] as const)
        expect(await rest.refusal('POST', PATH, as(ada, { receiver_id })), String(receiver_id)).to.deep.equal(
          expected,
        );
      expect(await rest.refusal('POST', PATH, { body: { receiver_id: bob.id } })).to.deep.equal([
        401,
        'NOT_SIGNED_IN',
      ]);
    });
  });
});
