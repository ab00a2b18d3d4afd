import { type DocumentAccess, memoryStorage } from '@parley/client';
import { expect } from 'chai';
import { openConversation } from './bench.js';
import type { FakeServer } from './fake-server.js';
import { settle } from './fake-timing.js';

const tell = async (server: FakeServer, access: DocumentAccess): Promise<void> => {
  server.access = access;
  server.welcome(server.last);
  await settle();
};

const states = ({ conversation }: ReturnType<typeof openConversation>): string[] =>
  conversation.messages.map(({ text, state }) => `${text}: ${state}`);

const listen = ({ conversation }: ReturnType<typeof openConversation>) => {
  const refused: { text: string; code: string }[] = [];
  conversation.on('refused', ({ draft, error }) => refused.push({ text: draft.text, code: error.code }));
  return refused;
};

describe('access to a conversation', () => {
  for (const [close, code] of [
    [4403, 'FORBIDDEN'],
    [4404, 'NOT_FOUND'],
  ] as const) {
    it(`gives back what is not acknowledged when it ends with ${code}, and keeps it until it is dismissed`, async () => {
      const storage = memoryStorage();
      const bench = openConversation({ storage });
      const { conversation, server, timing } = bench;
      await conversation.whenSynced();
      await conversation.send('stored before').stored;
      server.isDeaf = true;
      const refused = listen(bench);
      const outcomes = ['one', 'two'].map((text) => {
        timing.advance(1);
        return conversation.send(text).stored.catch((error: unknown) => error);
      });
      await settle();
      server.last.close(close);
      for (const outcome of outcomes) expect(await outcome).to.have.property('code', code);
      expect(conversation.status).to.equal('closed');
      expect(conversation.error).to.have.property('code', code);
      expect(refused).to.deep.equal([
        { text: 'one', code },
        { text: 'two', code },
      ]);
      await settle();
      expect(states(bench)).to.deep.equal(['stored before: stored', 'one: refused', 'two: refused']);

      const again = openConversation({ storage, server });
      server.isDeaf = false;
      await again.conversation.whenSynced();
      await settle();
      expect(server.values.map(({ text }) => text)).to.deep.equal(['stored before']);
      expect(states(again)).to.deep.equal(['stored before: stored', 'one: refused', 'two: refused']);
      for (const { id } of again.conversation.messages) again.conversation.dismiss(id);
      await settle();
      expect(states(again)).to.deep.equal(['stored before: stored']);
      expect(await storage.get('outbox')).to.equal(null);
      for (const { id } of conversation.messages) conversation.dismiss(id);
      expect(states(bench)).to.deep.equal(['stored before: stored']);
      again.conversation.close();
    });
  }

  it('takes nothing where one may only read, and says so', async () => {
    const bench = openConversation();
    const { conversation, server } = bench;
    await conversation.whenSynced();
    expect(conversation.access).to.equal(null);
    const heard: string[] = [];
    conversation.on('access', (access) => heard.push(access));
    await tell(server, 'read');
    expect(() => conversation.send('hello'))
      .to.throw('read')
      .with.property('code', 'FORBIDDEN');
    expect(states(bench)).to.deep.equal([]);
    await tell(server, 'write');
    await conversation.send('hello').stored;
    expect(heard).to.deep.equal(['read', 'write']);
    conversation.close();
  });

  it('gives back what has not gone out when one may only read, and waits for the answer to what has', async () => {
    const bench = openConversation();
    const { conversation, server, timing } = bench;
    await conversation.whenSynced();
    server.isHolding = true;
    const first = conversation.send('on its way');
    await settle();
    const refused = listen(bench);
    await tell(server, 'read');
    expect(refused).to.deep.equal([]);
    server.release();
    await first.stored;
    await tell(server, 'write');
    server.last.close(1006);
    await settle();
    const late = conversation.send('said offline').stored.catch((error: unknown) => error);
    server.access = 'read';
    timing.advance(60_000);
    await settle();
    expect(await late).to.have.property('code', 'FORBIDDEN');
    expect(refused).to.deep.equal([{ text: 'said offline', code: 'FORBIDDEN' }]);
    expect(states(bench)).to.deep.equal(['on its way: stored', 'said offline: refused']);
    conversation.close();
  });
});

describe('a message that was given back', () => {
  it('is let go when it turns out to be stored', async () => {
    const storage = memoryStorage();
    const bench = openConversation({ storage });
    const { conversation, server } = bench;
    await conversation.whenSynced();
    server.isHolding = true;
    void conversation.send('its answer is lost').stored.catch(() => undefined);
    await settle();
    server.last.close(4403);
    await settle();
    expect(states(bench)).to.deep.equal(['its answer is lost: refused']);
    server.release();
    const again = openConversation({ storage, server });
    await again.conversation.whenSynced();
    await settle();
    expect(states(again)).to.deep.equal(['its answer is lost: stored']);
    expect(await storage.get('outbox')).to.equal(null);
    again.conversation.close();
  });
});
