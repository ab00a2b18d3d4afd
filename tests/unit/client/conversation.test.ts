import { memoryStorage } from '@parley/client';
import { encodeNotice, encodeReply, encodeStateVector, encodeStored, PROTOCOL_VERSION } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { openConversation, texts } from './bench.js';
import { settle } from './fake-timing.js';

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );

describe('a live conversation', () => {
  it('sends nothing of its own before the server has said what it has', async () => {
    const { conversation, server } = openConversation();
    server.isAutomatic = false;
    await settle();
    const end = server.last;
    conversation.send('too early');
    end.send(encodeNotice({ type: 'welcome', generation: 1, protocol: PROTOCOL_VERSION }));
    end.send(encodeReply(Y.encodeStateAsUpdate(server.doc)));
    await settle();
    expect(end.types()).to.include('stateVector').and.not.include.members(['update']);
    expect(end.types()).not.to.include('reply');

    end.send(encodeStateVector(Y.encodeStateVector(server.doc)));
    await settle();
    expect(end.types().filter((type) => type === 'reply' || type === 'update')).to.deep.equal([
      'reply',
      'update',
    ]);
    conversation.close();
  });

  it('counts every frame with an update, answers included', async () => {
    const { conversation, server } = openConversation();
    server.isAutomatic = false;
    await settle();
    const end = server.last;
    end.send(encodeStateVector(Y.encodeStateVector(server.doc)));
    end.send(encodeReply(Y.encodeStateAsUpdate(server.doc)));
    await settle();
    const first = conversation.send('one');
    const second = conversation.send('two');
    await settle();
    expect(end.nth).to.equal(3);
    end.send(encodeStored(1));
    await settle();
    expect(conversation.messages.map(({ state }) => state)).to.deep.equal(['pending', 'pending']);
    end.send(encodeStored(2));
    await first.stored;
    expect(conversation.messages.map(({ state }) => state)).to.deep.equal(['stored', 'pending']);
    end.send(encodeStored(3));
    await second.stored;
    expect(conversation.messages.map(({ state }) => state)).to.deep.equal(['stored', 'stored']);
    conversation.close();
  });

  it('shows a message at once, then stored, then numbered', async () => {
    const { conversation, server } = openConversation();
    await conversation.whenSynced();
    server.isHolding = true;
    const { id, stored } = conversation.send('hello', { mentions: ['user-2'] });
    await settle();
    expect(conversation.messages).to.have.length(1);
    expect(conversation.messages[0]).to.include({ id, text: 'hello', seq: null, state: 'pending' });
    expect(conversation.messages[0]?.author).to.deep.equal({ id: 'user-1', name: 'Ada' });
    server.release();
    await stored;
    await settle();
    expect(conversation.messages[0]).to.include({ id, seq: 1, state: 'stored' });
    expect(server.values).to.have.length(1);
    conversation.close();
  });

  it('keeps the same array until something changes', async () => {
    const { conversation, server } = openConversation();
    await conversation.whenSynced();
    await conversation.send('one').stored;
    await settle();
    const before = conversation.messages;
    server.change((doc) => doc.getMap('meta').set('unknown', 1));
    await settle();
    expect(conversation.messages).to.equal(before);
    await conversation.send('two').stored;
    expect(conversation.messages).not.to.equal(before);
    expect(conversation.messages[0]).to.equal(before[0]);
    conversation.close();
  });

  it('tells subscribers once for changes made together', async () => {
    const { conversation } = openConversation();
    await conversation.whenSynced();
    await settle();
    let calls = 0;
    const unsubscribe = conversation.subscribe(() => {
      calls += 1;
    });
    for (let count = 0; count < 10; count += 1) conversation.send(`message ${count}`);
    await new Promise<void>(queueMicrotask);
    expect(calls).to.equal(1);
    unsubscribe();
    await settle();
    expect(calls).to.equal(1);
    conversation.close();
  });

  it('throws for a text that cannot be a message, and keeps nothing of it', async () => {
    const { conversation } = openConversation();
    expect(() => conversation.send('   '))
      .to.throw()
      .with.property('code', 'INVALID_INPUT');
    expect(() => conversation.send('x'.repeat(8_001)))
      .to.throw()
      .with.nested.property('fields.text');
    await settle();
    expect(conversation.messages).to.deep.equal([]);
    conversation.close();
  });

  it('leaves no timer, socket or waiting promise behind when closed', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.isHolding = true;
    const { stored } = conversation.send('unheard');
    await settle();
    conversation.close();
    expect(timing.pending).to.equal(0);
    expect(server.last.left).to.equal(true);
    expect(await codeOf(stored)).to.equal('CLOSED');
    expect(conversation.status).to.equal('closed');
    expect(await codeOf(conversation.whenSynced())).to.equal('CLOSED');
    expect(() => conversation.send('late'))
      .to.throw()
      .with.property('code', 'CLOSED');
    expect(texts(conversation)).to.deep.equal(['unheard']);
  });

  it('closes while it is still waiting for its token or its storage', async () => {
    const storage = memoryStorage();
    const { conversation, server, timing } = openConversation({ storage });
    conversation.close();
    await settle();
    expect(server.ends).to.deep.equal([]);
    expect(timing.pending).to.equal(0);
  });
});
