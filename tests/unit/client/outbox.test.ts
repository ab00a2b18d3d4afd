import { memoryStorage, type Storage } from '@parley/client';
import { Outbox } from '@parley/client/internal/conversation/outbox';
import { messageValue } from '@parley/shared';
import { expect } from 'chai';
import { openConversation, texts } from './bench.js';
import { FakeServer } from './fake-server.js';
import { settle } from './fake-timing.js';

const messageOf = (text: string) => messageValue({ author: 'user-1', text });

/** Answers only when told, as a slow disk does. */
const slowStorage = () => {
  const inner = memoryStorage();
  const waiting: (() => void)[] = [];
  const turn = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const storage: Storage = {
    get: async (key) => {
      await turn();
      return await inner.get(key);
    },
    set: async (key, value) => {
      await turn();
      await inner.set(key, value);
    },
    remove: async (key) => {
      await turn();
      await inner.remove(key);
    },
  };
  const release = async (): Promise<void> => {
    await settle();
    while (waiting.length > 0) {
      for (const go of waiting.splice(0)) go();
      await settle();
    }
  };
  return { storage, inner, release };
};

describe('the outbox', () => {
  it('survives a restart: what was never sent goes out under the same id and with the same value', async () => {
    const storage = memoryStorage();
    const server = new FakeServer();
    server.isUp = false;
    const first = openConversation({ storage, server });
    const sent = ['one', 'two'].map((text) => first.conversation.send(text, { replyTo: undefined }));
    await settle();
    const before = await storage.get('outbox');
    first.conversation.close();
    server.isUp = true;
    const second = openConversation({ storage, server });
    await second.conversation.whenSynced();
    await settle();
    expect(server.values.map(({ id }) => id)).to.deep.equal(sent.map(({ id }) => id));
    expect(JSON.stringify(server.values)).to.equal(before);
    expect(texts(second.conversation)).to.deep.equal(['one', 'two']);
    expect(second.conversation.messages.map(({ state }) => state)).to.deep.equal(['stored', 'stored']);
    expect(await storage.get('outbox')).to.equal(null);
    second.conversation.close();
  });

  it('does not send again what the document turns out to hold', async () => {
    const storage = memoryStorage();
    const server = new FakeServer();
    const first = openConversation({ storage, server });
    await first.conversation.whenSynced();
    server.isHolding = true;
    const { id } = first.conversation.send('stored, unacknowledged');
    await settle();
    first.conversation.close();
    server.isHolding = false;
    const second = openConversation({ storage, server });
    await second.conversation.whenSynced();
    await settle();
    expect(server.values.map((value) => value.id)).to.deep.equal([id]);
    expect(await storage.get('outbox')).to.equal(null);
    second.conversation.close();
  });

  it('writes a message down before it goes out', async () => {
    const { storage, inner, release } = slowStorage();
    const { conversation, server } = openConversation({ storage });
    await settle();
    await release();
    await conversation.whenSynced();
    const { id, stored } = conversation.send('slowly');
    await settle();
    expect(server.last.types()).not.to.include('update');
    expect(texts(conversation)).to.deep.equal(['slowly']);
    server.isHolding = true;
    await release();
    expect(await inner.get('outbox')).to.include(id);
    expect(server.last.types()).to.include('update');
    server.release();
    await stored;
    await release();
    expect(await inner.get('outbox')).to.equal(null);

    server.isHolding = true;
    conversation.send('under way');
    await release();
    conversation.send('not written yet');
    server.release();
    await settle();
    expect(server.values.map(({ text }) => text)).to.deep.equal(['slowly', 'under way']);
    await release();
    expect(server.values).to.have.length(3);
    conversation.close();
  });

  it('keeps what another client on the same storage put there', async () => {
    const storage = memoryStorage();
    const [left, right] = [new Outbox(storage, 'key'), new Outbox(storage, 'key')];
    await Promise.all([left.load(), right.load()]);
    const [one, two, three] = [messageOf('one'), messageOf('two'), messageOf('three')];
    await Promise.all([left.add(one), right.add(two), left.add(three)]);
    await left.remove(one.id);
    const later = new Outbox(storage, 'key');
    await later.load();
    expect(later.values.map(({ text }) => text).sort()).to.deep.equal(['three', 'two']);
  });

  it('goes on in memory when the storage fails or holds something else', async () => {
    const broken: Storage = {
      get: () => 'neither [JSON',
      set: () => Promise.reject(new Error('the disk is full')),
      remove: () => {
        throw new Error('the disk is gone');
      },
    };
    const { conversation, server } = openConversation({ storage: broken });
    await conversation.whenSynced();
    await conversation.send('all the same').stored;
    expect(server.values.map(({ text }) => text)).to.deep.equal(['all the same']);
    conversation.close();
  });
});
