import { readMessages } from '@parley/shared';
import { expect } from 'chai';
import { leftIn, upload } from '../harness/files.js';
import { findEverywhere } from '../harness/find-everywhere.js';
import { signUp, type TestPerson } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

interface Row {
  readonly _id: string;
  readonly [field: string]: unknown;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('a conversation that keeps nothing for long', () => {
  let on: ServerOnStore;
  let ada: TestPerson;
  let conversationId: string;
  let count = 0;
  before(async () => {
    on = await startServerOnStore('retention', { eraseEveryMs: 50 });
    ada = await signUp(on.server, 'ada');
  });
  after(() => on.close());
  beforeEach(async () => {
    count += 1;
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: `kept ${count}` })).room.id;
  });

  const rows = (name: string) => on.database.collection<Row>(name);
  const say = (text: string) => ada.api.messages.send.mutate({ conversationId, text });
  /** As if all that was said up to now had been said so many days ago. */
  const grow = (days: number) =>
    rows('messages').updateMany(
      { conversation: conversationId },
      { $set: { receivedAt: new Date(Date.now() - days * DAY_MS) } },
    );
  const keep = (days: number | null) =>
    rows('conversations').updateOne({ _id: conversationId }, { $set: { retentionDays: days } });
  const left = async (many: number): Promise<void> => {
    while ((await rows('messages').countDocuments({ conversation: conversationId })) > many)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  it('[C18] erases what is too old everywhere, with its edits, and keeps what is not', async () => {
    const { id } = await say('xylophone-original');
    await ada.api.messages.edit.mutate({ conversationId, id, text: 'xylophone-edited' });
    await say('xylophone-second');
    await grow(10);
    await say('kept-for-now');
    expect(await findEverywhere(on.database, 'xylophone')).to.include.members(['messages', 'document_log']);
    // Somebody is connected all the time: the document does not leave memory.
    const client = await new RawClient({ url: on.server.url, conversationId, token: ada.token }).synced();
    await keep(7);
    await left(1);
    await client.until(() => readMessages(client.doc).length === 1);
    expect(await findEverywhere(on.database, 'xylophone')).to.deep.equal([]);
    expect(await findEverywhere(on.database, 'kept-for-now')).to.include('messages');
    await client.close();
    const { items } = await ada.api.messages.list.query({ conversationId });
    expect(items.map(({ text, seq }) => [text, seq])).to.deep.equal([['kept-for-now', 3]]);
  });

  it('[C18] takes the files of what is too old along, bytes and all', async () => {
    const bytes = Buffer.from('vibraphone '.repeat(50));
    const file = await upload(on.server, ada, { conversationId, bytes, name: 'vibraphone.txt' });
    await ada.api.messages.send.mutate({ conversationId, text: 'listen', files: [file.id] });
    expect(await findEverywhere(on.database, 'vibraphone')).to.include('file_bytes.chunks');
    await grow(10);
    await keep(7);
    await left(0);
    while ((await findEverywhere(on.database, 'vibraphone')).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await leftIn(on.database)).to.deep.equal({ rows: 0, whole: 0, chunks: 0 });
  });

  it('[C18] goes on counting after everything is erased, and shows nothing unread of it', async () => {
    const bob = await signUp(on.server, 'bob');
    await bob.api.rooms.joinOrCreate.mutate({ name: `kept ${count}` });
    for (const text of ['one', 'two', 'three']) await say(text);
    expect((await bob.api.auth.me.query()).unread).to.equal(3);
    await grow(3);
    await keep(2);
    await left(0);
    const shown = await bob.api.conversations.get.query({ conversationId });
    expect(shown).to.deep.include({ unread: 0, lastMessage: null });
    expect((await bob.api.auth.me.query()).unread).to.equal(0);
    expect((await say('four')).seq).to.equal(4);
    expect((await bob.api.conversations.get.query({ conversationId })).unread).to.equal(1);
  });

  it('[C18] erases a long history in parts, and leaves other conversations alone', async () => {
    const at = new Date(Date.now() - 30 * DAY_MS);
    const messages = Array.from({ length: 1_200 }, (_, index) => ({
      ...{ _id: `old-${count}-${index}`, conversation: conversationId, seq: index + 1, position: 0 },
      ...{
        author: ada.id,
        text: 'old',
        terms: ['old'],
        system: null,
        files: [],
        mentions: [],
        reactions: [],
      },
      ...{ replyTo: null, sentAt: at, receivedAt: at, editedAt: null, deletedAt: null },
    }));
    await rows('messages').insertMany(messages);
    await rows('conversations').updateOne({ _id: conversationId }, { $set: { messageCount: 1_200 } });
    const other = (await ada.api.rooms.joinOrCreate.mutate({ name: `forever ${count}` })).room.id;
    await ada.api.messages.send.mutate({ conversationId: other, text: 'for ever' });
    await rows('messages').updateMany({ conversation: other }, { $set: { receivedAt: at } });
    await keep(1);
    await left(0);
    expect(await rows('messages').countDocuments({ conversation: other })).to.equal(1);
    expect((await say('next')).seq).to.equal(1_201);
  });
});
