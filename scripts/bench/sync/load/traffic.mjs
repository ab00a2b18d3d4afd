// Messages at a steady pace, whatever comes back: how long they take to everybody else, and what that costs.
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMsOf } from '../../tools/machine.mjs';
import { Latencies } from './latencies.mjs';
import { eachMark, markNow } from './marks.mjs';
import { message, newWriter } from './pen.mjs';

const tickMs = 1;
const drainMs = 3_000;
const filler = ' and so on, as long as most of what people say';

/** Counts what arrives. `hooks(number)` are for the connection whose writer has this number; its own are not counted. */
export class Meter {
  latencies = new Latencies();
  delivered = 0;
  /** Only what was sent from then on counts as a latency, ms of this process. */
  sinceMs = 0;

  hooks(number) {
    return { onUpdate: (frame) => this.#take(frame, number) };
  }

  #take(frame, number) {
    const nowMs = performance.now();
    eachMark(frame, (sentMs, writer) => {
      if (writer === number) return;
      this.delivered += 1;
      if (sentMs >= this.sinceMs) this.latencies.add(nowMs - sentMs);
    });
  }
}

/** One who writes in a room through a connection of it. `number` is unlike any other writer's of the meter. */
export const authorIn = (room, client, number, seat) => ({
  room,
  client,
  writer: newWriter(number, room.memberOf(seat).id),
});

export const say = ({ room, client, writer }) => {
  const text = markNow(writer.number) + filler;
  client.update(room.pen.write(writer, [message(writer.author, text)]));
};

/** Calls `send(n)` so many times a second for a while. Resolves with how many there were. */
export const atRate = async (send, { rate, forMs }) => {
  const startMs = performance.now();
  let sent = 0;
  for (;;) {
    const sinceMs = performance.now() - startMs;
    const due = Math.floor((Math.min(sinceMs, forMs) * rate) / 1_000);
    for (; sent < due; sent += 1) send(sent);
    if (sinceMs >= forMs) return sent;
    await pause(tickMs);
  }
};

/** Resolves when the condition holds, or after `withinMs`; answers whether it holds. */
export const waitFor = async (condition, withinMs) => {
  const untilMs = performance.now() + withinMs;
  while (!condition() && performance.now() < untilMs) await pause(tickMs);
  return condition();
};

/** What the process of the server and this one use meanwhile: shares of a core, and ms of the server. */
export const cpuDuring = async (pid, work) => {
  const startMs = performance.now();
  const serverMs = cpuMsOf(pid);
  const ownMs = cpuMsOf(process.pid);
  const value = await work();
  const tookMs = performance.now() - startMs;
  const usedMs = cpuMsOf(pid) - serverMs;
  return { value, serverMs: usedMs, server: usedMs / tookMs, load: (cpuMsOf(process.pid) - ownMs) / tookMs };
};

/**
 * Lets the authors write in turns, `rate` messages a second all together, after a while that is not measured.
 * `audience`: how many connections hear a message besides its author's.
 */
export const traffic = async (site, meter, authors, { rate, forMs, warmMs, audience }) => {
  meter.latencies = new Latencies();
  meter.sinceMs = Number.POSITIVE_INFINITY;
  const before = meter.delivered;
  const send = (number) => say(authors[number % authors.length]);
  const warmed = await atRate(send, { rate, forMs: warmMs });
  meter.sinceMs = performance.now();
  const deliveredBefore = meter.delivered;
  const cpu = await cpuDuring(site.pid, () => atRate(send, { rate, forMs }));
  const deliveries = meter.delivered - deliveredBefore;
  const expected = before + (warmed + cpu.value) * audience;
  const complete = await waitFor(() => meter.delivered >= expected, drainMs);
  return {
    complete,
    missing: expected - meter.delivered,
    p50: meter.latencies.quantile(0.5),
    p99: meter.latencies.quantile(0.99),
    serverCpuUs: (cpu.serverMs * 1_000) / deliveries,
    server: cpu.server,
    load: cpu.load,
  };
};

/** Throws when somebody did not get something. */
export const assertComplete = ({ complete, missing }) => {
  if (!complete) throw new Error(`${missing} messages never reached somebody`);
};
