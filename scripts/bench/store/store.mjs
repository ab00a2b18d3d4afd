/**
 * `npm run bench -- store`: the embedded store beside FerretDB on SQLite, both on disk, both flushing what they acknowledge,
 * each in a process of its own, taking turns. What counts is the ratio of a run, not its figures.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cacheFolder, makeFolder } from '../tools/folder.mjs';
import { bareFlushMs } from '../tools/machine.mjs';
import { number } from '../tools/options.mjs';
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
  folder: { type: 'string', default: cacheFolder },
  witness: { type: 'boolean', default: true },
  help: { type: 'boolean', default: false },
};

const say = (text) => console.log(text);

export const run = async (args) => {
  const { values } = parseArgs({ args, options, allowNegative: true });
  if (values.help) return say(help);
  const plan = {
    documents: number('documents', values.documents),
    rounds: number('rounds', values.rounds),
    forMs: number('seconds', values.seconds) * 1_000,
  };
  const folder = makeFolder(values.folder, 'bench-store-', say);
  try {
    await bench(plan, folder, values.witness);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
