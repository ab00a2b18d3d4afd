// Who may open a JSON socket, and that it ends the moment they may not have it any more.
import { limits, newId } from '@parley/shared';
import { expect } from 'chai';
import { claimsOf } from '../harness/forge.js';
import { chat, converse, JsonClient } from '../harness/json-client.js';
import {
  createApi,
  forgeToken,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  TEST_SECRET,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

describe('who may have a JSON socket', () => {
  let place: ServerOnStore;
  let server: TestServer;
  before(async () => {
    place = await startServerOnStore('json-sockets-access');
    server = place.server;
  });
  after(() => place.close());

  const people = async (): Promise<[TestPerson, TestPerson]> =>
    await Promise.all([signUp(server, 'ada'), signUp(server, 'bob')]);
  const groupOf = async (owner: TestPerson, ...members: readonly TestPerson[]): Promise<string> => {
    const { id } = await owner.api.groups.create.mutate({
      ...{ name: newId(), visibility: 'private', members: members.map((member) => member.id) },
    });
    return id;
  };
  const roomOf = async (...members: readonly TestPerson[]): Promise<string> => {
    const name = newId();
    const joined = await Promise.all(members.map(({ api }) => api.rooms.joinOrCreate.mutate({ name })));
    return joined[0]?.room.id ?? '';
  };
  const openFor = (person: TestPerson, conversationId: string): Promise<JsonClient> =>
    converse(server, person.token, conversationId).opened();
  /** Opened, and closed with that code, having heard nothing. */
  const fateOf = async (socket: JsonClient): Promise<number> => {
    let opened = false;
    socket.socket.once('open', () => {
      opened = true;
    });
    const { code } = await socket.closed;
    expect(opened, 'it is upgraded').to.equal(true);
    expect(socket.frames).to.deep.equal([]);
    return code;
  };

  it('wants an access token that stands', async () => {
    const ada = await signUp(server);
    const claims = claimsOf(ada.token);
    const past = Math.floor(Date.now() / 1_000) - 10;
    const ended = await signUp(server);
    await ended.api.auth.logout.mutate();
    const tokens = [
      ...['', 'nonsense', ada.tokens.refreshToken, ended.token],
      forgeToken(claims, 'another secret'),
      forgeToken(claims, null, { alg: 'none', typ: 'JWT' }),
      forgeToken({ ...claims, exp: past }, TEST_SECRET),
    ];
    // The more often an address is refused the later it is told: side by side.
    const fates = await Promise.all([
      ...tokens.flatMap((token) => [fateOf(chat(server, token)), fateOf(converse(server, token, 'any'))]),
      fateOf(new JsonClient(`${server.wsUrl}/api/chat/send`)),
    ]);
    expect(fates).to.deep.equal(Array(15).fill(4401));
  });

  it('wants membership: 4403 where one may know of it, 4404 where not, or where there is nothing', async () => {
    const [ada, bob] = await people();
    const eve = await signUp(server);
    const [room, group] = [await roomOf(ada), await groupOf(ada, bob)];
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    const hidden = await ada.api.rooms.joinOrCreate.mutate({ name: newId(), visibility: 'private' });
    const named = (await ada.api.rooms.get.query({ conversationId: room })).name;
    const expected = [
      [room, 4403],
      [named, 4403],
      [group, 4404],
      [conversation.id, 4404],
      [hidden.room.id, 4404],
      [hidden.room.name, 4404],
      [newId(), 4404],
      ['no such room 👋', 4404],
      ['a/b', 4404],
      ['x'.repeat(5_000), 4404],
      ['\u0000', 4404],
      [eve.id, 4404],
    ] as const;
    const broken = ['%E0%A4%A', '%', '%FF%FE'].map(
      (name) => new JsonClient(`${server.wsUrl}/ws/chat/${name}/?token=${eve.token}`),
    );
    const fates = await Promise.all(
      [...expected.map(([name]) => converse(server, eve.token, name)), ...broken].map(fateOf),
    );
    expect(fates).to.deep.equal([...expected.map(([, code]) => code), 4404, 4404, 4404]);
  });

  it('is nothing for pages of other origins, nor under other paths', async () => {
    const ada = await signUp(server);
    const foreign = chat(server, ada.token, { origin: 'https://evil.example' });
    expect((await foreign.closed).code).to.equal(1006);
    for (const path of ['/ws/chat/', '/ws/chat', '/api/chat/send/x', '/ws/chat/a/b/', '/api/chat']) {
      const socket = new JsonClient(`${server.wsUrl}${path}?token=${ada.token}`);
      expect((await socket.closed).code, path).to.equal(1006);
    }
    await using slashless = await new JsonClient(`${server.wsUrl}/api/chat/send?token=${ada.token}`).opened();
    expect(slashless.frames).to.deep.equal([]);
  });

  describe('ends', () => {
    const ways: readonly {
      readonly with: string;
      readonly code: number;
      readonly act: (to: { ada: TestPerson; bob: TestPerson; group: string }) => Promise<unknown>;
    }[] = [
      {
        with: 'being put out',
        code: 4403,
        act: ({ ada, bob, group }) =>
          ada.api.groups.removeMember.mutate({ conversationId: group, userId: bob.id }),
      },
      {
        with: 'being banned',
        code: 4403,
        act: ({ ada, bob, group }) => ada.api.groups.ban.mutate({ conversationId: group, userId: bob.id }),
      },
      {
        with: 'leaving',
        code: 4403,
        act: ({ bob, group }) => bob.api.groups.leave.mutate({ conversationId: group }),
      },
      {
        with: 'the end of the group',
        code: 4404,
        act: ({ ada, group }) => ada.api.groups.delete.mutate({ conversationId: group }),
      },
      { with: 'signing out', code: 4401, act: ({ bob }) => bob.api.auth.logout.mutate() },
      {
        with: 'a session that is ended from another device',
        code: 4401,
        act: async ({ bob }) => {
          const device = await createApi(server.url).auth.login.mutate({
            ...{ login: bob.username, password: TEST_PASSWORD },
          });
          await createApi(server.url, device.tokens.accessToken).auth.logoutEverywhere.mutate({});
        },
      },
      {
        with: 'the suspension of an account',
        code: 4401,
        act: async ({ ada, bob }) => {
          await place.makeAdmin(ada.id);
          await ada.api.admin.users.suspend.mutate({ userId: bob.id, reason: 'a test' });
        },
      },
    ];
    for (const { with: what, code, act } of ways) {
      it(`with ${what}, and hears nothing after`, async () => {
        const [ada, bob] = await people();
        const group = await groupOf(ada, bob);
        const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
        const [his, direct] = [await openFor(bob, group), await chat(server, bob.token).opened()];
        await using hers = await openFor(ada, group);
        hers.send({ message: 'before' });
        await his.has(1);
        await act({ ada, bob, group });
        const closed = await his.closed;
        expect(closed.code).to.equal(code);
        if (code !== 4404) {
          hers.send({ message: 'after' });
          await hers.has(2);
        }
        await ada.api.messages.send.mutate({ conversationId: conversation.id, text: 'direct' });
        expect(his.texts).to.deep.equal(['before']);
        if (code === 4401) {
          expect((await direct.closed).code).to.equal(code);
          expect(direct.frames).to.deep.equal([]);
        } else {
          await direct.has(1);
          expect(direct.texts, 'it is another’s business').to.deep.equal(['direct']);
          await direct[Symbol.asyncDispose]();
        }
      });
    }

    it('with the account', async () => {
      const [ada, bob] = await people();
      const his = await openFor(bob, await roomOf(ada, bob));
      const direct = await chat(server, bob.token).opened();
      await bob.api.users.delete.mutate({ password: TEST_PASSWORD });
      expect((await his.closed).code).to.be.oneOf([4401, 4403]);
      expect((await direct.closed).code).to.equal(4401);
    });

    it('with its token, and nothing is sent with it after', async () => {
      await using own = await startTestServer({ accessTokenSeconds: 2 });
      const ada = await signUp(own);
      const socket = await chat(own, ada.token).opened();
      expect(await socket.closed).to.deep.equal({ code: 4401, reason: 'TOKEN_EXPIRED' });
    });

    it('with the server, saying so', async () => {
      const own = await startTestServer();
      const ada = await signUp(own);
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: newId() });
      const sockets = [await chat(own, ada.token).opened(), await converse(own, ada.token, room.id).opened()];
      await own.close();
      for (const socket of sockets) expect((await socket.closed).code).to.equal(1012);
    });
  });

  it('stays while one is silenced or blocked: reads, and is told why nothing is sent', async () => {
    const [ada, bob] = await people();
    const group = await groupOf(ada, bob);
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    await using inGroup = await openFor(bob, group);
    await using inDirect = await openFor(bob, conversation.id);
    await ada.api.groups.silence.mutate({ conversationId: group, userId: bob.id });
    await ada.api.friends.block.mutate({ userId: bob.id });
    for (const socket of [inGroup, inDirect]) {
      socket.send({ message: 'let me' });
      await socket.has(1);
      expect(socket.frames[0]?.error?.code).to.equal('FORBIDDEN');
    }
    await ada.api.messages.send.mutate({ conversationId: group, text: 'listen' });
    await inGroup.has(2);
    expect(inGroup.texts).to.deep.equal(['listen']);
    await ada.api.groups.update.mutate({ conversationId: group, slowModeMs: 60_000 });
    await ada.api.groups.unsilence.mutate({ conversationId: group, userId: bob.id });
    inGroup.send({ message: 'one' });
    inGroup.send({ message: 'two' });
    await inGroup.has(4);
    const { error } = inGroup.frames.find(({ error }) => error?.code === 'TOO_MANY_REQUESTS') ?? {};
    expect(error?.retry_after).to.be.within(1, 60);
  });

  it('has only so many', async () => {
    const ada = await signUp(server);
    const most = limits.subscriptionsPerUser.value;
    const sockets = await Promise.all(Array.from({ length: most }, () => chat(server, ada.token).opened()));
    expect(await fateOf(chat(server, ada.token))).to.equal(1013);
    await sockets.pop()?.[Symbol.asyncDispose]();
    let isFree = false;
    while (!isFree) {
      const socket = chat(server, ada.token);
      isFree = await Promise.race([
        socket.closed.then(() => false),
        socket.opened().then(
          () => true,
          () => false,
        ),
      ]);
      sockets.push(socket);
    }
    await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
  });
});
