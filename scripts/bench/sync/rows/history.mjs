import { setTimeout as pause } from 'node:timers/promises';
import { numbers, Room } from '../load/room.mjs';
import { authorIn, Meter, traffic } from '../load/traffic.mjs';

const lookMs = 200;

/** How far history is behind what is stored, ms, as the server's metrics tell. */
const lagMs = async (site) => {
  const page = await (await fetch(`${site.url.replace('ws', 'http')}/metrics`)).text();
  const lag = /^parley_projection_lag_seconds (\S+)$/m.exec(page);
  if (lag === null) throw new Error('the metrics do not tell of history');
  return Number(lag[1]) * 1_000;
};

/** A few write as much as many: how far history falls behind. Nobody else keeps one. */
export const history = async (site, { clients, rate, forMs, warmMs }) => {
  if (site.kind !== 'parley') return [];
  const meter = new Meter();
  const room = await (await Room.open(site)).prepare();
  const joined = await room.joinMany(clients, (number) => meter.hooks(number));
  const authors = numbers(clients).map((number) => authorIn(room, joined[number], number));
  const lags = [];
  let going = true;
  const watching = (async () => {
    while (going) {
      lags.push(await lagMs(site));
      await pause(lookMs);
    }
  })();
  const result = await traffic(site, meter, authors, { rate, forMs, warmMs, audience: clients - 1 });
  going = false;
  await watching;
  const endMs = performance.now();
  while ((await lagMs(site)) > 0) await pause(lookMs / 10);
  const caughtUpMs = performance.now() - endMs;
  await room.close();
  const what = `${rate.toLocaleString('en')} messages a second`;
  return [
    [`${what}, history behind by at most`, 'ms', Math.max(...lags)],
    [`${what}, history whole after`, 'ms', caughtUpMs],
    [`${what}, CPU of the server`, '%', result.server * 100],
    [`${what}, 99 of 100 within`, 'ms', result.p99],
  ];
};
