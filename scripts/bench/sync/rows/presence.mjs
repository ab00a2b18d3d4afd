import { Latencies } from '../load/latencies.mjs';
import { eachMark } from '../load/marks.mjs';
import { atRate, cpuDuring, waitFor } from '../load/pace.mjs';
import { Shown } from '../load/presence.mjs';
import { Room } from '../load/room.mjs';

/** So many connections, evenly spread, look at the times; the others only take what they get. */
const watchers = 20;
/** Who is behind by more than this is overloaded: catching up would tell nothing. */
const graceMs = 1_000;

/** Everybody in a room shows something new once a second. */
export const presence = async (site, { clients, forMs, warmMs }, note) => {
  const room = await Room.open(site);
  const latencies = new Latencies();
  let sinceMs = Number.POSITIVE_INFINITY;
  const watch = (frame) => {
    const nowMs = performance.now();
    eachMark(frame, (sentMs) => {
      if (sentMs >= sinceMs) latencies.add(nowMs - sentMs);
    });
  };
  const every = Math.max(1, Math.floor(clients / watchers));
  const joined = await room.joinMany(clients, (number) =>
    number % every === 0 ? { onAwareness: watch } : {},
  );
  const shown = joined.map((_, number) => new Shown(number));
  const send = (number) => joined[number % clients].send(shown[number % clients].frame());
  await atRate(send, { rate: clients, forMs: warmMs });
  sinceMs = performance.now();
  const cpu = await cpuDuring(site.pid, () => atRate(send, { rate: clients, forMs }));
  // A server may spare people what they showed themselves.
  const expected = cpu.value * Math.ceil(clients / every) * (1 - 1 / clients);
  await waitFor(() => latencies.count >= expected, graceMs);
  const arrived = latencies.count / expected;
  if (arrived < 1) note(`only ${Math.floor(arrived * 100)} % of what was shown arrived`);
  for (const client of joined) client.socket.terminate();
  const row = `presence of ${clients.toLocaleString('en')} at 1 Hz`;
  return [
    [`${row}, CPU of the server`, '%', cpu.server * 100],
    [`${row}, CPU of the load`, '%', cpu.load * 100],
    [`${row}, median`, 'ms', latencies.quantile(0.5)],
    [`${row}, 99 of 100 within`, 'ms', latencies.quantile(0.99)],
  ];
};
