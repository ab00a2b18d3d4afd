import { setTimeout as pause } from 'node:timers/promises';
import { eachMark } from '../load/marks.mjs';
import { numbers, Room } from '../load/room.mjs';
import { authorIn, say } from '../load/traffic.mjs';

/**
 * Everybody waits for the message to come back before writing the next. With Parley that means it is on disk; the rivals send it
 * back from memory.
 */
export const ownEcho = async (site, { writers, forMs }) => {
  const figures = [];
  for (const count of writers) {
    const room = await (await Room.open(site)).prepare();
    const authors = [];
    let counted = 0;
    let going = true;
    const hooks = (number) => ({
      onUpdate: (frame) =>
        eachMark(frame, (_, writer) => {
          if (writer !== number) return;
          counted += 1;
          if (going) say(authors[number]);
        }),
    });
    const joined = await room.joinMany(count, hooks);
    for (const number of numbers(count)) authors.push(authorIn(room, joined[number], number));
    for (const author of authors) say(author);
    await pause(forMs / 2);
    const before = counted;
    const startMs = performance.now();
    await pause(forMs);
    const perSecond = ((counted - before) / (performance.now() - startMs)) * 1_000;
    going = false;
    await room.close();
    const who = count === 1 ? 'one writer' : `${count} writers`;
    figures.push([`${who}, each waiting for its own message`, 'messages/s', perSecond]);
  }
  return figures;
};
