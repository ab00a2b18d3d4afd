import { waitFor, waitForCount } from './pace.mjs';
import { message, newWriter } from './pen.mjs';

const authors = 4;
const perUpdate = 500;
const silenceMs = 60_000;
const settledMs = 500;

/**
 * Fills a prepared room through the server's own door, as people who come back with much that they wrote offline: hundreds of
 * messages in an update, several people in turns. Resolves once the room's copy has heard all of it and nothing more comes.
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
  for (let before = -1; before !== heard; ) {
    before = heard;
    await waitFor(() => heard > before, settledMs);
  }
  await Promise.all(writers.map(({ client }) => client.close()));
};
