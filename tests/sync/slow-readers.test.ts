import { createParleyClient } from '@parley/client';
import { appendMessage, encodeUpdate, limits, newId, type SyncFrame } from '@parley/shared';
import { expect } from 'chai';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { edit } from '../harness/guard-attempts.js';
import { segmentOf } from '../harness/guard-bench.js';
import { signUp, startTestServer, TEST_PASSWORD } from '../harness/kit.js';
import { LiveLine } from '../harness/live-line.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';

/** More than any kernel keeps for a socket and the server's bound together, several times over. */
const POURED_BYTES = 6 * limits.outboundBytes.value;
const LONG_TEXT = 'x'.repeat(limits.textCharacters.value - 10);
const MESSAGES = 60;

const stateOf = (doc: Y.Doc): Uint8Array => Y.encodeStateAsUpdate(doc);

/** Says something, and gives it other long words again and again until so much was relayed: the document itself stays small. */
const pour = async (writer: RawClient, author: string, bytes: number): Promise<void> => {
  const ids = Array.from({ length: MESSAGES }, () => newId());
  writer.write((doc) => {
    for (const id of ids) appendMessage(doc, { id, author, text: 'first words' });
  });
  const rounds = Math.ceil(bytes / (MESSAGES * LONG_TEXT.length));
  for (let round = 1; round <= rounds; round += 1) {
    writer.write((doc) => {
      for (const id of ids) segmentOf(doc, 0).edits.set(id, edit(id, author, `${LONG_TEXT} ${round}`));
    });
    const upTo = writer.sent;
    await writer.next('stored', (frame) => frame.upTo >= upTo);
  }
};

/** Says long words until so much was relayed: most of them leave the window again. */
const sayMuch = async (writer: RawClient, author: string, bytes: number): Promise<void> => {
  for (let sent = 0; sent < bytes; sent += 200 * LONG_TEXT.length) {
    writer.write((doc) => {
      for (let count = 1; count <= 200; count += 1) appendMessage(doc, { author, text: LONG_TEXT });
    });
    const upTo = writer.sent;
    await writer.next('stored', (frame) => frame.upTo >= upTo);
  }
};

/** Frames after the first answer, without those that only say "still here". */
const afterJoining = (client: RawClient): SyncFrame[] =>
  client.frames.slice(client.frames.findIndex(({ type }) => type === 'reply') + 1);

describe('a slow reader', () => {
  const join = (line: LiveLine, user: string): Promise<RawClient> =>
    new RawClient({ url: line.wsUrl, conversationId: 'c1', token: user, acks: true }).synced();

  it('[K10] [K12] is caught up in one answer with what it missed, and hears of its own updates after that', async () => {
    await using line = await LiveLine.open();
    const writer = await join(line, 'writer');
    const slow = await join(line, 'slow');
    slow.pause();
    await pour(writer, 'writer', POURED_BYTES);
    // One after the other, as somebody who types; the third is a lie.
    for (const author of ['slow', 'slow', 'mallory', 'slow']) {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, stateOf(slow.doc));
      copy.clientID = author === 'slow' ? slow.doc.clientID : copy.clientID;
      const target = author === 'slow' ? slow.doc : copy;
      const before = Y.encodeStateVector(target);
      appendMessage(target, { author, text: `said by ${author} while it did not read` });
      slow.send(encodeUpdate(Y.encodeStateAsUpdate(target, before)));
    }
    const said = slow.sent;
    await writer.until(() => segmentOf(writer.doc, 0).messages.length === MESSAGES + 3);
    const { peakBytes, frameBytes, largestFrameBytes } = line.watched('slow');
    expect(line.watched('writer').frameBytes, 'poured').to.be.above(POURED_BYTES);
    expect(frameBytes, 'not all of it went its way').to.be.below(POURED_BYTES / 2);
    expect(peakBytes, 'the bound was met').to.be.above(limits.outboundBytes.value);
    expect(peakBytes).to.be.at.most(limits.outboundBytes.value + largestFrameBytes + 1_024);

    slow.resume();
    await slow.next('stored', ({ upTo }) => upTo === said);
    expect(stateOf(slow.doc)).to.deep.equal(stateOf(writer.doc));
    const types = afterJoining(slow).map(({ type }) => type);
    const caughtUp = types.indexOf('reply');
    expect(
      types.filter((type) => type === 'reply'),
      'one answer',
    ).to.have.length(1);
    expect(types.slice(0, caughtUp), 'before it, what had been sent').to.not.include.members([
      'refused',
      'stored',
    ]);
    expect(types.slice(caughtUp + 1, caughtUp + 3)).to.deep.equal(['refused', 'stored']);
    expect(afterJoining(slow).find(({ type }) => type === 'refused')).to.have.nested.property(
      'refusal.nth',
      said - 1,
    );

    writer.write((doc) => appendMessage(doc, { author: 'writer', text: 'live again' }));
    await slow.next('update', () => stateOf(slow.doc).length === stateOf(writer.doc).length);
    expect(line.watched('slow').peakBytes).to.equal(peakBytes);
    expect(line.watched('slow').closedWith).to.equal(null);
    await Promise.all([slow.close(), writer.close()]);
  });

  it('[K12] converges as a stock client, and sees who is there and who has gone', async () => {
    await using line = await LiveLine.open();
    const writer = await join(line, 'writer');
    using slow = new StockClient({ wsUrl: line.wsUrl, conversationId: 'c1', userId: 'slow', token: 'slow' });
    using gone = new StockClient({ wsUrl: line.wsUrl, conversationId: 'c1', userId: 'gone', token: 'gone' });
    await Promise.all([slow.synced(), gone.synced()]);
    const { awareness } = slow.provider;
    await new Promise<void>((resolve) => {
      awareness.on('change', () => {
        if (awareness.getStates().has(gone.doc.clientID)) resolve();
      });
      gone.provider.awareness.setLocalState({ at: 1 });
    });
    slow.pause();
    await pour(writer, 'writer', POURED_BYTES);
    const left = line.left('gone');
    gone.provider.destroy();
    await left;
    slow.say('while it did not read');
    await writer.until(() => segmentOf(writer.doc, 0).messages.length === MESSAGES + 1);
    slow.pause(false);
    const last = await new Promise<Uint8Array>((resolve) => {
      const look = (): void => {
        const state = stateOf(slow.doc);
        if (Buffer.compare(state, stateOf(writer.doc)) === 0 && !awareness.getStates().has(gone.doc.clientID))
          resolve(state);
      };
      slow.doc.on('update', look);
      awareness.on('change', look);
    });
    expect(last).to.deep.equal(stateOf(writer.doc));
    expect(line.watched('slow').closedWith).to.equal(null);
    await writer.close();
  });

  it('[K13] is closed with 1013 when it takes nothing in all the time allowed', async () => {
    await using line = await LiveLine.open({ behindMs: 200 });
    const writer = await join(line, 'writer');
    const slow = await join(line, 'slow');
    const left = line.left('slow');
    slow.pause();
    await pour(writer, 'writer', POURED_BYTES);
    await left;
    expect(line.watched('slow').closedWith).to.equal(1013);
    slow.resume();
    await slow.closed;
    await writer.close();
  });

  it('[K12] catches up on a whole server, where what it missed has left the window in part', async () => {
    await using server = await startTestServer();
    const [ada, bob] = [await signUp(server, 'ada'), await signUp(server, 'bob')];
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'Bad line' });
    await bob.api.rooms.joinOrCreate.mutate({ name: 'Bad line' });
    const clientOf = (person: typeof ada): Promise<RawClient> =>
      new RawClient({ url: server.url, conversationId: room.id, token: person.token, acks: true }).synced();
    const [writer, slow] = [await clientOf(ada), await clientOf(bob)];
    slow.pause();
    await sayMuch(writer, ada.id, 3 * limits.outboundBytes.value);
    appendMessage(slow.doc, { author: bob.id, text: 'unread' });
    slow.send(encodeUpdate(stateOf(slow.doc)));
    const own = slow.sent;
    slow.resume();
    await slow.next('stored', ({ upTo }) => upTo === own);
    expect(afterJoining(slow).filter(({ type }) => type === 'reply')).to.have.length(1);
    writer.write((doc) => appendMessage(doc, { author: ada.id, text: 'the end' }));
    await slow.until(() => Buffer.compare(stateOf(slow.doc), stateOf(writer.doc)) === 0);
    await Promise.all([slow.close(), writer.close()]);
  });

  it('[K12] tells a client of the SDK, on the same socket, that what it said is stored', async () => {
    await using server = await startTestServer();
    const ada = await signUp(server, 'ada');
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'Train' });
    const sockets: WebSocket[] = [];
    const client = createParleyClient({
      url: server.url,
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url);
          sockets.push(this);
        }
      },
    });
    await client.signUp({ username: `bob-${process.pid}`, password: TEST_PASSWORD });
    await client.api.rooms.joinOrCreate.mutate({ name: 'Train' });
    const conversation = client.conversation(room.id);
    await conversation.whenSynced();
    const options = { url: server.url, conversationId: room.id, token: ada.token, acks: true };
    const writer = await new RawClient(options).synced();
    sockets[0]?.pause();
    await sayMuch(writer, ada.id, 3 * limits.outboundBytes.value);
    const { stored } = conversation.send('in a tunnel');
    writer.write((doc) => appendMessage(doc, { author: ada.id, text: 'the end' }));
    sockets[0]?.resume();
    await stored;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const texts = conversation.messages.filter(({ seq }) => seq !== null).map(({ text }) => text);
        if (texts.includes('in a tunnel') && texts.includes('the end')) resolve();
      };
      conversation.on('messages', look);
      look();
    });
    expect(sockets).to.have.length(1);
    client.close();
    await writer.close();
  });
});
