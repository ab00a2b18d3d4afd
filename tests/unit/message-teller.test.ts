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
});
