/**
 * `npm run bench -- people`: suggestions of friends in worlds of few and of many people, on the embedded store. What counts is the
 * ratio of a run: what a call costs must not grow with the number of people.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cacheFolder, makeFolder } from '../tools/folder.mjs';
import { number } from '../tools/options.mjs';
import { figure, tableOf } from '../tools/table.mjs';
import { fewestPeople } from './crowd.mjs';
import { measure } from './measures.mjs';
import { openWorld } from './world.mjs';

const help = `npm run bench -- people [options]
  --people A,B    how many people each world has (1000,10000,100000), ${fewestPeople} at least; everybody has some twenty friends
  --calls N       calls for suggestions in each world, each by somebody else (200)
  --folder F      where the data goes (node_modules/.cache)
A full run takes five to six minutes, two of them for building 100,000 people with 1,000,000 friendships.
In brackets: a figure divided by that of the first world.`;

const options = {
  people: { type: 'string', default: '1000,10000,100000' },
  calls: { type: 'string', default: '200' },
  folder: { type: 'string', default: cacheFolder },
  help: { type: 'boolean', default: false },
};

const say = (text) => console.log(text);

export const run = async (args) => {
  const { values } = parseArgs({ args, options });
  if (values.help) return say(help);
  const plan = {
    people: values.people.split(',').map((text) => peopleIn(text)),
    calls: number('calls', values.calls),
  };
  const folder = makeFolder(values.folder, 'bench-people-', say);
  try {
    await bench(plan, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const peopleIn = (text) => {
  const people = number('people', text);
  if (Number.isInteger(people) && people >= fewestPeople) return people;
  throw new Error(`--people takes whole numbers from ${fewestPeople} on, not ${text}`);
};

const bench = async (plan, folder) => {
  const worlds = [];
  try {
    for (const people of plan.people) worlds.push(await openWorld(people, folder, say));
    printReport(worlds, await measure(worlds, plan));
  } finally {
    for (const world of worlds) await world.close();
  }
};

const printReport = (worlds, rows) => {
  const lines = rows.map(({ name, unit, values: [first, ...others] }) => [
    name,
    unit,
    figure(first),
    ...others.map((value) => `${figure(value)} (${figure(value / first)})`),
  ]);
  say('');
  for (const line of tableOf(['', 'unit', ...worlds.map(({ name }) => name)], lines)) say(line);
};
