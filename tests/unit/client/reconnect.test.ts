import { ParleyError } from '@parley/client';
import { backoffMs } from '@parley/client/internal/sync/backoff';
import { encodeAwareness, encodeAwarenessEntries } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { openConversation, texts } from './bench.js';
import { FakeServer } from './fake-server.js';
import { settle } from './fake-timing.js';

describe('backoff', () => {
  it('doubles its bound from 100 ms to 10 s and stays there, however long it goes on', () => {
    const bounds = [1, 2, 3, 7, 8, 20, 10_000].map((failures) =>
      backoffMs(failures, { random: () => 0.999_999 }),
    );
    expect(bounds).to.deep.equal([99, 199, 399, 6_399, 9_999, 9_999, 9_999]);
  });

  it('takes anything below the bound', () => {
    expect(backoffMs(5, { random: () => 0 })).to.equal(0);
    expect(backoffMs(5, { random: () => 0.5 })).to.equal(800);
  });
});

describe('reconnecting', () => {
  it('brings a message that was under way into the document exactly once, under the same id', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.isDeaf = true;
    const lost = conversation.send('lost on the way');
    await settle();
    server.isDeaf = false;
    server.last.close(1006);
    await settle();
    expect(conversation.status).to.equal('offline');
    expect(texts(conversation)).to.deep.equal(['lost on the way']);
    const later = conversation.send('said while offline');
    timing.advance(10_000);
    await Promise.all([lost.stored, later.stored]);
    expect(server.values.map(({ id }) => id)).to.deep.equal([lost.id, later.id]);
    expect(texts(conversation)).to.deep.equal(['lost on the way', 'said while offline']);
    conversation.close();
  });

  it('says a message again that its own copy collected when the segment left, before it had gone out', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.isDeaf = true;
    const lost = conversation.send('lost on the way');
    await settle();
    server.change((doc) => {
      server.openSegment();
      doc.getArray('segments').delete(0, 1);
    });
    await settle();
    server.isDeaf = false;
    server.last.close(1006);
    await settle();
    timing.advance(10_000);
    await lost.stored;
    expect(server.values.map(({ id }) => id)).to.deep.equal([lost.id]);
    conversation.close();
  });

  it('takes a message that was stored but not acknowledged for stored, and sends it no second time', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.isHolding = true;
    const { id, stored } = conversation.send('heard');
    await settle();
    server.last.close(1012, 'SHUTTING_DOWN: restart');
    await settle();
    expect(conversation.error?.code).to.equal('SHUTTING_DOWN');
    timing.advance(10_000);
    await settle();
    server.release();
    await stored;
    expect(server.values.map((value) => value.id)).to.deep.equal([id]);
    conversation.close();
  });

  it('waits longer from try to try, and starts afresh after a connection that held', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.isUp = false;
    server.last.close(1013);
    await settle();
    const pauses: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const tries = server.ends.length;
      let waited = 0;
      while (server.ends.length === tries) {
        timing.advance(10);
        waited += 10;
        await settle();
        expect(waited).to.be.at.most(10_000);
      }
      pauses.push(waited);
    }
    expect(pauses.slice(0, 4)).to.deep.equal([50, 100, 200, 400]);
    expect(pauses.at(-1)).to.equal(5_000);
    server.isUp = true;
    timing.advance(10_000);
    await conversation.whenSynced();
    timing.advance(15_000);
    server.last.close(1006);
    await settle();
    const tries = server.ends.length;
    timing.advance(50);
    await settle();
    expect(server.ends.length).to.equal(tries + 1);
    conversation.close();
  });

  it('takes 45 s of silence for a dead connection, and any frame for life', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    timing.advance(44_000);
    server.last.send(encodeAwareness(encodeAwarenessEntries([])));
    await settle();
    timing.advance(44_000);
    expect(conversation.status).to.equal('online');
    timing.advance(2_000);
    expect(conversation.status).not.to.equal('online');
    expect(server.last.left).to.equal(true);
    await settle();
    timing.advance(10_000);
    await conversation.whenSynced();
    expect(server.ends).to.have.length(2);
    conversation.close();
  });

  it('stays away after 4403, with the code', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.last.close(4403, 'FORBIDDEN: no access any more');
    await settle();
    expect(conversation.status).to.equal('closed');
    expect(conversation.error?.code).to.equal('FORBIDDEN');
    expect(timing.pending).to.equal(0);
    expect(server.ends).to.have.length(1);
  });

  it('comes back after 4401 with a new token, once', async () => {
    let token = 'old';
    let renewals = 0;
    const tokens = {
      accessToken: () => Promise.resolve(token),
      renew: (stale: string) => {
        expect(stale).to.equal(token);
        renewals += 1;
        token = `new-${renewals}`;
        return Promise.resolve(token);
      },
    };
    const server = new FakeServer();
    server.isAutomatic = false;
    const { conversation } = openConversation({ server, parts: { tokens } });
    await settle();
    expect(server.last.url.searchParams.get('token')).to.equal('old');
    expect(server.last.url.searchParams.get('ack')).to.equal('1');
    expect(server.last.url.pathname).to.equal('/sync/c1');
    server.last.close(4401, 'TOKEN_EXPIRED: The token has expired.');
    await settle();
    expect(renewals).to.equal(1);
    expect(server.last.url.searchParams.get('token')).to.equal('new-1');
    server.last.close(4401, 'SESSION_ENDED: This session has ended.');
    await settle();
    expect(renewals).to.equal(1);
    expect(conversation.status).to.equal('closed');
    expect(conversation.error?.code).to.equal('SESSION_ENDED');
  });

  it('closes when no new token is to be had, and tries again when only the network failed', async () => {
    let failure = new ParleyError('NETWORK');
    const tokens = {
      accessToken: () => Promise.resolve('old'),
      renew: () => Promise.reject(failure),
    };
    const { conversation, server, timing } = openConversation({ parts: { tokens } });
    await conversation.whenSynced();
    server.last.close(4401);
    await settle();
    expect(conversation.status).to.equal('offline');
    timing.advance(10_000);
    await conversation.whenSynced();
    failure = new ParleyError('SESSION_ENDED');
    server.last.close(4401);
    await settle();
    expect(conversation.status).to.equal('closed');
    expect(conversation.error?.code).to.equal('SESSION_ENDED');
    expect(timing.pending).to.equal(0);
  });

  it('starts a fresh copy when the document is of a newer generation, and shows the list all the while', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    await conversation.send('kept').stored;
    server.isDeaf = true;
    const unheard = conversation.send('not yet stored');
    await settle();
    const values = server.values;
    server.doc = new Y.Doc();
    server.openSegment();
    server.moveWindow(1);
    server.doc.getArray<Y.Map<Y.Array<unknown>>>('segments').get(0).get('messages')?.push(values);
    server.generation = 2;
    server.isDeaf = false;
    const lengths: number[] = [];
    conversation.on('messages', (messages) => lengths.push(messages.length));
    server.last.close(4409, 'OLDER_GENERATION: start over');
    await settle();
    timing.advance(10_000);
    await unheard.stored;
    expect(server.last.url.searchParams.has('generation')).to.equal(false);
    expect(texts(conversation)).to.deep.equal(['kept', 'not yet stored']);
    expect(server.values.map(({ text }) => text)).to.deep.equal(['kept', 'not yet stored']);
    expect(Math.min(2, ...lengths)).to.equal(2);
    conversation.close();
  });

  it('tells its generation when it comes back, and starts over when the welcome names another', async () => {
    const { conversation, server, timing } = openConversation();
    await conversation.whenSynced();
    server.last.close(1006);
    await settle();
    server.generation = 2;
    timing.advance(10_000);
    await settle();
    expect(server.last.url.searchParams.get('generation')).to.equal('1');
    timing.advance(10_000);
    await conversation.whenSynced();
    expect(server.ends).to.have.length(3);
    expect(server.ends[1]?.types()).not.to.include('reply');
    conversation.close();
  });

  it('shows others while connected, and what one set before again after a reconnect', async () => {
    const { conversation, server, timing } = openConversation();
    conversation.presence.set({ typing: true });
    await conversation.whenSynced();
    await settle();
    expect(server.last.types()).to.include('awareness');
    const state = JSON.stringify({ typing: true, user: { id: 'user-2', name: 'Bob' } });
    const entry = { client: 7, clock: 3, state };
    server.last.send(encodeAwareness(encodeAwarenessEntries([entry])));
    await settle();
    const shown = [{ clientId: 7, user: { id: 'user-2', name: 'Bob' }, state: { typing: true } }];
    expect(conversation.presence.others).to.deep.equal(shown);
    server.last.close(1006);
    await settle();
    expect(conversation.presence.others).to.deep.equal([]);
    timing.advance(10_000);
    await conversation.whenSynced();
    // The same state with the same clock is news on a new connection.
    server.last.send(encodeAwareness(encodeAwarenessEntries([entry])));
    await settle();
    expect(conversation.presence.others).to.deep.equal(shown);
    expect(server.last.types()).to.include('awareness');
    conversation.close();
  });
});
