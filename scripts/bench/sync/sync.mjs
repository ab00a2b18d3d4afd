/**
 * `npm run bench -- sync`: Parley beside other servers for Yjs documents and beside a bare relay, taking turns, each in a process
 * of its own, with the load in another. What counts is the ratio of a run, not its figures.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cacheFolder, makeFolder } from '../tools/folder.mjs';
import { bareFlushMs } from '../tools/machine.mjs';
import { names, number } from '../tools/options.mjs';
import { figure } from '../tools/table.mjs';
import { contestants, rivalNames } from './contestants.mjs';
import { Results } from './report.mjs';
import { rows } from './rows/rows.mjs';
import { runRow } from './run-row.mjs';
import { sizesFor } from './sizes.mjs';

const rowNames = Object.keys(rows);

const help = `npm run bench -- sync [options]
  --rows A,B      only these rows
${rowNames.map((name) => `    ${name.padEnd(12)}  ${rows[name].about}`).join('\n')}
  --beside A,B    only beside these: ${rivalNames.join(', ')}
  --no-rivals     Parley alone
  --rounds N      how often each row is taken (1)
  --quick         small sizes: whether everything works, not how fast
  --million       join: a million messages as well; filling them in takes many minutes
  --folder F      where the data goes; must be on the disk that is meant (node_modules/.cache)
Parley stores a message before anyone sees it. y-websocket-server and hocuspocus keep documents in memory,
hocuspocus-sqlite stores them some seconds later, the relays keep nothing and check nothing.
In brackets: Parley's figure divided by theirs.`;

const options = {
  rows: { type: 'string', default: rowNames.join(',') },
  beside: { type: 'string', default: rivalNames.join(',') },
  rivals: { type: 'boolean', default: true },
  rounds: { type: 'string', default: '1' },
  quick: { type: 'boolean', default: false },
  million: { type: 'boolean', default: false },
  folder: { type: 'string', default: cacheFolder },
  help: { type: 'boolean', default: false },
};

/** A row that takes longer from one contestant is given up; a million messages take a while. */
const patience = { usualMs: 240_000, millionMs: 1_800_000 };

const say = (text) => console.log(text);

export const run = async (args) => {
  const { values } = parseArgs({ args, options, allowNegative: true });
  if (values.help) return say(help);
  const plan = {
    rows: names('rows', values.rows, rowNames),
    rivals: values.rivals ? names('beside', values.beside, rivalNames) : [],
    rounds: number('rounds', values.rounds),
    sizes: sizesFor(values),
    patienceMs: values.million ? patience.millionMs : patience.usualMs,
  };
  const folder = makeFolder(values.folder, 'bench-sync-', say);
  try {
    await bench(plan, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const bench = async (plan, folder) => {
  const { present, reasons } = contestants(plan.rivals);
  for (const reason of reasons) say(reason);
  say(`A bare flush of 4 KB takes ${figure(bareFlushMs(folder))} ms here`);
  for (const row of plan.rows) {
    const results = new Results();
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const contestant of round % 2 === 1 ? present : present.toReversed())
        await take(contestant, row, { results, plan, folder });
    }
    results.print(
      present.map(({ name }) => name),
      say,
    );
  }
};

/** Takes a row from one contestant. What a rival does not do is left out and said; Parley has to do everything. */
const take = async (contestant, row, { results, plan, folder }) => {
  const { name, kind } = contestant;
  const { relays, environment } = rows[row];
  if (kind === 'relay' && !relays) return;
  say(`${row}: ${name}`);
  const { [row]: sizes } = plan.sizes;
  const answer = await runRow(contestant, row, { sizes, environment, folder, patienceMs: plan.patienceMs });
  if (answer.problem === undefined) {
    results.add(name, answer.figures);
    for (const note of answer.notes) say(`  ${note}`);
  } else if (kind === 'parley') throw new Error(`${row}: ${answer.problem}`);
  else say(`  left out: ${answer.problem}`);
};
