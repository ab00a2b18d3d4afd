// What the random runs of the planner have in common: a store for each seed, commands to it, and orders to ask for.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeTyped } from '@parley/server/internal/embedded-mongo/bson/raw';
import type { BsonObject } from '@parley/server/internal/embedded-mongo/bson/values';
import { runCommand } from '@parley/server/internal/embedded-mongo/commands/dispatch';
import type { Collection } from '@parley/server/internal/embedded-mongo/storage/catalogue';
import { openStore, type Store } from '@parley/server/internal/embedded-mongo/storage/store';
import { type Document, deserialize, serialize } from 'bson';
import { Random } from '../../harness/random.js';
import { commandContext } from './command-context.js';

const SEEDS: readonly bigint[] = [1n, 2n, 3n, BigInt(process.env.PARLEY_SEED ?? Date.now())];

/** The fields that conditions, orders and indexes are about. */
export type Paths = readonly [string, ...string[]];

/** A collection, `m.c`, that a run fills, changes and asks. */
export interface PlannerModel {
  readonly seed: bigint;
  readonly random: Random;
  readonly store: Store;
  command(body: Document): Promise<Document>;
  /** Throws before anything was inserted. */
  collection(): Collection;
}

/** A test for each pinned seed and for one that is new every time, or is `PARLEY_SEED`. */
export const itForEverySeed = (title: string, run: (model: PlannerModel) => Promise<void>): void => {
  for (const seed of SEEDS) {
    it(`${title} (seed ${seed})`, async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'store-model-'));
      const store = await openStore(dataDir);
      try {
        await run(modelOn(store, seed));
      } finally {
        await store.close();
        await rm(dataDir, { recursive: true, force: true });
      }
    });
  }
};

const modelOn = (store: Store, seed: bigint): PlannerModel => {
  const context = commandContext(store);
  return {
    seed,
    random: new Random(seed),
    store,
    command: async (body) => {
      const request = { body: Buffer.from(serialize({ ...body, $db: 'm' })), sequences: new Map() };
      return deserialize(await runCommand(request, context));
    },
    collection: () => {
      const collection = store.catalogue.find('m', 'c');
      if (collection === undefined) throw new Error('no collection');
      return collection;
    },
  };
};

/** So many draws of a path, each upwards or downwards: an order to sort by, or the key of an index. */
export const randomOrder = (random: Random, paths: Paths, draws: number): Document => {
  const order: Document = {};
  for (let draw = 0; draw < draws; draw += 1) {
    order[random.pick(paths)] = random.below(2) === 0 ? 1 : -1;
  }
  return order;
};

/** A document as the store sees it in a command. */
export const typed = (document: Document): BsonObject => decodeTyped(serialize(document));
