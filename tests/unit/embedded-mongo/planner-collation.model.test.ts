import { type Collation, parseCollation } from '@parley/server/internal/embedded-mongo/bson/collation';
import { decodeTyped } from '@parley/server/internal/embedded-mongo/bson/raw';
import { matcherOf, QueryRun } from '@parley/server/internal/embedded-mongo/query/query-run';
import { parseSort, Sorter } from '@parley/server/internal/embedded-mongo/query/sort';
import { CollectionScan } from '@parley/server/internal/embedded-mongo/storage/scans';
import type { Document } from 'bson';
import { expect } from 'chai';
import type { Random } from '../../harness/random.js';
import { findDisagreements } from './check-store.js';
import { itForEverySeed, type Paths, type PlannerModel, randomOrder, typed } from './planner-model.js';

const STEPS = 30;
const MOST_STEPS = STEPS * 4;
const QUERIES_PER_STEP = 12;

const PATHS: Paths = ['a', 'b', 'n.x', 'l.k'];
const TEXTS: readonly [string, ...string[]] = [
  '',
  'a',
  'A',
  'á',
  'Á',
  'ab',
  'AB',
  'Ab',
  'b',
  'B',
  'ß',
  'ss',
  'é',
  'f',
];
const COLLATIONS: readonly [Document, ...Document[]] = [
  { locale: 'simple' },
  { locale: 'en', strength: 1 },
  { locale: 'en', strength: 2 },
  { locale: 'en_US', strength: 2 },
];

function scalar(random: Random): unknown {
  const kind = random.below(8);
  if (kind === 0) return null;
  if (kind === 1) return random.below(3);
  return kind === 2 ? { t: random.pick(TEXTS) } : random.pick(TEXTS);
}

function value(random: Random): unknown {
  if (random.below(5) > 0) return scalar(random);
  return Array.from({ length: random.below(4) }, () => scalar(random));
}

function randomDocument(random: Random): Document {
  const document: Document = { a: value(random), n: { x: scalar(random) } };
  if (random.below(3) > 0) document.b = value(random);
  if (random.below(2) > 0)
    document.l = Array.from({ length: random.below(3) }, () => ({ k: scalar(random) }));
  return document;
}

function condition(random: Random): unknown {
  switch (random.below(10)) {
    case 0:
      return { $gt: scalar(random) };
    case 1:
      return { $gte: scalar(random), $lt: scalar(random) };
    case 2:
    case 3:
      return { $in: Array.from({ length: random.below(4) }, () => scalar(random)) };
    case 4:
      return { $ne: scalar(random) };
    case 5:
      return { $regex: random.pick(['^a', '^A', '^ab']) };
    case 6:
      return { $elemMatch: { $gte: scalar(random) } };
    default:
      return value(random);
  }
}

function randomFilter(random: Random, depth = 0): Document {
  const filter: Document = {};
  for (let i = random.below(2); i >= 0; i--) filter[random.pick(PATHS)] = condition(random);
  if (depth === 0 && random.below(6) === 0) filter.$or = [randomFilter(random, 1), randomFilter(random, 1)];
  return filter;
}

function randomIndex(random: Random): Document {
  const key = randomOrder(random, PATHS, random.below(2) + 1);
  const collation = random.pick(COLLATIONS);
  const spec: Document = { key, collation, name: JSON.stringify([key, collation]) };
  const kind = random.below(5);
  if (kind === 0) spec.sparse = true;
  if (kind === 1) spec.partialFilterExpression = { [random.pick(PATHS)]: scalar(random) };
  if (kind === 2) spec.partialFilterExpression = { [random.pick(PATHS)]: { $gte: random.pick(TEXTS) } };
  return spec;
}

describe('store planner: random queries under random collations', () => {
  itForEverySeed('finds with any indexes what a full scan finds, in order', run);
});

async function run(model: PlannerModel): Promise<void> {
  const { command, random, seed, store } = model;
  let used = 0;
  // Chance may make few indexes that fit: then it is asked for longer.
  for (let step = 0; step < STEPS || (used <= STEPS && step < MOST_STEPS); step++) {
    await command({ insert: 'c', documents: Array.from({ length: 4 }, () => randomDocument(random)) });
    await command({ createIndexes: 'c', indexes: [randomIndex(random)] });
    if (random.below(12) === 0) await command({ dropIndexes: 'c', index: '*' });
    const collation = random.pick(COLLATIONS);
    const u = { $set: { [random.pick(PATHS)]: value(random) } };
    if (random.below(2) === 0)
      await command({ update: 'c', updates: [{ q: randomFilter(random), u, collation, multi: true }] });
    if (random.below(4) === 0)
      await command({ delete: 'c', deletes: [{ q: randomFilter(random), limit: 1, collation }] });
    for (let query = 0; query < QUERIES_PER_STEP; query++) {
      if (checkQuery(model, `seed ${seed} step ${step} query ${query}`) === 'index') used++;
    }
    expect(findDisagreements(store), `seed ${seed} step ${step}`).to.deep.equal([]);
  }
  expect(used, 'queries answered by an index').to.be.greaterThan(STEPS);
}

function checkQuery(model: PlannerModel, label: string): string {
  const { random, store } = model;
  const collection = model.collection();
  const filter = typed(randomFilter(random));
  const sort = typed(randomOrder(random, PATHS, random.below(3)));
  const collation = collationOf(random.pick(COLLATIONS));
  const matches = matcherOf({ filter, collation });
  const scan = new CollectionScan(store.engine, collection, false);
  const expected: number[] = [];
  for (let candidate = scan.next(); candidate; candidate = scan.next()) {
    if (matches(decodeTyped(candidate.bytes))) expected.push(candidate.record);
  }
  const query = new QueryRun(store.engine, collection, { filter, sort, collation });
  const again = new Sorter<number>({ fields: parseSort(sort), collation }, () => 0);
  const found: number[] = [];
  const about = `${label} ${JSON.stringify({ filter, sort, collation: collation?.id })}`;
  try {
    for (let match = query.nextMatchNow(); match; match = query.nextMatchNow()) {
      found.push(match.record);
      again.add(match.document, match.record);
    }
  } catch (error) {
    expect(error, about)
      .to.have.property('message')
      .that.matches(/parallel arrays/);
    return 'refused';
  }
  const ascending = (a: number, b: number): number => a - b;
  expect([...found].sort(ascending), about).to.deep.equal(expected.sort(ascending));
  expect(again.sorted(), about).to.deep.equal(found);
  return query.plan.kind;
}

function collationOf(spec: Document): Collation | undefined {
  return parseCollation(typed(spec), (reason) => {
    throw new Error(reason);
  });
}
