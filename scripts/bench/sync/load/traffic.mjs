// Messages at a steady pace, whatever comes back: how long they take to everybody else, and what that costs.
import { Latencies } from './latencies.mjs';
import { eachMark, markNow } from './marks.mjs';
import { atRate, cpuDuring, waitForCount } from './pace.mjs';
import { message, newWriter } from './pen.mjs';

/** Nothing more comes when nothing has come for so long. */
const silenceMs = 3_000;
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
export const authorIn = (room, client, number) => ({
  room,
  client,
  writer: newWriter(number, client.member.id),
});

export const say = ({ room, client, writer }) => {
  const text = markNow(writer.number) + filler;
  client.update(room.pen.write(writer, [message(writer.author, text)]));
};

/**
 * Lets the authors write in turns, `rate` messages a second all together, after a while that is not measured, until everybody has
 * everything. `audience`: how many connections hear a message besides its author's.
 */
export const traffic = async (site, meter, authors, { rate, forMs, warmMs, audience }) => {
  meter.latencies = new Latencies();
  meter.sinceMs = Number.POSITIVE_INFINITY;
  const send = (number) => say(authors[number % authors.length]);
  const before = meter.delivered;
  const warmed = await atRate(send, { rate, forMs: warmMs });
  meter.sinceMs = performance.now();
  const deliveredBefore = meter.delivered;
  const { value: missing, ...cpu } = await cpuDuring(site.pid, async () => {
    const expected = before + (warmed + (await atRate(send, { rate, forMs }))) * audience;
    await waitForCount(() => meter.delivered, expected, silenceMs);
    return expected - meter.delivered;
  });
  return {
    missing,
    p50: meter.latencies.quantile(0.5),
    p99: meter.latencies.quantile(0.99),
    serverCpuUs: (cpu.serverMs * 1_000) / (meter.delivered - deliveredBefore),
    ...cpu,
  };
};

/** Throws when somebody did not get something, or something twice. */
export const assertComplete = ({ missing }) => {
  if (missing !== 0) throw new Error(`${missing} messages never reached somebody`);
};
