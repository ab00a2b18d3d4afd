// What newcomers of a group see of what was said before, and what is left when it ends.
import { messageValue, readMessages } from '@parley/shared';
import { expect } from 'chai';
import { findEverywhere } from '../harness/find-everywhere.js';
import { refusalOf, signUp, type TestPerson } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const SECRET = 'before-your-time';

describe('the history of a group', () => {
  let on: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  before(async () => {
    on = await startServerOnStore('groups-history');
    [ada, bob, eve] = [
      await signUp(on.server, 'ada'),
      await signUp(on.server, 'bob'),
      await signUp(on.server, 'eve'),
    ];
  });
  after(() => on.close());

  const make = async (name: string, history: 'all' | 'fromJoin'): Promise<string> => {
    const group = await ada.api.groups.create.mutate({ name, members: [bob.id], history, announces: false });
    for (let index = 0; index < 5; index += 1) {
      const who = index % 2 === 0 ? ada : bob;
      await who.api.messages.send.mutate({ conversationId: group.id, text: `${SECRET} ${index}` });
    }
    return group.id;
  };
  const connect = ({ token }: TestPerson, conversationId: string): RawClient =>
    new RawClient({ url: on.server.url, conversationId, token, acks: true });
  const bytesOf = (clients: readonly RawClient[]): Buffer =>
    Buffer.concat(
      clients.flatMap(({ frames }) =>
        frames.map((frame) => ('bytes' in frame ? frame.bytes : Buffer.alloc(0))),
      ),
    );

  it('[C17] begins for newcomers when they come in, by every door, however early they knock', async () => {
    const conversationId = await make('from join', 'fromJoin');
    const member = await connect(bob, conversationId).synced();
    const knocking: RawClient[] = [];
    let isIn = false;
    const knock = (async () => {
      while (!isIn) {
        const client = connect(eve, conversationId);
        knocking.push(client);
        await Promise.race([client.closed, client.synced().catch(() => undefined)]);
      }
    })();
    await ada.api.groups.addMember.mutate({ conversationId, userId: eve.id });
    isIn = true;
    await knock;
    const { id } = await ada.api.messages.send.mutate({ conversationId, text: 'welcome' });
    const client = await connect(eve, conversationId).synced();
    knocking.push(client);
    await client.until(() => readMessages(client.doc).length === 1);
    expect(readMessages(client.doc).map(({ text }) => text)).to.deep.equal(['welcome']);
    expect(bytesOf(knocking).includes(SECRET)).to.equal(false);
    expect(bytesOf([member]).includes(SECRET)).to.equal(true);

    const { items } = await eve.api.messages.list.query({ conversationId });
    expect(items.map((item) => item.id)).to.deep.equal([id]);
    expect((await eve.api.messages.search.query({ text: 'before' })).items).to.deep.equal([]);
    expect((await bob.api.messages.search.query({ text: 'before' })).items).to.have.length(5);
    const [old] = (await bob.api.messages.list.query({ conversationId })).items;
    const ref = { conversationId, id: old?.id ?? '' };
    for (const call of [
      () => eve.api.messages.around.query(ref),
      () => eve.api.messages.react.mutate({ ...ref, emoji: '👍' }),
    ])
      expect((await refusalOf(call())).code).to.equal('NOT_FOUND');
    expect((await eve.api.conversations.get.query({ conversationId })).unread).to.equal(1);
    expect((await bob.api.messages.list.query({ conversationId })).items).to.have.length(6);
    await Promise.all([...knocking, member].map((each) => each.close()));
  });

  it('shows newcomers nothing as the last message that they may not see', async () => {
    const conversationId = await make('from join too', 'fromJoin');
    await ada.api.groups.addMember.mutate({ conversationId, userId: eve.id });
    const shown = await eve.api.conversations.get.query({ conversationId });
    expect(shown).to.deep.include({ lastMessage: null, unread: 0 });
  });

  it('is all there for newcomers where that is the setting', async () => {
    const conversationId = await make('all of it', 'all');
    await ada.api.groups.addMember.mutate({ conversationId, userId: eve.id });
    expect((await eve.api.messages.list.query({ conversationId })).items).to.have.length(5);
    const client = await connect(eve, conversationId).synced();
    expect(readMessages(client.doc)).to.have.length(5);
    await client.close();
  });

  it('[C16] is written slowly once an admin says so, at once and for those who are connected', async () => {
    const conversationId = await make('slowly', 'all');
    const client = await connect(bob, conversationId).synced();
    await ada.api.groups.update.mutate({ conversationId, slowModeMs: 3_600_000 });
    const say = () => bob.api.messages.send.mutate({ conversationId, text: 'quick' });
    await say();
    const refusal = await refusalOf(say());
    expect(refusal.code).to.equal('TOO_MANY_REQUESTS');
    expect(refusal.retryAfterSeconds).to.be.within(3_000, 3_600);
    await ada.api.messages.send.mutate({ conversationId, text: 'admins' });
    await ada.api.messages.send.mutate({ conversationId, text: 'do not wait' });
    await ada.api.groups.update.mutate({ conversationId, slowModeMs: 0 });
    await say();
    await client.close();
  });

  /** Where a thing is named, but for the log of events, which keeps what it was told for a day. */
  const placesOf = async (id: string): Promise<string[]> =>
    (await findEverywhere(on.database, id)).filter((name) => name !== 'events');

  it('is nowhere any more when the group is deleted', async () => {
    const text = 'gone-for-good';
    const group = await ada.api.groups.create.mutate({ name: 'to end', members: [bob.id] });
    const { id: conversationId } = group;
    const { id } = await ada.api.messages.send.mutate({ conversationId, text, mentions: [bob.id] });
    await ada.api.messages.edit.mutate({ conversationId, id, text: `${text} edited` });
    const pad = await ada.api.pads.create.mutate({ conversationId, title: text });
    expect(await findEverywhere(on.database, text)).to.include.members(['messages', 'document_log', 'pads']);
    await ada.api.groups.delete.mutate({ conversationId });
    expect(await findEverywhere(on.database, text)).to.deep.equal([]);
    for (const gone of [conversationId, pad.id]) expect(await placesOf(gone)).to.deep.equal([]);
  });

  it('[R7] does not begin again, whoever is late to say something', async () => {
    const text = 'too-late';
    const { id: conversationId } = await ada.api.groups.create.mutate({ name: 'ended', members: [bob.id] });
    await ada.api.groups.delete.mutate({ conversationId });
    const value = messageValue({ author: bob.id, text });
    const late = on.server.documents.perform('conversation', conversationId, { type: 'append', value });
    expect(await late.catch((error: unknown) => error)).to.include({ code: 'NOT_FOUND' });
    expect(await findEverywhere(on.database, text)).to.deep.equal([]);
    expect(await placesOf(conversationId)).to.deep.equal([]);
  });
});
