// Changes of messages on their way: against procedures that do what the test says, on a clock that stands still.
import { type MessageChange, memoryStorage, ParleyError, type Storage } from '@parley/client';
import type { Message } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { openConversation } from './bench.js';
import { FakeServer } from './fake-server.js';
import { settle } from './fake-timing.js';
import { messageInHistory } from './messages.js';

/** The procedures: every call waits in `calls` until it is answered, or is answered as `mood` says. */
class Procedures {
  readonly calls: MessageChange[] = [];
  mood: 'well' | 'down' | 'held' | ParleyError = 'well';
  #held: ((error: ParleyError | null) => void)[] = [];

  readonly changeMessage = async (change: MessageChange): Promise<Message> => {
    this.calls.push(change);
    const { mood } = this;
    if (mood === 'down') throw new ParleyError('NETWORK');
    if (mood instanceof ParleyError) throw mood;
    if (mood === 'held') {
      const error = await new Promise<ParleyError | null>((resolve) => this.#held.push(resolve));
      if (error !== null) throw error;
    }
    const { id } = change.input;
    const row = messageInHistory({ id, text: 'what history has', seq: 1 });
    return change.act === 'edit' ? { ...row, text: change.input.text } : row;
  };

  /** Answers those that are held. */
  answer(error: ParleyError | null = null): void {
    this.mood = 'well';
    for (const answer of this.#held.splice(0)) answer(error);
  }

  get acts(): string[] {
    return this.calls.map(({ act, input }) => ('text' in input ? `${act} ${input.text}` : act));
  }
}

interface Options {
  readonly storage?: Storage;
  readonly server?: FakeServer;
}

const open = ({ storage = memoryStorage(), server = new FakeServer() }: Options = {}) => {
  const procedures = new Procedures();
  const bench = openConversation({
    storage,
    server,
    parts: { changeMessage: procedures.changeMessage },
  });
  const refused: string[] = [];
  bench.conversation.on('changeRefused', ({ change, error }) => refused.push(`${change.act} ${error.code}`));
  return { ...bench, procedures, refused };
};

/** With one message that is stored. */
const openWithOne = async (options: Options = {}) => {
  const bench = open(options);
  await bench.conversation.whenSynced();
  const { id, stored } = bench.conversation.send('hello');
  await stored;
  await settle();
  const shown = () => bench.conversation.messages.find((message) => message.id === id);
  return { ...bench, id, shown };
};

const codeOf = async (call: Promise<void>): Promise<string> =>
  await call.then(
    () => 'none',
    (error: unknown) => (error instanceof ParleyError ? error.code : String(error)),
  );

describe('changes of messages', () => {
  it('shows a change at once, and carries it out when the server can be reached', async () => {
    const { conversation, procedures, timing, id, shown } = await openWithOne();
    procedures.mood = 'down';
    const done = Promise.all([conversation.edit(id, 'hello again'), conversation.react(id, '👍')]);
    await settle();
    expect(shown()).to.deep.include({
      text: 'hello again',
      reactions: { '👍': ['user-1'] },
      isChanging: true,
    });
    procedures.mood = 'well';
    timing.advance(10_000);
    await done;
    await settle();
    expect(new Set(procedures.acts)).to.deep.equal(new Set(['edit hello again', 'react']));
    expect(shown()).to.deep.include({ text: 'hello again', isChanging: false });
    conversation.close();
    expect(timing.pending).to.equal(0);
  });

  it('goes on showing what is stored until the document does', async () => {
    const { conversation, server, timing, id, shown } = await openWithOne();
    const texts = new Set<string | undefined>();
    conversation.subscribe(() => texts.add(shown()?.text));
    await conversation.edit(id, 'edited');
    await settle();
    timing.advance(500);
    await settle();
    expect(shown()?.text).to.equal('edited');
    server.change((doc) => {
      const edit = { v: 1, type: 'edit', message: id, author: 'user-1', text: 'edited', editedAt: 1 };
      const segment: unknown = doc.getArray('segments').get(0);
      if (!isMap(segment)) throw new Error('no segment');
      const edits = segment.get('edits');
      if (!isMap(edits)) throw new Error('no edits');
      edits.set(id, edit);
    });
    await settle();
    timing.advance(1_000);
    await settle();
    expect(shown()).to.deep.include({ text: 'edited', isChanging: false });
    expect([...texts]).to.deep.equal(['edited']);
    conversation.close();
  });

  it('makes one call for what was said over and over, and tells everybody who waits', async () => {
    const { conversation, procedures, timing, id } = await openWithOne();
    procedures.mood = 'down';
    const calls = [conversation.edit(id, 'one')];
    await settle();
    calls.push(conversation.edit(id, 'two'), conversation.edit(id, 'three'));
    calls.push(conversation.react(id, '👍'), conversation.unreact(id, '👍'));
    procedures.mood = 'well';
    timing.advance(10_000);
    await Promise.all(calls);
    expect(procedures.acts).to.deep.equal(['edit one', 'edit three', 'unreact']);
    conversation.close();
  });

  it('deletes instead of all that was to become of a message, and lets nothing follow', async () => {
    const { conversation, procedures, timing, id, shown } = await openWithOne();
    procedures.mood = 'down';
    const earlier = [conversation.edit(id, 'two'), conversation.react(id, '👍')];
    const deleted = conversation.delete(id);
    expect(await codeOf(conversation.edit(id, 'three'))).to.equal('NOT_FOUND');
    expect(shown()).to.equal(undefined);
    await settle();
    procedures.calls.length = 0;
    procedures.mood = 'well';
    timing.advance(10_000);
    await Promise.all([...earlier, deleted]);
    expect(procedures.acts).to.deep.equal(['delete']);
    conversation.close();
  });

  it('carries out after a restart what an earlier run could not', async () => {
    const { conversation, procedures, storage, server, id } = await openWithOne();
    procedures.mood = 'down';
    const edit = codeOf(conversation.edit(id, 'later'));
    await settle();
    conversation.close();
    expect(await edit).to.equal('CLOSED');
    const next = open({ storage, server });
    next.procedures.mood = 'held';
    await next.conversation.whenSynced();
    await settle();
    expect(next.conversation.messages.at(0)).to.include({ text: 'later', isChanging: true });
    next.procedures.answer();
    await settle();
    expect(next.procedures.acts).to.deep.equal(['edit later']);
    expect(await storage.get('changes')).to.equal(null);
    next.conversation.close();
  });

  it('shows a refused change no more, and hands it back', async () => {
    const { conversation, procedures, refused, storage, id, shown } = await openWithOne();
    procedures.mood = new ParleyError('FORBIDDEN');
    expect(await codeOf(conversation.edit(id, 'not mine'))).to.equal('FORBIDDEN');
    await settle();
    expect(shown()).to.include({ text: 'hello', isChanging: false });
    expect(refused).to.deep.equal(['edit FORBIDDEN']);
    expect(await storage.get('changes')).to.equal(null);
    conversation.close();
  });

  it('refuses at once what the server would not take', async () => {
    const { conversation, procedures, id } = await openWithOne();
    expect(await codeOf(conversation.edit(id, '  '))).to.equal('INVALID_INPUT');
    expect(await codeOf(conversation.react(id, 'x'.repeat(200)))).to.equal('INVALID_INPUT');
    expect(await codeOf(conversation.delete('no id'))).to.equal('INVALID_INPUT');
    expect(procedures.calls).to.deep.equal([]);
    conversation.close();
    expect(await codeOf(conversation.edit(id, 'too late'))).to.equal('CLOSED');
  });

  it('has one that took the place of a lost call answer for both', async () => {
    const { conversation, procedures, timing, id } = await openWithOne();
    procedures.mood = 'held';
    const first = conversation.edit(id, 'one');
    await settle();
    const second = conversation.edit(id, 'two');
    procedures.answer(new ParleyError('NETWORK'));
    await settle();
    timing.advance(10_000);
    await Promise.all([first, second]);
    expect(procedures.acts).to.deep.equal(['edit one', 'edit two']);
    conversation.close();
  });

  it('takes a message that is gone for deleted, when the answer to an earlier call was lost', async () => {
    const { conversation, procedures, timing, id } = await openWithOne();
    procedures.mood = 'down';
    const deleted = conversation.delete(id);
    await settle();
    procedures.mood = new ParleyError('NOT_FOUND');
    timing.advance(10_000);
    await deleted;
    expect(await codeOf(conversation.delete(id))).to.equal('NOT_FOUND');
    conversation.close();
  });

  it('waits for the message itself', async () => {
    const server = new FakeServer();
    const { conversation, procedures } = open({ server });
    await conversation.whenSynced();
    server.isHolding = true;
    const { id, stored } = conversation.send('hello');
    const edited = conversation.edit(id, 'hello again');
    await settle();
    expect(conversation.messages.at(0)).to.include({
      text: 'hello again',
      state: 'pending',
      isChanging: true,
    });
    expect(procedures.calls).to.deep.equal([]);
    server.release();
    await stored;
    await edited;
    expect(procedures.acts).to.deep.equal(['edit hello again']);
    conversation.close();
  });

  it('waits for the message itself after a restart too', async () => {
    const storage = memoryStorage();
    const server = new FakeServer();
    server.isUp = false;
    const first = open({ storage, server });
    const { id } = first.conversation.send('hello');
    const edit = codeOf(first.conversation.edit(id, 'hello again'));
    await settle();
    first.conversation.close();
    expect(await edit).to.equal('CLOSED');
    const slow: Storage = {
      ...storage,
      get: async (key) => {
        if (key === 'outbox') await settle();
        return await storage.get(key);
      },
    };
    const next = open({ storage: slow, server });
    await settle();
    await settle();
    expect(next.procedures.calls).to.deep.equal([]);
    expect(next.conversation.messages.at(0)).to.include({ text: 'hello again', state: 'pending' });
    next.conversation.close();
  });

  it('leaves alone what another client on the storage has carried out, or said anew', async () => {
    const { conversation, procedures, storage, server, timing, id } = await openWithOne();
    procedures.mood = 'down';
    const calls = [conversation.edit(id, 'old'), conversation.react(id, '👍')];
    await settle();
    const other = open({ storage, server });
    other.timing.advance(1);
    await other.conversation.whenSynced();
    await other.conversation.edit(id, 'new');
    await settle();
    expect(await storage.get('changes')).to.equal(null);
    procedures.calls.length = 0;
    procedures.mood = 'well';
    timing.advance(10_000);
    await Promise.all(calls);
    expect(procedures.calls).to.deep.equal([]);
    conversation.close();
    other.conversation.close();
  });

  it('leaves to another client on the storage what that has said since', async () => {
    const { conversation, procedures, storage, server, id } = await openWithOne();
    procedures.mood = 'held';
    const old = conversation.edit(id, 'old');
    await settle();
    const other = open({ storage, server });
    await other.conversation.whenSynced();
    other.procedures.mood = 'down';
    other.timing.advance(1);
    const anew = other.conversation.edit(id, 'new');
    await settle();
    procedures.answer();
    await old;
    await settle();
    other.procedures.mood = 'well';
    other.timing.advance(10_000);
    await anew;
    expect(other.procedures.acts.at(-1)).to.equal('edit new');
    await settle();
    expect(await storage.get('changes')).to.equal(null);
    conversation.close();
    other.conversation.close();
  });

  it('waits as long as the server asks for, whatever happens meanwhile', async () => {
    const { conversation, procedures, timing, id } = await openWithOne();
    procedures.mood = new ParleyError('TOO_MANY_REQUESTS', { retryAfterSeconds: 30 });
    const edit = conversation.edit(id, 'slowly');
    await settle();
    await conversation.send('something else').stored;
    timing.advance(29_000);
    await settle();
    expect(procedures.calls).to.have.length(1);
    procedures.mood = 'well';
    timing.advance(1_000);
    await edit;
    expect(procedures.calls).to.have.length(2);
    conversation.close();
  });

  it('hands back what waits when one may no longer be here', async () => {
    const { conversation, procedures, refused, server, storage, id } = await openWithOne();
    procedures.mood = 'down';
    const edit = codeOf(conversation.edit(id, 'too late'));
    await settle();
    server.last.close(4403, 'FORBIDDEN: out');
    await settle();
    expect(conversation.status).to.equal('closed');
    expect(await edit).to.equal('FORBIDDEN');
    expect(refused).to.deep.equal(['edit FORBIDDEN']);
    expect(await storage.get('changes')).to.equal(null);
  });

  it('reads nothing into a storage that holds something else', async () => {
    const storage = memoryStorage();
    const id = 'x'.repeat(26);
    const odd = [null, 7, { act: 'edit' }, { act: 'fly', at: 1, input: { conversationId: 'c1', id } }];
    for (const act of ['edit', 'delete', 'react'])
      odd.push({ act, at: 1, input: { conversationId: 'c1', id } });
    await storage.set('changes', JSON.stringify(odd));
    const { conversation, procedures } = open({ storage });
    await conversation.whenSynced();
    await settle();
    expect(procedures.calls).to.deep.equal([]);
    conversation.close();
  });
});

const isMap = (value: unknown): value is Y.Map<unknown> => value instanceof Y.Map;
