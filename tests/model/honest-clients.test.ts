// Seeded random lives of several honest clients on one conversation: nobody is refused, everybody ends up with the same
// document, and history says what the document says. PARLEY_MODEL_RUNS: how many lives; PARLEY_MODEL_SEED: begin with this one.
import { expectAgreement, Life } from './life.js';

const RUNS = Number(process.env.PARLEY_MODEL_RUNS ?? 150);
const FIRST_SEED = BigInt(process.env.PARLEY_MODEL_SEED ?? '1');
const STEPS = 120;

describe('honest clients', () => {
  it(`are never refused and end up agreeing with history, ${RUNS} lives`, function () {
    this.timeout(RUNS * 2_000);
    for (let run = 0; run < RUNS; run += 1) {
      const seed = FIRST_SEED + BigInt(run);
      const life = new Life(seed);
      life.log.push(`seed ${seed}`);
      for (let step = 0; step < STEPS; step += 1) life.step();
      life.settle();
      expectAgreement(life);
    }
  });
});
