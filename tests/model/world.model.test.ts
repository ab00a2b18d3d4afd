// Seeded random lives of a real server with real clients, while everything that can break does. PARLEY_MODEL_WORLDS: how many;
// PARLEY_MODEL_SEED: begin with this one.
import { expect } from 'chai';
import { createDataDir } from '../harness/kit.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';
import { World } from './world.js';
import { settle } from './world-checks.js';

const WORLDS = Number(process.env.PARLEY_MODEL_WORLDS ?? 8);
const FIRST_SEED = BigInt(process.env.PARLEY_MODEL_SEED ?? '1');
const STEPS = Number(process.env.PARLEY_MODEL_STEPS ?? 150);

describe('a server, its clients and the world', () => {
  let store: TestStore;
  before(async () => {
    store = await startTestStore();
  });
  after(() => store.close());

  const live = async (seed: bigint): Promise<void> => {
    await using place = await createDataDir();
    const uri = new URL(store.uri);
    uri.pathname = place.mongodbUri === undefined ? `/world-${seed}` : new URL(place.mongodbUri).pathname;
    const world = new World(seed, { uri: uri.href, store: store.connection.useDb(uri.pathname.slice(1)) });
    try {
      await world.begin();
      for (let step = 0; step < STEPS; step += 1) await world.step();
      const wrong = await settle(world);
      const told = `seed ${seed}\n${world.script.join('\n')}\n\n${wrong.join('\n')}`;
      expect(wrong, told).to.deep.equal([]);
    } finally {
      await world.end();
    }
  };

  for (let run = 0; run < WORLDS; run += 1) {
    const seed = FIRST_SEED + BigInt(run);
    it(`agree in the end, seed ${seed}`, async () => {
      await live(seed);
    });
  }
});
