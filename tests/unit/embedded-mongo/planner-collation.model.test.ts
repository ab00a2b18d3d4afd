import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collation, parseCollation } from '@parley/server/internal/embedded-mongo/bson/collation';
import { decodeTyped } from '@parley/server/internal/embedded-mongo/bson/raw';
import type { BsonObject } from '@parley/server/internal/embedded-mongo/bson/values';
import { runCommand } from '@parley/server/internal/embedded-mongo/commands/dispatch';
import { matcherOf, QueryRun } from '@parley/server/internal/embedded-mongo/query/query-run';
import { parseSort, Sorter } from '@parley/server/internal/embedded-mongo/query/sort';
import { CollectionScan } from '@parley/server/internal/embedded-mongo/storage/scans';
import { openStore, type Store } from '@parley/server/internal/embedded-mongo/storage/store';
import { type Document, serialize } from 'bson';
import { expect } from 'chai';
import { Random } from '../../harness/random.js';
import { findDisagreements } from './check-store.js';
import { commandContext } from './command-context.js';

const SEEDS: bigint[] = [1n, 2n, 3n, BigInt(process.env.PARLEY_SEED ?? Date.now())];
const STEPS = 30;
const QUERIES_PER_STEP = 12;

const PATHS: readonly [string, ...string[]] = ['a', 'b', 'n.x', 'l.k'];
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

function randomSort(random: Random): Document {
  const sort: Document = {};
  for (let i = random.below(3); i > 0; i--) sort[random.pick(PATHS)] = random.below(2) === 0 ? 1 : -1;
  return sort;
}

function randomIndex(random: Random): Document {
  const key: Document = {};
  for (let i = random.below(2); i >= 0; i--) key[random.pick(PATHS)] = random.below(2) === 0 ? 1 : -1;
  const collation = random.pick(COLLATIONS);
  const spec: Document = { key, collation, name: JSON.stringify([key, collation]) };
  const kind = random.below(5);
  if (kind === 0) spec.sparse = true;
  if (kind === 1) spec.partialFilterExpression = { [random.pick(PATHS)]: scalar(random) };
  if (kind === 2) spec.partialFilterExpression = { [random.pick(PATHS)]: { $gte: random.pick(TEXTS) } };
  return spec;
}

describe('store planner: random queries under random collations', () => {
  for (const seed of SEEDS) {
    it(`finds with any indexes what a full scan finds, in order (seed ${seed})`, async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'store-model-'));
      const store = await openStore(dataDir);
      try {
        await run(store, new Random(seed), seed);
      } finally {
        await store.close();
        await rm(dataDir, { recursive: true, force: true });
      }
    });
  }
});

async function run(store: Store, random: Random, seed: bigint): Promise<void> {
  const command = (body: Document): Promise<Buffer> =>
    runCommand(
      { body: Buffer.from(serialize({ ...body, $db: 'm' })), sequences: new Map() },
      commandContext(store),
    );
  let used = 0;
  for (let step = 0; step < STEPS; step++) {
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
      if (checkQuery(store, random, `seed ${seed} step ${step} query ${query}`) === 'index') used++;
    }
    expect(findDisagreements(store), `seed ${seed} step ${step}`).to.deep.equal([]);
  }
  expect(used, 'queries answered by an index').to.be.greaterThan(STEPS);
}

function checkQuery(store: Store, random: Random, label: string): string {
  const collection = store.catalogue.find('m', 'c');
  if (!collection) throw new Error('no collection');
  const filter = typed(randomFilter(random));
  const sort = typed(randomSort(random));
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

/** A document as the store sees it in a command. */
function typed(document: Document): BsonObject {
  return decodeTyped(serialize(document));
}
