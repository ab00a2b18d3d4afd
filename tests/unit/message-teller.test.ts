import type { NewEvent } from '@parley/server/internal/features/events/publish';
import { MessageTeller } from '@parley/server/internal/features/messages/document/tell';
import { limits, messageValue, newId } from '@parley/shared';
import { expect } from 'chai';

describe('telling of messages', () => {
  it('makes no event large, however many people however many messages mention', async () => {
    const told: NewEvent[] = [];
    const teller = new MessageTeller(async (events) => {
      told.push(...events);
    });
    const mentions = Array.from(
      { length: limits.mentionsPerMessage.value },
      (_, index) => `${'x'.repeat(60)}${index}`,
    );
    const values = Array.from({ length: 250 }, () =>
      messageValue({ id: newId(), author: 'ada', text: 'you', mentions }),
    );
    const at = new Date();
    const changes = values.map((value) => ({ type: 'message', value }) as const);
    const landed = values.map(({ id }, index) => ({
      ...{ conversation: 'c', id, seq: index + 1, author: 'ada', receivedAt: at },
    }));
    await teller.tell([{ documentId: 'c', position: 2, at, changes }], landed);
    const sizes = told.map(({ event }) => JSON.stringify(event).length);
    expect(Math.max(...sizes)).to.be.lessThan(32_000);
    const seqs = told.flatMap(({ event }) =>
      event.type === 'message.added' ? event.messages.map(({ seq }) => seq) : [],
    );
    expect(seqs).to.deep.equal(values.map((_, index) => index + 1));
  });

  it('tells what could not be told with the next, and gives up what has become too much', async () => {
    let isBroken = true;
    const told: number[] = [];
    const teller = new MessageTeller(async (events, onSure) => {
      if (isBroken) throw new Error('the store has failed');
      onSure?.();
      for (const { event } of events)
        if (event.type === 'message.added') told.push(...event.messages.map(({ seq }) => seq));
    });
    let seq = 0;
    const say = async (count: number): Promise<void> => {
      const at = new Date();
      const values = Array.from({ length: count }, () =>
        messageValue({ id: newId(), author: 'ada', text: 'you' }),
      );
      const changes = values.map((value) => ({ type: 'message', value }) as const);
      const landed = values.map(({ id }) => {
        seq += 1;
        return { conversation: 'c', id, seq, author: 'ada', receivedAt: at };
      });
      await teller.tell([{ documentId: 'c', position: 2, at, changes }], landed).catch(() => undefined);
    };
    await say(1);
    await say(2);
    isBroken = false;
    await say(1);
    expect(told).to.deep.equal([1, 2, 3, 4]);
    isBroken = true;
    for (let round = 0; round < 3; round += 1) await say(600);
    isBroken = false;
    await say(1);
    expect(told.length).to.be.below(4 + 1_001);
    expect(told.at(-1)).to.equal(seq);
  });
});
