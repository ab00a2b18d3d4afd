import { forAll, numbers, Room } from '../load/room.mjs';
import { highestRate } from '../load/search.mjs';
import { assertComplete, authorIn, Meter, traffic } from '../load/traffic.mjs';

/** Many small rooms in which everybody writes: first at a human pace, then as much as goes. */
export const manyRooms = async (site, { rooms, clients, forMs, warmMs, ...bounds }, note) => {
  const meter = new Meter();
  const opened = [];
  const authors = [];
  await forAll(numbers(rooms), async (place) => {
    const room = await (await Room.open(site)).prepare();
    opened.push(room);
    const first = place * clients;
    const joined = await room.joinMany(clients, (number) => meter.hooks(first + number));
    // In turns: neighbours in this list are in different rooms.
    joined.forEach((client, number) => {
      authors[number * rooms + place] = authorIn(room, client, first + number);
    });
  });
  const audience = clients - 1;
  const attempt = (rate) => traffic(site, meter, authors, { rate, forMs, warmMs, audience });
  const calm = await attempt(authors.length);
  assertComplete(calm);
  const rate = await highestRate(attempt, bounds, note);
  await opened[0].assertConverged();
  const row = `${rooms} rooms of ${clients}`;
  const calmly = `${row}, ${authors.length.toLocaleString('en')}/s`;
  return [
    [`${calmly}, median`, 'ms', calm.p50],
    [`${calmly}, 99 of 100 within`, 'ms', calm.p99],
    [`${calmly}, CPU of the server`, '%', calm.server * 100],
    [`${row}, 99 of 100 within ${bounds.withinMs} ms`, 'messages/s', rate],
  ];
};
