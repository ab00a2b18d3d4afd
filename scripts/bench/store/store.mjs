/**
 * `npm run bench -- store`: the embedded store beside FerretDB on SQLite, both on disk, both flushing what they acknowledge,
 * each in a process of its own, taking turns. What counts is the ratio of a run, not its figures.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bareFlushMs, isInMemory } from '../tools/machine.mjs';
import { figure } from '../tools/table.mjs';
import { costsOf } from './costs.mjs';
import { load } from './load.mjs';
import { measuresFor } from './measures.mjs';
import { printReport } from './report.mjs';
import { takeTurns } from './rounds.mjs';
import { contestants, openSite } from './servers.mjs';

const help = `npm run bench -- store [options]
  --documents N   messages in the large collection (1000000)
  --rounds N      how often each measure is taken (3)
  --seconds N     how long a measure runs (0.7)
  --folder F      where the data goes; must be on the disk that is meant (node_modules/.cache)
  --no-witness    the store alone`;

const options = {
  documents: { type: 'string', default: '1000000' },
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '0.7' },
  folder: {
    type: 'string',
    default: fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url)),
  },
  witness: { type: 'boolean', default: true },
  help: { type: 'boolean', default: false },
};

const say = (text) => console.log(text);

const number = (name, text) => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not ${text}`);
};

export const run = async (args) => {
  const { values } = parseArgs({ args, options, allowNegative: true });
  if (values.help) return say(help);
  const plan = {
    documents: number('documents', values.documents),
    rounds: number('rounds', values.rounds),
    forMs: number('seconds', values.seconds) * 1_000,
  };
  const folder = makeFolder(resolve(values.folder));
  try {
    await bench(plan, folder, values.witness);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A folder of this run's own, which goes with the process however it ends. */
const makeFolder = (parent) => {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'bench-store-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  if (isInMemory(folder))
    say(`${parent} is in memory: no flush costs anything there, and nothing is measured but CPU`);
  return folder;
};

const bench = async (plan, folder, withWitness) => {
  const { names, reason } = contestants(withWitness);
  if (reason !== undefined) say(`The store alone. ${reason}`);
  say(`A bare flush of 4 KB takes ${figure(bareFlushMs(folder))} ms here`);
  const sites = [];
  for (const contestant of names) sites.push(await openSite(contestant, folder));
  const results = await load(sites, plan, say);
  results.push(...(await takeTurns(sites, measuresFor(plan.documents), { ...plan, say })));
  results.push(...(await costsOf(sites, plan)));
  printReport(
    results,
    sites.map((site) => site.name),
    say,
  );
};
