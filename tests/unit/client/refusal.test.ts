import type { MessageValue } from '@parley/shared';
import { expect } from 'chai';
import { openConversation, texts } from './bench.js';
import { settle } from './fake-timing.js';

const refuseBad = (messages: readonly MessageValue[]) =>
  messages.some(({ text }) => text.startsWith('bad'))
    ? { code: 'UPDATE_REFUSED', rule: 'C9', reason: 'a file must be yours' }
    : null;

describe('a refusal', () => {
  it('gives the draft back and sends the rest again into a fresh copy, without a gap on screen', async () => {
    const { conversation, server } = openConversation();
    await conversation.whenSynced();
    server.judge = refuseBad;
    await conversation.send('before').stored;
    const refused: unknown[] = [];
    conversation.on('refused', (event) => refused.push(event));
    const shortest: number[] = [];
    conversation.on('messages', (messages) => shortest.push(messages.length));
    const bad = conversation.send('bad one', { mentions: ['user-2'] });
    const after = conversation.send('after');
    const error = await bad.stored.catch((reason: unknown) => reason);
    expect(error).to.include({
      code: 'UPDATE_REFUSED',
      rule: 'C9',
      retry: 'never',
      message: 'a file must be yours',
    });
    await after.stored;
    await settle();
    expect(refused).to.deep.equal([{ id: bad.id, draft: { text: 'bad one', mentions: ['user-2'] }, error }]);
    expect(server.values.map(({ text }) => text)).to.deep.equal(['before', 'after']);
    expect(conversation.messages.map(({ text, state }) => `${text}: ${state}`)).to.deep.equal([
      'before: stored',
      'after: stored',
      'bad one: refused',
    ]);
    expect(Math.min(...shortest)).to.be.at.least(2);
    conversation.dismiss(bad.id);
    expect(texts(conversation)).to.deep.equal(['before', 'after']);
    conversation.close();
  });

  it('of many in one frame finds the ones at fault, and loses no other', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.judge = refuseBad;
    server.isDeaf = true;
    const sent = ['one', 'bad two', 'three', 'bad four', 'five'].map((text) => conversation.send(text));
    await settle();
    server.isDeaf = false;
    server.last.close(1006);
    await settle();
    timing.advance(10_000);
    const outcomes = await Promise.allSettled(sent.map(({ stored }) => stored));
    expect(outcomes.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(server.values.map(({ text }) => text)).to.deep.equal(['one', 'three', 'five']);
    conversation.close();
  });

  it('for want of what came before is answered, and no message is at fault', async () => {
    const { conversation, server } = openConversation();
    await conversation.whenSynced();
    server.isDeaf = true;
    const lost = conversation.send('lost');
    await settle();
    server.isDeaf = false;
    const next = conversation.send('next');
    await Promise.all([lost.stored, next.stored]);
    expect(server.ends).to.have.length(1);
    expect(server.values.map(({ text }) => text)).to.deep.equal(['lost', 'next']);
    expect(server.last.types().filter((type) => type === 'reply')).to.have.length(2);
    conversation.close();
  });

  it('of everything, where one may only read, gives every draft back', async () => {
    const { conversation, server } = openConversation();
    await conversation.whenSynced();
    server.judge = () => ({ code: 'FORBIDDEN', rule: 'G1', reason: 'you may read here, not write' });
    const sent = ['one', 'two', 'three'].map((text) => conversation.send(text).stored);
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes.every(({ status }) => status === 'rejected')).to.equal(true);
    await conversation.whenSynced();
    expect(conversation.messages.map(({ state }) => state)).to.deep.equal(['refused', 'refused', 'refused']);
    conversation.close();
  });

  it('by the close code alone is traced to the message that was under way', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.isDeaf = true;
    const poison = conversation.send('poison');
    await settle();
    server.last.close(4422, 'UPDATE_REFUSED: The update breaks a rule');
    const error = await poison.stored.catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'UPDATE_REFUSED' });
    server.isDeaf = false;
    timing.advance(10_000);
    await conversation.whenSynced();
    await conversation.send('fine').stored;
    expect(server.values.map(({ text }) => text)).to.deep.equal(['fine']);
    conversation.close();
  });

  it('that a fresh copy does not cure ends the conversation', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.last.close(4400, 'MALFORMED_FRAME: a number ends early');
    await settle();
    expect(conversation.status).to.equal('offline');
    timing.advance(10_000);
    await conversation.whenSynced();
    server.last.close(4400, 'MALFORMED_FRAME: a number ends early');
    await settle();
    expect(conversation.status).to.equal('closed');
    expect(conversation.error?.code).to.equal('MALFORMED_FRAME');
    expect(timing.pending).to.equal(0);
  });
});
