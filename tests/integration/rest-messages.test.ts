// Messages over the plain API: reading, sending, changing.
import { limits, newId } from '@parley/shared';
import { expect } from 'chai';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';

interface Said {
  readonly id: string;
  readonly sender: { readonly id: string; readonly username: string };
  readonly message: string;
  readonly seq: number;
  readonly timestamp: string;
  readonly edited_at: string | null;
  readonly deleted_at: string | null;
}

interface Sent extends Said {
  readonly receiver_user?: { readonly id: string; readonly username: string };
  readonly receiver_group?: string;
}

describe('messages over REST', () => {
  let server: TestServer;
  let rest: RestClient;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;

  before(async () => {
    server = await startTestServer();
    rest = await createRestClient(server);
  });
  after(() => server.close());
  beforeEach(async () => {
    [ada, bob, eve] = (await Promise.all(['ada', 'bob', 'eve'].map((name) => signUp(server, name)))) as [
      TestPerson,
      TestPerson,
      TestPerson,
    ];
  });

  const as = ({ token }: TestPerson, body?: unknown) => ({ token, ...(body !== undefined && { body }) });
  const send = async (who: TestPerson, to: string, body: unknown) =>
    await rest.call<Sent>('POST', `/api/messages/${to}/send/`, as(who, body));
  const list = async (who: TestPerson, to: string, query = '') =>
    await rest.call<Said[]>('GET', `/api/messages/${to}/${query}`, as(who));
  const direct = async (one: TestPerson, other: TestPerson): Promise<string> =>
    (await one.api.conversations.start.mutate({ userId: other.id })).conversation.id;
  const groupOf = async (owner: TestPerson, ...others: TestPerson[]): Promise<string> =>
    (
      await owner.api.groups.create.mutate({
        ...{ name: `group ${newId()}`, announces: false, members: others.map(({ id }) => id) },
      })
    ).id;

  describe('sending', () => {
    it('makes the conversation where a person stands for it, and answers with what is stored', async () => {
      const { status, body } = await send(ada, bob.id, { message: 'hello' });
      expect(status).to.equal(201);
      const { id, timestamp, ...told } = body;
      expect(told).to.deep.equal({
        ...{ sender: { id: ada.id, username: ada.username }, message: 'hello', file: null, seq: 1 },
        ...{ edited_at: null, deleted_at: null, reply_to: null },
        receiver_user: { id: bob.id, username: bob.username },
      });
      expect(new Date(timestamp).getTime()).to.be.closeTo(Date.now(), 20_000);
      const conversationId = await direct(ada, bob);
      const { items } = await bob.api.messages.list.query({ conversationId });
      expect(items.map(({ id, text }) => [id, text])).to.deep.equal([[id, 'hello']]);
      expect((await send(bob, ada.id, { message: 'and you' })).body.seq).to.equal(2);
      expect((await send(bob, conversationId, { message: 'by its id' })).body.seq).to.equal(3);
    });
    it('tells the group, and takes forms, with and without a slash at the end', async () => {
      const group = await groupOf(ada, bob);
      const { body } = await send(bob, group, new URLSearchParams({ message: 'from a form' }));
      expect(body).to.include({ message: 'from a form', receiver_group: group });
      expect(body).not.to.have.property('receiver_user');
      const bare = await rest.call<Sent>('POST', `/api/messages/${group}/send`, as(ada, { message: 'x' }));
      expect(bare.status).to.equal(201);
    });
    it('checks a receiver that is named against the path alone', async () => {
      const [conversationId, group] = [await direct(ada, bob), await groupOf(ada, bob)];
      const message = 'to whom';
      for (const path of [conversationId, bob.id])
        expect((await send(ada, path, { message, receiver_user: bob.id })).status, path).to.equal(201);
      expect((await send(ada, group, { message, receiver_group: group })).status).to.equal(201);
      expect((await send(ada, group, { message, receiver_user: null, receiver_group: '' })).status).to.equal(
        201,
      );
      for (const [path, given, field] of [
        [conversationId, { receiver_user: eve.id }, 'receiver_user'],
        [conversationId, { receiver_user: 'nobody' }, 'receiver_user'],
        [conversationId, { receiver_user: conversationId }, 'receiver_user'],
        [conversationId, { receiver_user: ada.id }, 'receiver_user'],
        [conversationId, { receiver_group: group }, 'receiver_group'],
        [conversationId, { receiver_group: conversationId }, 'receiver_group'],
        [group, { receiver_user: bob.id }, 'receiver_user'],
        [group, { receiver_user: group }, 'receiver_user'],
        ['nobody', { receiver_user: bob.id }, 'receiver_user'],
        [bob.id, { receiver_user: bob.id, receiver_group: group }, 'receiver_group'],
      ] as const)
        expect(
          await rest.refusal('POST', `/api/messages/${path}/send/`, as(ada, { message, ...given })),
          `${path} ${JSON.stringify(given)}`,
        ).to.deep.equal([400, 'INVALID_INPUT', field]);
      const nobody = as(ada, { message, receiver_user: 'nobody' });
      expect(await rest.refusal('POST', '/api/messages/nobody/send/', nobody)).to.deep.equal([
        404,
        'NOT_FOUND',
      ]);
    });
    it('twice under one id is one message: 201 once, then 200; of many at once one is new', async () => {
      const conversationId = await direct(ada, bob);
      const id = newId();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_none, at) => send(ada, conversationId, { id, message: `try ${at}` })),
      );
      expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
      expect(answers.filter(({ status }) => status === 200)).to.have.length(7);
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).to.equal(1);
      const again = await send(ada, conversationId, { id, message: 'another text' });
      expect([again.status, again.body]).to.deep.equal([200, answers[0]?.body]);
      expect((await list(ada, conversationId)).body).to.have.length(1);
      const taken = as(bob, { id, message: 'mine' });
      expect(await rest.refusal('POST', `/api/messages/${conversationId}/send/`, taken)).to.deep.equal([
        409,
        'MESSAGE_ID_TAKEN',
      ]);
    });
    it('refuses what is no message, under the names it came with', async () => {
      const path = `/api/messages/${await direct(ada, bob)}/send/`;
      for (const [body, field] of [
        [{}, 'message'],
        [{ message: '' }, 'message'],
        [{ message: ' \n ' }, 'message'],
        [{ message: 7 }, 'message'],
        [{ message: 'x'.repeat(limits.textCharacters.value + 1) }, 'message'],
        [{ message: 'x', id: 'short' }, 'id'],
        [{ message: 'x', id: newId().toLowerCase() }, 'id'],
        [{ message: 'x', reply_to: 'short' }, 'reply_to'],
        [{ message: 'x', receiver_user: 7 }, 'receiver_user'],
      ] as const)
        expect(
          await rest.refusal('POST', path, as(ada, body)),
          JSON.stringify(body).slice(0, 60),
        ).to.deep.equal([400, 'INVALID_INPUT', field]);
      const long = 'x'.repeat(limits.textCharacters.value);
      expect((await rest.call('POST', path, as(ada, { message: long, more: 1 }))).status).to.equal(201);
      const huge = as(ada, { message: 'x'.repeat(limits.jsonBodyBytes.value) });
      expect(await rest.refusal('POST', path, huge)).to.deep.equal([413, 'TOO_LARGE']);
      expect(
        await rest.refusal('POST', path, {
          token: ada.token,
          body: 'x',
          headers: { 'content-type': 'text/x' },
        }),
      ).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE']);
      expect(await rest.refusal('POST', path, { body: { message: 'x' } })).to.deep.equal([
        401,
        'NOT_SIGNED_IN',
      ]);
    });
    it('is for those who are in it, and where no block is', async () => {
      const [conversationId, group] = [await direct(ada, bob), await groupOf(ada, bob)];
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: `room ${newId()}` });
      const refusal = (who: TestPerson, to: string) =>
        rest.refusal('POST', `/api/messages/${to}/send/`, as(who, { message: 'x' }));
      for (const to of [conversationId, group, newId(), 'a b'])
        expect(await refusal(eve, to), to).to.deep.equal([404, 'NOT_FOUND']);
      expect(await refusal(eve, room.id)).to.deep.equal([403, 'FORBIDDEN']);
      expect(await refusal(ada, ada.id)).to.deep.equal([400, 'INVALID_INPUT', 'user_id']);
      await bob.api.friends.block.mutate({ userId: ada.id });
      await eve.api.friends.block.mutate({ userId: ada.id });
      for (const to of [conversationId, bob.id])
        expect(await refusal(ada, to)).to.deep.equal([403, 'FORBIDDEN']);
      expect(await refusal(ada, eve.id)).to.deep.equal([404, 'NOT_FOUND']);
    });
    it('answers others to hold back in slow mode', async () => {
      const group = await groupOf(ada, bob);
      await ada.api.groups.update.mutate({ conversationId: group, slowModeMs: 60_000 });
      await send(bob, group, { message: 'one' });
      const slowed = await rest.call('POST', `/api/messages/${group}/send/`, as(bob, { message: 'two' }));
      expect(slowed.status).to.equal(429);
      expect(Number(slowed.headers.get('retry-after'))).to.be.within(1, 60);
    });
  });

  describe('reading', () => {
    it('begins with the newest, ten at a time, and goes on by Link to the end', async () => {
      const conversationId = await direct(ada, bob);
      for (let at = 1; at <= 23; at += 1)
        await ada.api.messages.send.mutate({ conversationId, text: `message ${at}` });
      const seqs: number[][] = [];
      let path: string | null = `/api/messages/${bob.id}/`;
      while (path !== null) {
        const page: { body: Said[]; headers: Headers } = await rest.call<Said[]>('GET', path, as(ada));
        seqs.push(page.body.map(({ seq }) => seq));
        path = /<(.+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
      }
      expect(seqs).to.deep.equal([
        [23, 22, 21, 20, 19, 18, 17, 16, 15, 14],
        [13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
        [3, 2, 1],
      ]);
      const page = async (query: string) => {
        const { body, headers } = await list(bob, conversationId, query);
        return [body.map(({ seq }) => seq), headers.has('link')];
      };
      expect(await page('?page=1')).to.deep.equal([seqs[0], true]);
      expect(await page('?page=2')).to.deep.equal([seqs[1], true]);
      expect(await page('?page=3')).to.deep.equal([seqs[2], false]);
      expect(await page('?page=4')).to.deep.equal([[], false]);
      expect(await page(`?page=${Number.MAX_SAFE_INTEGER}`)).to.deep.equal([[], false]);
      expect(await page('?page=5&limit=5')).to.deep.equal([[3, 2, 1], false]);
      expect(await page('?limit=100')).to.deep.equal([seqs.flat(), false]);
      for (const [query, field] of [
        ['page=0', 'page'],
        ['page=-1', 'page'],
        ['page=two', 'page'],
        ['page=', 'page'],
        ['page=1.5', 'page'],
        ['page=99999999999999999', 'page'],
        ['limit=0', 'limit'],
        ['limit=101', 'limit'],
        ['cursor=nonsense', 'cursor'],
      ])
        expect(
          await rest.refusal('GET', `/api/messages/${conversationId}/?${query}`, as(ada)),
          query,
        ).to.deep.equal([400, 'INVALID_INPUT', field]);
    });
    it('keeps its pages while messages are deleted, and says which are', async () => {
      const conversationId = await direct(ada, bob);
      for (let at = 1; at <= 12; at += 1)
        await ada.api.messages.send.mutate({ conversationId, text: `${at}` });
      const [third] = (await list(ada, conversationId, '?page=10&limit=1')).body;
      expect(third?.seq).to.equal(3);
      await ada.api.messages.delete.mutate({ conversationId, id: third?.id ?? '' });
      const [gone, ...older] = (await list(bob, conversationId, '?page=2')).body.slice(-1);
      expect(gone?.seq).to.equal(1);
      expect(older).to.deep.equal([]);
      const { body } = await list(bob, conversationId, '?limit=100');
      expect(body).to.have.length(12);
      const deleted = body.find(({ seq }) => seq === 3);
      expect(deleted?.message).to.equal('');
      expect(deleted?.deleted_at).to.be.a('string');
    });
    it('is empty where the two have said nothing, and makes nothing', async () => {
      const { body, status } = await list(ada, bob.id);
      expect([status, body]).to.deep.equal([200, []]);
      expect((await ada.api.conversations.list.query({})).items).to.deep.equal([]);
      expect((await rest.call('GET', `/api/messages/${bob.id}`, as(ada))).status).to.equal(200);
    });
    it('is for those who are in it', async () => {
      const [conversationId, group] = [await direct(ada, bob), await groupOf(ada)];
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: `room ${newId()}` });
      const refusal = (who: TestPerson, to: string) => rest.refusal('GET', `/api/messages/${to}/`, as(who));
      for (const to of [conversationId, group, newId(), '%00'])
        expect(await refusal(eve, to), to).to.deep.equal([404, 'NOT_FOUND']);
      expect(await refusal(eve, room.id)).to.deep.equal([403, 'FORBIDDEN']);
      expect(await refusal(eve, eve.id)).to.deep.equal([400, 'INVALID_INPUT', 'user_id']);
      await bob.api.friends.block.mutate({ userId: eve.id });
      expect(await refusal(eve, bob.id)).to.deep.equal([404, 'NOT_FOUND']);
      expect(await rest.refusal('GET', `/api/messages/${conversationId}/`)).to.deep.equal([
        401,
        'NOT_SIGNED_IN',
      ]);
      // What was said stays readable for both where one has blocked the other.
      await send(ada, conversationId, { message: 'before' });
      await bob.api.friends.block.mutate({ userId: ada.id });
      for (const to of [conversationId, bob.id]) expect((await list(ada, to)).body).to.have.length(1);
    });
    it('tells in a sentence what the server says', async () => {
      const group = await ada.api.groups.create.mutate({ name: `g ${newId()}`, members: [bob.id] });
      const conversationId = group.id;
      await ada.api.groups.addMember.mutate({ conversationId, userId: eve.id });
      await ada.api.groups.update.mutate({ conversationId, name: 'Choir', topic: 'songs' });
      await ada.api.groups.update.mutate({ conversationId, topic: '' });
      await eve.api.groups.leave.mutate({ conversationId });
      await ada.api.groups.removeMember.mutate({ conversationId, userId: bob.id });
      const { body } = await list(ada, conversationId);
      expect(body.map(({ message }) => message).reverse()).to.deep.equal([
        `${ada.username} added ${bob.username}.`,
        `${ada.username} added ${eve.username}.`,
        `${ada.username} changed the name to “Choir”.`,
        `${ada.username} changed the topic to “songs”.`,
        `${ada.username} removed the topic.`,
        `${eve.username} left.`,
        `${ada.username} removed ${bob.username}.`,
      ]);
    });
  });

  describe('changing', () => {
    it('gives one’s own message another text, and empties it, by the conversation or the person', async () => {
      const conversationId = await direct(ada, bob);
      const { body: sent } = await send(ada, conversationId, { message: 'helo' });
      const at = (to: string) => `/api/messages/${to}/${sent.id}/`;
      const edited = await rest.call<Said>('PATCH', at(bob.id), as(ada, { message: 'hello' }));
      const { receiver_user: _, ...said } = sent;
      expect(edited.body).to.deep.equal({ ...said, message: 'hello', edited_at: edited.body.edited_at });
      expect(edited.body.edited_at).to.be.a('string');
      expect(
        (await rest.call('PATCH', at(conversationId), as(ada, new URLSearchParams({ message: 'hi' }))))
          .status,
      ).to.equal(200);
      for (const method of ['PATCH', 'DELETE'] as const) {
        const body = method === 'PATCH' ? { message: 'x' } : undefined;
        expect(await rest.refusal(method, at(conversationId), as(bob, body))).to.deep.equal([
          403,
          'FORBIDDEN',
        ]);
        expect(await rest.refusal(method, at(conversationId), as(eve, body))).to.deep.equal([
          404,
          'NOT_FOUND',
        ]);
        expect(await rest.refusal(method, at(eve.id), as(ada, body))).to.deep.equal([404, 'NOT_FOUND']);
        for (const id of [newId(), 'nonsense'])
          expect(
            await rest.refusal(method, `/api/messages/${conversationId}/${id}/`, as(ada, body)),
          ).to.deep.equal([404, 'NOT_FOUND']);
        expect(await rest.refusal(method, at(conversationId), { body })).to.deep.equal([
          401,
          'NOT_SIGNED_IN',
        ]);
      }
      expect(await rest.refusal('PATCH', at(conversationId), as(ada, { message: ' ' }))).to.deep.equal([
        ...[400, 'INVALID_INPUT', 'message'],
      ]);
      const removed = await rest.call('DELETE', at(conversationId), as(ada));
      expect([removed.status, removed.body]).to.deep.equal([200, { message: 'The message was deleted.' }]);
      expect(await rest.refusal('DELETE', at(conversationId), as(ada))).to.deep.equal([404, 'NOT_FOUND']);
      expect((await list(bob, conversationId)).body[0]?.message).to.equal('');
    });
    it('lets an admin of a group empty what others said', async () => {
      const group = await groupOf(ada, bob);
      const { body } = await send(bob, group, { message: 'rude' });
      const removed = await rest.call('DELETE', `/api/messages/${group}/${body.id}`, as(ada));
      expect(removed.status).to.equal(200);
    });
  });
});
