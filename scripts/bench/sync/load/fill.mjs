import { setTimeout as pause } from 'node:timers/promises';
import * as Y from 'yjs';
import { waitForCount } from './pace.mjs';
import { message, newWriter } from './pen.mjs';

const authors = 4;
const perUpdate = 500;
const silenceMs = 60_000;
const settleMs = 300;
const calmTurns = 5;
/** Less than this share of what it was counts as smaller. */
const shrinks = 0.99;

/**
 * Writes a message now and then until the document no longer shrinks by it: a server that takes old messages out may do so when
 * something is written, and only once it has put them elsewhere.
 */
const settle = async (room, { client, writer }, text) => {
  let least = Number.POSITIVE_INFINITY;
  for (let calm = 0; calm < calmTurns; calm += 1) {
    await pause(settleMs);
    client.update(room.pen.write(writer, [message(writer.author, text)]));
    await new Promise((resolve) => room.doc.once('update', resolve));
    const { length } = Y.encodeStateAsUpdate(room.doc);
    if (length < least * shrinks) calm = 0;
    least = Math.min(least, length);
  }
};

/**
 * Fills a prepared room through the server's own door, as people who come back with much that they wrote offline: hundreds of
 * messages in an update, several people in turns. Resolves once the room's copy has heard all of it and the document has
 * come to rest.
 */
export const fill = async (room, count, text) => {
  const writers = await Promise.all(
    Array.from({ length: authors }, async (_, number) => {
      const client = await room.join();
      return { client, writer: newWriter(number, client.member.id) };
    }),
  );
  let heard = 0;
  room.doc.on('update', () => {
    heard += 1;
  });
  let written = 0;
  for (let turn = 0; written < count; turn += 1) {
    const { client, writer } = writers[turn % authors];
    const size = Math.min(perUpdate, count - written);
    const messages = Array.from({ length: size }, () => message(writer.author, text));
    const before = heard;
    client.update(room.pen.write(writer, messages));
    written += size;
    if (!(await waitForCount(() => heard, before + 1, silenceMs)))
      throw new Error('filling a room got stuck');
  }
  await settle(room, writers[0], text);
  await Promise.all(writers.map(({ client }) => client.close()));
};
