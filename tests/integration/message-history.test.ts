import { newId } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';

describe('history around a place', () => {
  let server: TestServer;
  let ada: TestPerson;
  let conversationId: string;
  const ids: string[] = [];
  const MESSAGES = 21;
  before(async () => {
    server = await startTestServer();
    ada = await signUp(server, 'ada');
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: 'around' })).room.id;
    for (let index = 1; index <= MESSAGES; index += 1)
      ids.push((await ada.api.messages.send.mutate({ conversationId, text: `m${index}` })).id);
  });
  after(() => server.close());

  const seqs = (items: readonly { readonly seq: number }[]): number[] => items.map(({ seq }) => seq);
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);

  it('has the message in the middle, and goes on both ways to every other, each once', async () => {
    const around = await ada.api.messages.around.query({ conversationId, id: ids[10] ?? '', limit: 6 });
    expect(seqs(around.items)).to.deep.equal(range(8, 13));
    const found = [...around.items];
    for (const direction of ['older', 'newer'] as const) {
      let cursor = direction === 'older' ? around.olderCursor : around.newerCursor;
      while (cursor !== null) {
        const page = await ada.api.messages.list.query({ conversationId, direction, cursor, limit: 4 });
        if (direction === 'older') found.unshift(...page.items);
        else found.push(...page.items);
        cursor = page.nextCursor;
      }
    }
    expect(seqs(found)).to.deep.equal(range(1, MESSAGES));
  });

  it('says where there is no more', async () => {
    const first = await ada.api.messages.around.query({ conversationId, id: ids[0] ?? '', limit: 4 });
    expect([seqs(first.items), first.olderCursor]).to.deep.equal([[1, 2], null]);
    const last = await ada.api.messages.around.query({ conversationId, id: ids.at(-1) ?? '', limit: 4 });
    expect([seqs(last.items), last.newerCursor]).to.deep.equal([[19, 20, 21], null]);
  });

  it('finds the first message at or after a time, and the end for a time that has not come', async () => {
    const { items } = await ada.api.messages.around.query({ conversationId, id: ids[14] ?? '', limit: 2 });
    const at = items.at(-1)?.receivedAt ?? new Date(0);
    const found = await ada.api.messages.around.query({ conversationId, at, limit: 2 });
    const [, there] = found.items;
    expect(there?.receivedAt.getTime()).to.equal(at.getTime());
    const end = await ada.api.messages.around.query({
      conversationId,
      at: new Date(Date.now() + 60_000),
      limit: 4,
    });
    expect(seqs(end.items)).to.deep.equal([20, 21]);
    expect(end.newerCursor).to.equal(null);
    const begin = await ada.api.messages.around.query({ conversationId, at: new Date(0), limit: 4 });
    expect(seqs(begin.items)).to.deep.equal([1, 2]);
  });

  it('knows no message of elsewhere', async () => {
    const elsewhere = (await ada.api.rooms.joinOrCreate.mutate({ name: 'elsewhere' })).room.id;
    const { id } = await ada.api.messages.send.mutate({ conversationId: elsewhere, text: 'x' });
    for (const foreign of [id, newId()]) {
      const refusal = await refusalOf(ada.api.messages.around.query({ conversationId, id: foreign }));
      expect(refusal.code).to.equal('NOT_FOUND');
    }
  });

  it('stays where it is while messages are edited, deleted and sent', async () => {
    const first = await ada.api.messages.list.query({ conversationId, limit: 8 });
    await ada.api.messages.edit.mutate({ conversationId, id: ids[15] ?? '', text: 'another' });
    await ada.api.messages.delete.mutate({ conversationId, id: ids[5] ?? '' });
    await ada.api.messages.send.mutate({ conversationId, text: 'one more' });
    const second = await ada.api.messages.list.query({
      conversationId,
      limit: 8,
      cursor: first.nextCursor ?? '',
    });
    expect(seqs([...second.items, ...first.items])).to.deep.equal(range(6, 21));
    expect(second.items[0]).to.deep.include({ text: '', id: ids[5] });
  });
});
