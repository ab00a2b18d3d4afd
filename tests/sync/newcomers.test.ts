import { startHistory } from '@parley/server/internal/features/messages/history-start';
import {
  appendMessage,
  CONVERSATION_MODEL,
  messageValue,
  newId,
  readMessages,
  type SyncFrame,
} from '@parley/shared';
import { expect } from 'chai';
import { type EngineServer, startEngineServer } from '../harness/engine-server.js';
import type { RawClient } from '../harness/raw-client.js';

describe('a conversation that shows newcomers nothing older', () => {
  let server: EngineServer;
  let id: string;
  before(async () => {
    server = await startEngineServer();
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    id = await server.converse('private', 'ada', 'bob', 'eve');
  });

  const perform = (conversationId: string, command: unknown): Promise<boolean> =>
    server.engine.perform('conversation', conversationId, command);
  const cut = (): Promise<number> =>
    startHistory({ conversations: server.conversations, live: { perform } }, id);
  const say = (client: RawClient, author: string, text: string): void =>
    client.write((doc) => appendMessage(doc, { author, text }));
  const textsOf = (client: RawClient): string[] => readMessages(client.doc).map(({ text }) => text);
  const history = async (): Promise<string[]> =>
    (await server.messages.find({ conversation: id }).sort({ seq: 1 }).lean()).map(({ text }) => text);
  const bytesOf = (frames: readonly SyncFrame[]): Buffer =>
    Buffer.concat(frames.map((frame) => ('bytes' in frame ? Buffer.from(frame.bytes) : Buffer.alloc(0))));
  const upTo = async (count: number): Promise<void> => {
    while ((await server.messages.countDocuments({ conversation: id })) < count)
      await new Promise(setImmediate);
  };

  it('[C17] sends them no byte of what was said, edited and reacted with before', async () => {
    const ada = await server.connect(id, 'ada').synced();
    for (let index = 0; index < 5; index += 1) say(ada, 'ada', `an old secret ${index}`);
    await upTo(5);
    const [first] = readMessages(ada.doc);
    const message = first?.id ?? '';
    const edit = { message, author: 'ada', text: 'an edited secret', editedAt: Date.now() };
    await perform(id, { type: 'edit', value: { v: CONVERSATION_MODEL, type: 'edit', ...edit } });
    const before = await server.connect(id, 'bob').synced();
    expect(bytesOf(before.frames).includes('secret')).to.equal(true);

    expect(await cut()).to.equal(5);
    say(ada, 'ada', 'a new word');
    await ada.until(() => textsOf(ada).join() === 'a new word');
    // What is changed from here on in what they do not see stays unseen as well.
    await perform(id, {
      type: 'edit',
      value: { v: CONVERSATION_MODEL, type: 'edit', ...edit, text: 'a later secret' },
    });
    const eve = await server.connect(id, 'eve').synced();
    await eve.until(() => textsOf(eve).length === 1);
    expect(textsOf(eve)).to.deep.equal(['a new word']);
    expect(bytesOf(eve.frames).includes('secret')).to.equal(false);
    expect(await history()).to.deep.equal([
      'a later secret',
      ...[1, 2, 3, 4].map((index) => `an old secret ${index}`),
      'a new word',
    ]);
    await Promise.all([ada, before, eve].map((client) => client.close()));
  });

  it('[C17] loses nothing that is said while it is cut, and shows nothing with a number up to the cut', async () => {
    const clients = await Promise.all(['ada', 'bob'].map((user) => server.connect(id, user).synced()));
    const [ada, bob] = clients;
    if (ada === undefined || bob === undefined) throw new Error('two are connected');
    let said = 0;
    let isCut = false;
    const talking = (async () => {
      while (!isCut || said < 40) {
        say(said % 2 === 0 ? ada : bob, said % 2 === 0 ? 'ada' : 'bob', `word ${said}`);
        said += 1;
        await new Promise(setImmediate);
      }
    })();
    await upTo(10);
    const seqs = [await cut(), await cut()];
    isCut = true;
    await talking;
    await upTo(said);
    const eve = await server.connect(id, 'eve').synced();
    const rows = await server.messages.find({ conversation: id }).lean();
    expect(rows.map(({ text }) => text)).to.have.members(
      Array.from({ length: said }, (_, index) => `word ${index}`),
    );
    const shown = new Set(readMessages(eve.doc).map((message) => message.id));
    const tooOld = rows.filter(({ _id, seq }) => seq <= (seqs[1] ?? 0) && shown.has(_id));
    expect(tooOld).to.deep.equal([]);
    await Promise.all([...clients, eve].map((client) => client.close()));
  });

  it('[C17] brings home what somebody wrote who did not know of it yet', async () => {
    const ada = await server.connect(id, 'ada').synced();
    say(ada, 'ada', 'old');
    await upTo(1);
    const away = await server.connect(id, 'bob').synced();
    await away.close();
    await cut();
    const late = appendMessage(away.doc, { author: 'bob', text: 'written on a train' });
    const back = await server.connect(id, 'bob').synced();
    back.write((doc) => appendMessage(doc, late));
    await ada.until(() => textsOf(ada).includes('written on a train'));
    expect(textsOf(ada)).to.deep.equal(['written on a train']);
    await Promise.all([ada, back].map((client) => client.close()));
  });

  it('[C17] begins at nothing where nothing was said', async () => {
    expect(await cut()).to.equal(0);
  });

  it('[C15] has only the server say what happened, and nobody change that but an admin who deletes it', async () => {
    const note = messageValue({ author: 'ada', text: 'x' });
    const system = { ...note, id: newId(), text: '', system: { type: 'joined', users: ['ada'] } } as const;
    const ada = await server.connect(id, 'ada').synced();
    ada.write((doc) => {
      const segments = doc.getArray<import('yjs').Map<import('yjs').Array<unknown>>>('segments');
      segments.get(0).get('messages')?.push([system]);
    });
    const { refusal } = await ada.next('refused');
    expect(refusal.rule).to.equal('C15');
    await ada.close();

    await perform(id, { type: 'append', value: system });
    const again = await server.connect(id, 'ada').synced();
    expect(readMessages(again.doc)[0]?.system).to.deep.equal({ type: 'joined', users: ['ada'] });
    again.write((doc) => {
      const segments = doc.getArray<import('yjs').Map<import('yjs').Map<unknown>>>('segments');
      const edit = { message: system.id, author: 'ada', text: 'I never came', editedAt: 1 };
      segments
        .get(0)
        .get('edits')
        ?.set(system.id, { v: CONVERSATION_MODEL, type: 'edit', ...edit });
    });
    expect((await again.next('refused')).refusal.rule).to.equal('C6');
    await again.close();
    const remove = (client: RawClient): void =>
      client.write((doc) => {
        const segments = doc.getArray<import('yjs').Map<import('yjs').Array<unknown>>>('segments');
        segments.get(0).get('messages')?.delete(0, 1);
      });
    const author = await server.connect(id, 'ada').synced();
    remove(author);
    expect((await author.next('refused')).refusal.rule).to.equal('C8');
    await author.close();
    await server.memberships.updateOne({ conversation: id, user: 'bob' }, { $set: { role: 'admin' } });
    const admin = await server.connect(id, 'bob').synced();
    remove(admin);
    while ((await server.messages.findById(system.id).lean())?.deletedAt === null)
      await new Promise(setImmediate);
    await admin.close();
  });

  it('[C16] refuses who is too fast, by both doors, and nobody who administers', async () => {
    await perform(id, { type: 'slow', slowModeMs: 3_600_000 });
    const ada = await server.connect(id, 'ada').synced();
    say(ada, 'ada', 'one');
    await ada.until(() => ada.frames.some(({ type }) => type === 'stored'));
    say(ada, 'ada', 'two');
    const { refusal } = await ada.next('refused');
    expect(refusal).to.include({ rule: 'C16', code: 'TOO_MANY_REQUESTS' });
    await ada.close();
    const value = messageValue({ author: 'ada', text: 'three' });
    const error = await perform(id, { type: 'append', value, isPaced: true }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: 'TOO_MANY_REQUESTS' });
    // Sent again it is not said again.
    const fresh = await server.connect(id, 'ada').synced();
    const [one] = readMessages(fresh.doc);
    fresh.write((doc) => appendMessage(doc, { id: one?.id ?? '', author: 'ada', text: 'one' }));
    await fresh.until(() => fresh.frames.some(({ type }) => type === 'stored'));
    expect(fresh.frames.some(({ type }) => type === 'refused')).to.equal(false);
    await fresh.close();
    await server.memberships.updateOne({ conversation: id, user: 'bob' }, { $set: { role: 'admin' } });
    const bob = await server.connect(id, 'bob').synced();
    for (const text of ['a', 'b', 'c']) say(bob, 'bob', text);
    await upTo(4);
    expect(await history()).to.deep.equal(['one', 'a', 'b', 'c']);
    await bob.close();
  });
});
