import { newId } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

interface StoredMessage {
  readonly _id: string;
  readonly [field: string]: unknown;
}

describe('search of messages', () => {
  let on: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let room: string;
  before(async () => {
    on = await startServerOnStore('message-search');
    [ada, bob, eve] = [
      await signUp(on.server, 'ada'),
      await signUp(on.server, 'bob'),
      await signUp(on.server, 'eve'),
    ];
  });
  after(() => on.close());
  let count = 0;
  beforeEach(async () => {
    count += 1;
    const { room: made } = await ada.api.rooms.joinOrCreate.mutate({ name: `search ${count}` });
    room = made.id;
    await bob.api.rooms.joinOrCreate.mutate({ name: `search ${count}` });
  });

  const say = (who: TestPerson, text: string, conversationId = room) =>
    who.api.messages.send.mutate({ conversationId, text });
  const textsFor = async (who: TestPerson, input: Parameters<typeof who.api.messages.search.query>[0]) =>
    (await who.api.messages.search.query(input)).items.map(({ message }) => message.text);
  const cutOut = (text: string, ranges: readonly { start: number; end: number }[]): string[] =>
    ranges.map(({ start, end }) => text.slice(start, end));

  it('finds words and how they begin, in any letter case and encoding, and says where they are', async () => {
    await say(ada, 'The Zebra crossed the Ümlaut street, zebras did');
    await say(ada, 'nothing of that');
    for (const text of ['zebra', 'ZEB', 'u\u0308mlaut zebra', 'Street, the'])
      expect(await textsFor(bob, { text, conversationId: room }), text).to.have.length(1);
    expect(await textsFor(bob, { text: 'ebra', conversationId: room })).to.deep.equal([]);
    expect(await textsFor(bob, { text: 'zebra nothing', conversationId: room })).to.deep.equal([]);
    const { items } = await bob.api.messages.search.query({ text: 'zeb', conversationId: room });
    const [hit] = items;
    expect(cutOut(hit?.message.text ?? '', hit?.highlights ?? [])).to.deep.equal(['Zebra', 'zebras']);
  });

  it('finds writing without spaces in the middle, and shows just that', async () => {
    await say(ada, '今日は東京タワーに行きました');
    const { items } = await bob.api.messages.search.query({ text: '東京タワー', conversationId: room });
    expect(cutOut(items[0]?.message.text ?? '', items[0]?.highlights ?? [])).to.deep.equal(['東京タワー']);
  });

  it('shows only what the caller may see, wherever they look', async () => {
    const word = `quokka${count}`;
    await say(ada, `a ${word} here`);
    const { conversation } = await ada.api.conversations.start.mutate({ userId: eve.id });
    await say(ada, `a ${word} for eve alone`, conversation.id);
    expect(await textsFor(ada, { text: word })).to.deep.equal([`a ${word} for eve alone`, `a ${word} here`]);
    expect(await textsFor(bob, { text: word })).to.deep.equal([`a ${word} here`]);
    expect(await textsFor(eve, { text: word })).to.deep.equal([`a ${word} for eve alone`]);
    const refusal = await refusalOf(
      bob.api.messages.search.query({ text: word, conversationId: conversation.id }),
    );
    expect(refusal.code).to.equal('NOT_FOUND');
    await bob.api.rooms.leave.mutate({ conversationId: room });
    expect(await textsFor(bob, { text: word })).to.deep.equal([]);
  });

  it('follows edits and deletions, and what somebody has deleted for themselves', async () => {
    const { id } = await say(ada, 'the first wombat');
    await ada.api.messages.edit.mutate({ conversationId: room, id, text: 'now a numbat' });
    expect(await textsFor(bob, { text: 'wombat', conversationId: room })).to.deep.equal([]);
    expect(await textsFor(bob, { text: 'numbat', conversationId: room })).to.deep.equal(['now a numbat']);
    await bob.api.conversations.delete.mutate({ conversationId: room });
    expect(await textsFor(bob, { text: 'numbat' })).to.deep.equal([]);
    expect(await textsFor(ada, { text: 'numbat', conversationId: room })).to.deep.equal(['now a numbat']);
    await ada.api.messages.delete.mutate({ conversationId: room, id });
    expect(await textsFor(ada, { text: 'numbat', conversationId: room })).to.deep.equal([]);
  });

  /** History as it would be after years: a word in every message, one in a few. */
  const fill = async (messages: number): Promise<void> => {
    const day = 24 * 60 * 60 * 1_000;
    const began = Date.now() - 900 * day;
    const rows = Array.from({ length: messages }, (_, index): StoredMessage => {
      const words = ['common', ...(index % 3 === 0 ? ['third'] : []), ...(index % 200 === 7 ? ['rare'] : [])];
      const at = new Date(began + Math.floor((index / messages) * 900 * day));
      return {
        ...{ _id: newId(at.getTime()), conversation: room, seq: index + 1, position: index + 1 },
        ...{ author: index % 2 === 0 ? ada.id : bob.id, text: words.join(' '), system: null },
        ...{ files: [], replyTo: null, mentions: [], reactions: [], sentAt: at, receivedAt: at },
        ...{ editedAt: null, deletedAt: null },
      };
    });
    for (let from = 0; from < rows.length; from += 1_000)
      await on.database.collection<StoredMessage>('messages').insertMany(rows.slice(from, from + 1_000));
    // What is said next brings what came before it into the index, and whoever looks for it waits for that.
    await say(ada, 'the end');
    const found = () => textsFor(ada, { text: 'end', conversationId: room });
    while ((await found()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  const all = async (input: Omit<Parameters<typeof ada.api.messages.search.query>[0], 'cursor'>) => {
    const seqs: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await ada.api.messages.search.query({ ...input, ...(cursor && { cursor }) });
      seqs.push(...page.items.map(({ message }) => message.seq));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return seqs;
  };

  it('pages newest first through what is rare and what is in every message, each once', async () => {
    const messages = 2_400;
    await fill(messages);
    const numbers = Array.from({ length: messages }, (_, index) => messages - index);
    const base = { conversationId: room, limit: 100 };
    const rare = numbers.filter((seq) => (seq - 1) % 200 === 7);
    expect(await all({ ...base, text: 'rar', limit: 3 })).to.deep.equal(rare);
    expect(await all({ ...base, text: 'rare common' })).to.deep.equal(rare);
    expect(await all({ text: 'rare', limit: 4 })).to.deep.equal(rare);
    expect(await all({ ...base, text: 'common' })).to.deep.equal(numbers);
    const third = numbers.filter((seq) => (seq - 1) % 3 === 0);
    expect(await all({ ...base, text: 'com third', limit: 99 })).to.deep.equal(third);
    const byBob = third.filter((seq) => (seq - 1) % 2 === 1);
    expect(await all({ ...base, text: 'common third', authorId: bob.id })).to.deep.equal(byBob);
    const receivedAt = async (seq: number): Promise<Date> => {
      const { items } = await ada.api.messages.list.query({
        conversationId: room,
        fromSeq: seq - 1,
        direction: 'newer',
        limit: 1,
      });
      return items[0]?.receivedAt ?? new Date(0);
    };
    const [after, before] = [await receivedAt(1_000), await receivedAt(1_300)];
    expect(await all({ ...base, text: 'common', after, before })).to.deep.equal(
      numbers.filter((seq) => seq >= 1_000 && seq < 1_300),
    );
    expect(await all({ ...base, text: 'common', hasFile: true })).to.deep.equal([]);
    expect(await all({ ...base, text: 'commonplace' })).to.deep.equal([]);
  });

  it('lets nobody search without end, each for themselves', async () => {
    await using server = await startTestServer({ rateLimits: true });
    const [hasty, other] = [await signUp(server), await signUp(server)];
    const search = (who: TestPerson) => who.api.messages.search.query({ text: 'words' });
    const refusalOrNull = () =>
      search(hasty).then(
        () => null,
        (error: unknown) => refusalOf(Promise.reject(error)),
      );
    // So many that those which come back while a slow machine asks are not enough.
    const outcomes = await Promise.all(Array.from({ length: 100 }, refusalOrNull));
    const refusals = outcomes.filter((outcome) => outcome !== null);
    expect(refusals).to.have.length.within(1, 70);
    for (const refusal of refusals)
      expect(refusal).to.include({ code: 'TOO_MANY_REQUESTS', httpStatus: 429, retryAfterSeconds: 1 });
    expect((await search(other)).items).to.deep.equal([]);
  });
});
