import { numbers, Room } from '../load/room.mjs';
import { highestRate } from '../load/search.mjs';
import { authorIn, Meter, traffic } from '../load/traffic.mjs';

/** One room in which everybody writes: how much until it takes too long. */
export const busyRoom = async (site, { clients, forMs, warmMs, ...bounds }, note) => {
  const attempt = async (rate) => {
    const meter = new Meter();
    const room = await (await Room.open(site)).prepare();
    const joined = await room.joinMany(clients, (number) => meter.hooks(number));
    const authors = numbers(clients).map((number) => authorIn(room, joined[number], number));
    const result = await traffic(site, meter, authors, { rate, forMs, warmMs, audience: clients - 1 });
    if (result.missing === 0) await room.assertConverged();
    await room.close();
    return result;
  };
  const rate = await highestRate(attempt, bounds, note);
  return [[`one room of ${clients}, 99 of 100 within ${bounds.withinMs} ms`, 'messages/s', rate]];
};
