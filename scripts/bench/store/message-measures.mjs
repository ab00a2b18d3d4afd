// Reads and updates of messages, on a server with few of them and on one with many, in turns: only so is it fair to divide.
import { cpuMsOf } from '../tools/machine.mjs';
import { inTurns, median, quantile, together } from '../tools/timing.mjs';
import { messageWork } from './messages.mjs';

/** What takes longer one by one is not tried sixteen at a time. */
const slowMs = 500;
/** Fewer times than this say nothing about the slowest twentieth. */
const enoughForTail = 20;

const kinds = {
  median: ['median', 'ms'],
  tail: ['95 of 100 within', 'ms'],
  rate: ['16 in flight', 'ops/s'],
  cpu: ['CPU of the server', 'µs'],
};

const works = [
  { what: 'read by _id', pick: (work) => work.byId, values: ['median', 'tail', 'rate', 'cpu'] },
  { what: 'read by unique key', pick: (work) => work.byUniqueKey, values: ['median'] },
  { what: 'page of 50', pick: (work) => work.page, values: ['median', 'tail', 'cpu'] },
  { what: 'update by _id', pick: (work) => work.update, values: ['median', 'tail', 'rate'] },
];

const counted = (total) => total.toLocaleString('en');

/** A measure for each kind of work; `few` and `many` are the numbers of messages on the two servers of a site. */
export const messageMeasures = ({ few, many }) =>
  works.map(({ what, pick, values }) => ({
    rows: [
      ...[few, many].flatMap((total) =>
        values.map((value) => [`${what} among ${counted(total)}, ${kinds[value][0]}`, kinds[value][1]]),
      ),
      [`${what} among ${counted(many)} : among ${counted(few)}`, 'times'],
    ],
    run: async (site, forMs) => {
      const sides = [
        { pid: site.few.pid, work: pick(messageWork(site.few.db, few)) },
        { pid: site.many.pid, work: pick(messageWork(site.many.db, many)) },
      ];
      const found = await measure(sides, values, forMs);
      const [ofFew, ofMany] = found;
      return [...found.flatMap((each) => values.map((value) => each[value])), ofMany.median / ofFew.median];
    },
  }));

const measure = async (sides, values, forMs) => {
  const cpuBefore = sides.map(({ pid }) => cpuMsOf(pid));
  const lists = await inTurns(
    sides.map(({ work }) => work),
    forMs,
  );
  const cpuMs = sides.map(({ pid }, i) => cpuMsOf(pid) - cpuBefore[i]);
  const found = [];
  for (const [i, times] of lists.entries()) {
    const wantsRate = values.includes('rate') && median(times) <= slowMs;
    found.push({
      median: median(times),
      tail: times.length < enoughForTail ? undefined : quantile(times, 0.95),
      rate: wantsRate ? await together(sides[i].work, { inFlight: 16, forMs }) : undefined,
      cpu: (cpuMs[i] / times.length) * 1_000,
    });
  }
  return found;
};
