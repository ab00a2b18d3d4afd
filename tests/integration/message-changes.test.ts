import { newId, readMessages } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';

describe('changing messages by procedure', () => {
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let rooms = 0;
  let conversationId: string;

  before(async () => {
    // A window that a handful of messages leaves behind.
    server = await startTestServer({ windowMessages: 4, segmentMessages: 2 });
    [ada, bob, eve] = await Promise.all([
      signUp(server, 'ada'),
      signUp(server, 'bob'),
      signUp(server, 'eve'),
    ]);
  });
  after(() => server.close());

  beforeEach(async () => {
    rooms += 1;
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: `Changes ${rooms}` })).room.id;
    await bob.api.rooms.joinOrCreate.mutate({ name: `Changes ${rooms}` });
  });

  const say = (person: TestPerson, text: string) => person.api.messages.send.mutate({ conversationId, text });
  const watch = (): Promise<RawClient> =>
    new RawClient({ url: server.url, conversationId, token: bob.token, acks: true }).synced();
  const history = async () => (await bob.api.messages.list.query({ conversationId, limit: 100 })).items;

  /** A message of ada's, at the end or with so much after it that it has left the window. */
  const messageOf = async (place: 'in the window' | 'beyond it') => {
    const { id } = await say(ada, 'first words');
    if (place === 'beyond it') for (let count = 1; count <= 8; count += 1) await say(bob, `number ${count}`);
    const client = await watch();
    const isThere = readMessages(client.doc).some((message) => message.id === id);
    expect(isThere).to.equal(place === 'in the window');
    return { ref: { conversationId, id }, client };
  };

  for (const place of ['in the window', 'beyond it'] as const) {
    it(`[C13] edits, reacts to and deletes a message ${place}, for everybody`, async () => {
      const { ref, client } = await messageOf(place);
      const shown = () => readMessages(client.doc).find(({ id }) => id === ref.id);
      const sees = async (isSo: () => boolean): Promise<void> => {
        if (place === 'in the window') await client.until(isSo);
      };
      const edited = await ada.api.messages.edit.mutate({ ...ref, text: 'better words', mentions: [bob.id] });
      expect(edited).to.include({ text: 'better words' });
      expect(edited.mentions).to.deep.equal([bob.id]);
      expect(edited.editedAt).to.be.instanceOf(Date);
      await sees(() => shown()?.text === 'better words');
      const reacted = await bob.api.messages.react.mutate({ ...ref, emoji: '👍' });
      expect(reacted.reactions).to.deep.equal({ '👍': [bob.id] });
      expect(await bob.api.messages.react.mutate({ ...ref, emoji: '👍' })).to.deep.equal(reacted);
      await sees(() => shown()?.reactions['👍']?.[0] === bob.id);
      const taken = await bob.api.messages.unreact.mutate({ ...ref, emoji: '👍' });
      expect(taken.reactions).to.deep.equal({});
      await sees(() => shown()?.reactions['👍'] === undefined);
      const gone = await ada.api.messages.delete.mutate(ref);
      expect(gone).to.deep.include({ text: '', mentions: [], seq: 1 });
      expect(gone.deletedAt).to.be.instanceOf(Date);
      await sees(() => shown() === undefined);
      expect((await history())[0]).to.deep.equal(gone);
      for (const call of [
        () => ada.api.messages.edit.mutate({ ...ref, text: 'again' }),
        () => ada.api.messages.delete.mutate(ref),
        () => bob.api.messages.react.mutate({ ...ref, emoji: '👍' }),
      ])
        expect((await refusalOf(call())).code).to.equal('NOT_FOUND');
      await client.close();
    });

    it(`[C13] lets only its author edit and, besides admins, delete a message ${place}`, async () => {
      const { ref, client } = await messageOf(place);
      const forged = bob.api.messages.edit.mutate({ ...ref, text: 'forged' });
      expect((await refusalOf(forged)).code).to.equal('FORBIDDEN');
      expect((await refusalOf(bob.api.messages.delete.mutate(ref))).code).to.equal('FORBIDDEN');
      const stranger = eve.api.messages.react.mutate({ ...ref, emoji: '👍' });
      expect((await refusalOf(stranger)).code).to.be.oneOf(['NOT_FOUND', 'FORBIDDEN']);
      const [first] = await history();
      expect(first).to.deep.include({ text: 'first words', reactions: {}, editedAt: null, deletedAt: null });
      const bobs = await say(bob, 'to be removed');
      const removed = await ada.api.messages.delete.mutate({ conversationId, id: bobs.id });
      expect(removed.deletedAt).to.be.instanceOf(Date);
      await client.close();
    });
  }

  it('carries out an edit and a deletion that race each other, one after the other', async () => {
    const { ref, client } = await messageOf('in the window');
    await Promise.allSettled([
      ada.api.messages.edit.mutate({ ...ref, text: 'edited' }),
      ada.api.messages.delete.mutate(ref),
      ada.api.messages.edit.mutate({ ...ref, text: 'edited again' }),
    ]);
    const [row] = await history();
    expect(row).to.deep.include({ text: '', deletedAt: row?.deletedAt });
    expect(row?.deletedAt).to.be.instanceOf(Date);
    const late = await watch();
    expect(readMessages(late.doc)).to.deep.equal([]);
    await Promise.all([client.close(), late.close()]);
  });

  it('refuses what is no message, no emoji, no text, and one reaction too many', async () => {
    const { ref, client } = await messageOf('in the window');
    const unknown = ada.api.messages.delete.mutate({ conversationId, id: newId() });
    expect((await refusalOf(unknown)).code).to.equal('NOT_FOUND');
    for (const bad of [
      () => ada.api.messages.edit.mutate({ ...ref, text: '  ' }),
      () => ada.api.messages.edit.mutate({ ...ref, text: 'x'.repeat(8_001) }),
      () => ada.api.messages.react.mutate({ ...ref, emoji: 'word' }),
    ])
      expect((await refusalOf(bad())).code).to.equal('INVALID_INPUT');
    const emojis = [...'🍇🍈🍉🍊🍋🍌🍍🥭🍎🍏🍐🍑🍒🍓🥝🍅🥥🥑🍆🥔'];
    expect(emojis).to.have.length(20);
    for (const emoji of emojis) await ada.api.messages.react.mutate({ ...ref, emoji });
    const more = ada.api.messages.react.mutate({ ...ref, emoji: '🥕' });
    expect((await refusalOf(more)).code).to.equal('UPDATE_REFUSED');
    const atOnce = ['🐶', ...emojis.slice(1), '🐱', '🐭', '🐹', '🐰'].map((emoji) =>
      bob.api.messages.react.mutate({ ...ref, emoji }),
    );
    const outcomes = await Promise.allSettled(atOnce);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(20);
    const [row] = await history();
    const bobs = Object.values(row?.reactions ?? {}).filter((users) => users.includes(bob.id));
    expect(bobs).to.have.length(20);
    await client.close();
  });
});
