import { decodeTyped } from '@parley/server/internal/embedded-mongo/bson/raw';
import { StoreError } from '@parley/server/internal/embedded-mongo/errors';
import { compileFilter } from '@parley/server/internal/embedded-mongo/query/filter/matcher';
import { QueryRun } from '@parley/server/internal/embedded-mongo/query/query-run';
import { parseSort, sortKeyOf } from '@parley/server/internal/embedded-mongo/query/sort';
import type { Collection } from '@parley/server/internal/embedded-mongo/storage/catalogue';
import { CollectionScan } from '@parley/server/internal/embedded-mongo/storage/scans';
import type { Store } from '@parley/server/internal/embedded-mongo/storage/store';
import { BSONRegExp, type Document } from 'bson';
import { expect } from 'chai';
import type { Random } from '../../harness/random.js';
import { findDisagreements } from './check-store.js';
import { itForEverySeed, type Paths, type PlannerModel, randomOrder, typed } from './planner-model.js';

const STEPS = 60;
const QUERIES_PER_STEP = 12;

const PATHS: Paths = ['a', 'b', 'c', 'n.x', 'n.y', 'l.k', 'l.v', 'l.0.k', 'a.1'];

function scalar(random: Random): unknown {
  switch (random.below(7)) {
    case 0:
      return null;
    case 1:
      return random.pick(['', 'a', 'ab', 'b', 'z']);
    case 2:
      return random.below(2) === 0;
    case 3:
      return new Date(random.below(4) * 1000);
    case 4:
      return random.below(8) / 2;
    default:
      return random.below(5);
  }
}

function value(random: Random): unknown {
  if (random.below(20) === 0) return new BSONRegExp('^a');
  if (random.below(5) > 0) return scalar(random);
  return Array.from({ length: random.below(4) }, () => scalar(random));
}

function maybe(random: Random, document: Document, field: string, make: () => unknown): void {
  if (random.below(4) > 0) document[field] = make();
}

function randomDocument(random: Random): Document {
  const document: Document = {};
  for (const field of ['a', 'b', 'c'])
    maybe(random, document, field, () => (field === 'c' ? scalar(random) : value(random)));
  maybe(random, document, 'n', () => ({ x: scalar(random), y: value(random) }));
  maybe(random, document, 'l', () =>
    Array.from({ length: random.below(4) }, () =>
      random.below(6) === 0 ? scalar(random) : { k: scalar(random), v: value(random) },
    ),
  );
  return document;
}

function condition(random: Random): unknown {
  switch (random.below(12)) {
    case 0:
      return { $gt: scalar(random) };
    case 1:
      return { $gte: scalar(random), $lt: scalar(random) };
    case 2:
      return { $in: Array.from({ length: random.below(4) }, () => scalar(random)) };
    case 3:
      return { $lte: scalar(random) };
    case 4:
      return { $exists: random.below(2) === 0 };
    case 5:
      return { $ne: scalar(random) };
    case 6:
      return { $elemMatch: { $gte: scalar(random), $lt: scalar(random) } };
    case 7:
      return { $regex: '^a' };
    case 8:
      return value(random);
    case 9:
      return { $all: [scalar(random), scalar(random)] };
    default:
      return scalar(random);
  }
}

function randomFilter(random: Random, depth = 0): Document {
  const filter: Document = {};
  for (let i = random.below(3); i >= 0; i--) filter[random.pick(PATHS)] = condition(random);
  if (depth === 0 && random.below(5) === 0) filter.$or = [randomFilter(random, 1), randomFilter(random, 1)];
  if (depth === 0 && random.below(5) === 0) filter.$and = [randomFilter(random, 1), randomFilter(random, 1)];
  if (random.below(8) === 0) filter.l = { $elemMatch: { k: scalar(random), v: condition(random) } };
  return filter;
}

function randomIndex(random: Random): Document {
  const key = randomOrder(random, PATHS, random.below(3) + 1);
  const spec: Document = { key, name: Object.entries(key).flat().join('_') };
  const kind = random.below(5);
  if (kind === 0) spec.sparse = true;
  if (kind === 1)
    spec.partialFilterExpression = {
      [random.pick(PATHS)]: random.pick<Document>([{ $exists: true }, { $gt: 1 }, { $type: 'string' }]),
    };
  return spec;
}

describe('store planner: random queries', () => {
  itForEverySeed('finds with any indexes what a full scan finds, in the same order', run);
});

async function run(model: PlannerModel): Promise<void> {
  const { command, random, seed, store } = model;
  let nextId = 0;
  for (let step = 0; step < STEPS; step++) {
    const documents = Array.from({ length: 5 }, () => ({ _id: nextId++, ...randomDocument(random) }));
    await command({ insert: 'c', documents, ordered: false });
    if (random.below(3) === 0) await command({ createIndexes: 'c', indexes: [randomIndex(random)] });
    if (random.below(9) === 0) await command({ dropIndexes: 'c', index: '*' });
    if (random.below(2) === 0) {
      const u = { $set: { [random.pick(PATHS)]: value(random) } };
      await command({ update: 'c', updates: [{ q: randomFilter(random), u, multi: random.below(2) === 0 }] });
    }
    if (random.below(4) === 0)
      await command({ delete: 'c', deletes: [{ q: randomFilter(random), limit: 1 }] });
    for (let query = 0; query < QUERIES_PER_STEP; query++) {
      checkQuery(model, `seed ${seed} step ${step} query ${query}`);
    }
    expect(findDisagreements(store), `seed ${seed} step ${step}`).to.deep.equal([]);
  }
}

function checkQuery(model: PlannerModel, label: string): void {
  const { random, store } = model;
  const collection = model.collection();
  const filter = typed(randomFilter(random));
  const matching = scanFor(store, collection, filter);
  const wanted = typed(randomOrder(random, PATHS, random.below(3)));
  const sort = matching.every(({ document }) => canSort(document, wanted)) ? wanted : {};
  const fields = parseSort(sort);
  const keyOf = (document: Record<string, unknown>): string =>
    fields.length === 0 ? '' : sortKeyOf(document, fields).toString('latin1');
  const expected = matching.map(({ id, document }) => ({ id, key: keyOf(document) }));
  const found: { id: number; key: string }[] = [];
  const query = new QueryRun(store.engine, collection, { filter, sort });
  for (let match = query.nextMatchNow(); match; match = query.nextMatchNow()) {
    found.push({ id: match.record, key: keyOf(match.document) });
  }
  const byId = (a: { id: number }, b: { id: number }): number => a.id - b.id;
  const about = `${label} ${JSON.stringify({ filter, sort, plan: query.plan.kind })}`;
  expect([...found].sort(byId), about).to.deep.equal(expected.sort(byId));
  const keys = found.map(({ key }) => key);
  expect(keys, about).to.deep.equal([...keys].sort());
}

function scanFor(
  store: Store,
  collection: Collection,
  filter: Record<string, unknown>,
): { id: number; document: Record<string, unknown> }[] {
  const matches = compileFilter(filter);
  const scan = new CollectionScan(store.engine, collection, false);
  const found: { id: number; document: Record<string, unknown> }[] = [];
  for (let candidate = scan.next(); candidate; candidate = scan.next()) {
    const document = decodeTyped(candidate.bytes);
    if (matches(document)) found.push({ id: candidate.record, document });
  }
  return found;
}

/** Two arrays side by side have no order. */
function canSort(document: Record<string, unknown>, sort: Record<string, unknown>): boolean {
  const fields = parseSort(sort);
  try {
    if (fields.length > 0) sortKeyOf(document, fields);
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.codeName === 'BadValue') return false;
    throw error;
  }
}
