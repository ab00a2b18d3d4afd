// What is measured of suggestions, for callers who see little and for those who see much. Calls of all worlds take turns.

import { median, quantile, timed } from '../tools/timing.mjs';
import { friendsOfPopular } from './crowd.mjs';

/** Who calls, by what a row is called: their ids in a world. The friends of the popular one are of the younger half. */
const callersIn = ({ ids }, { calls }) => {
  const people = ids.length - 2;
  const some = (among, count) =>
    Array.from({ length: count }, (_, call) => among[Math.floor(((call + 0.5) * among.length) / count)]);
  const few = Math.ceil(calls / 4);
  return new Map([
    ['anybody', some(ids.slice(0, Math.floor(people / 2)), calls)],
    ['one with very many friends', some([ids[people]], few)],
    ['a friend of that one', some(friendsOfPopular(ids), few)],
    ['one who only likes what half of all do', some([ids[people + 1]], few)],
  ]);
};

const warmCalls = 20;
/** Of so many calls it is asked what their queries looked at. */
const mostExplained = 50;

const most = (values) => Math.max(...values);

/** What is said of each kind of caller: the unit, and the figure of one world from what its calls took and cost. */
const figures = {
  median: ['ms', ({ times }) => median(times)],
  '95 of 100 within': ['ms', ({ times }) => quantile(times, 0.95)],
  'commands a call': ['most', ({ costs }) => most(costs.map(({ commands }) => commands))],
  'documents looked at': ['most', ({ costs }) => most(costs.map(({ documents }) => documents))],
};

/** Rows: `{ name, unit, values }`, a value for each world. */
export const measure = async (worlds, plan) => {
  const callers = worlds.map((world) => callersIn(world, plan));
  const rows = [];
  for (const who of callers[0].keys()) {
    const ids = callers.map((each) => each.get(who));
    const times = await timesOf(worlds, ids);
    const taken = [];
    for (const [place, world] of worlds.entries())
      taken.push({ times: times[place], costs: await costsOf(world, ids[place]) });
    for (const [what, [unit, figureOf]] of Object.entries(figures))
      rows.push({ name: `${who}, ${what}`, unit, values: taken.map(figureOf) });
  }
  return rows;
};

/** What each call took, ms: a list for each world. Before they count, some are made that nobody looks at. */
const timesOf = async (worlds, ids) => {
  const times = worlds.map(() => []);
  const calls = ids[0].length;
  for (let call = -Math.min(warmCalls, calls); call < calls; call += 1) {
    for (const [place, { suggestions }] of worlds.entries()) {
      const tookMs = await timed(() => suggestions(ids[place].at(call)));
      if (call >= 0) times[place].push(tookMs);
    }
  }
  return times;
};

/** What one call of some of them asks of the store: `commands`, and `documents` that those had to look at. */
const costsOf = async ({ suggestions, client, db }, ids) => {
  const costs = [];
  const every = Math.ceil(ids.length / mostExplained);
  for (const id of ids.filter((_, place) => place % every === 0)) {
    const asked = [];
    const note = ({ command }) => asked.push(command);
    client.on('commandStarted', note);
    await suggestions(id);
    client.off('commandStarted', note);
    let documents = 0;
    for (const command of asked) documents += await examinedBy(db, command);
    costs.push({ commands: asked.length, documents });
  }
  return costs;
};

/** Documents that a query looks at. What is said around it, like the session, is not asked again. */
const examinedBy = async (db, { find, filter, sort, limit, hint }) => {
  if (find === undefined) return 0;
  const explain = { find, filter, ...(sort && { sort }), ...(limit && { limit }), ...(hint && { hint }) };
  const { executionStats } = await db.command({ explain, verbosity: 'executionStats' });
  return executionStats.totalDocsExamined;
};
