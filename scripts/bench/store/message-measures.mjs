import { cpuMsOf } from '../tools/machine.mjs';
import { median, oneByOne, quantile, together } from '../tools/timing.mjs';
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

const rowName = (what, total, value) => `${what} among ${total.toLocaleString('en')}, ${kinds[value][0]}`;

/** Reads and updates on the two servers of a site: `few` and `many` are their numbers of messages. */
export const messageMeasures = ({ few, many }) =>
  works.flatMap((work) => [messageMeasure(work, 'few', few), messageMeasure(work, 'many', many)]);

const messageMeasure = ({ what, pick, values }, which, total) => ({
  rows: values.map((value) => [rowName(what, total, value), kinds[value][1]]),
  run: async (site, forMs) => {
    const server = site[which];
    const work = pick(messageWork(server.db, total));
    const cpuBefore = cpuMsOf(server.pid);
    const times = await oneByOne(work, forMs);
    const cpuMs = cpuMsOf(server.pid) - cpuBefore;
    const wantsRate = values.includes('rate') && median(times) <= slowMs;
    const found = {
      median: median(times),
      tail: times.length < enoughForTail ? undefined : quantile(times, 0.95),
      rate: wantsRate ? await together(work, { inFlight: 16, forMs }) : undefined,
      cpu: (cpuMs / times.length) * 1_000,
    };
    return values.map((value) => found[value]);
  },
});

/** Rows that say how many times longer each takes among `many` messages than among `few`. */
export const growthRows = (results, { few, many }) =>
  works.map(({ what }) => {
    const valuesAmong = (total) => results.find(({ name }) => name === rowName(what, total, 'median')).values;
    const growth = ([name, values]) => [name, [median(valuesAmong(many).get(name)) / median(values)]];
    const name = `${what} among ${many.toLocaleString('en')} : among ${few.toLocaleString('en')}`;
    return { name, unit: 'times', values: new Map([...valuesAmong(few)].map(growth)) };
  });
