import { Random } from '../harness/random.js';
import { compare, newTally, type Tally } from './compare.js';
import type { Operation } from './operation.js';
import { type Bench, openBench, openBenchBesideItself, WITNESSES } from './servers.js';

const RUNS = Number(process.env.PARLEY_DIFFERENTIAL_RUNS ?? 150);
const SEED = BigInt(process.env.PARLEY_DIFFERENTIAL_SEED ?? 1);
/** A report of more is not read. */
const MAX_FAILURES = 20;
const TIMEOUT_MS = 10 * 60_000;
/** FerretDB alone refuses arrays in arrays, many projections and most expressions. */
const LEAST_WITNESSED = 0.15;

/**
 * One `it` that compares many generated operations of a kind; `generate` makes some that share their documents.
 * `PARLEY_DIFFERENTIAL_SEED` repeats or changes them, `PARLEY_DIFFERENTIAL_RUNS` says how many.
 */
export function chapter(
  title: string,
  generate: (random: Random) => readonly Operation[],
  options: {
    readonly share?: number;
    readonly besideItself?: boolean;
  } = {},
): void {
  const { besideItself = false } = options;
  describe(`the embedded store beside ${besideItself ? 'itself' : 'independent servers'}: ${title}`, function () {
    this.timeout(TIMEOUT_MS);
    let bench: Bench | undefined;

    before(async function () {
      if (!besideItself && Object.values(WITNESSES).every((uri) => uri === undefined)) this.skip();
      bench = await (besideItself ? openBenchBesideItself() : openBench());
    });
    after(() => bench?.close());

    it('agrees with a witness on every operation, or says why not', async () => {
      if (!bench) throw new Error('no bench');
      const tally = newTally();
      const runs = Math.round(RUNS * (options.share ?? 1));
      for (let run = 0; run < runs && tally.failures.length < MAX_FAILURES; run++) {
        const random = new Random(SEED * 1_000_000n + BigInt(run));
        for (const operation of generate(random)) {
          await compare(bench, operation, `${title}, seed ${SEED}, run ${run}`, tally);
        }
      }
      report(title, tally);
      if (tally.failures.length > 0) {
        throw new Error(`${tally.failures.length} unexplained differences\n\n${tally.failures.join('\n\n')}`);
      }
      if (tally.witnessed < tally.operations * LEAST_WITNESSED) {
        throw new Error(`only ${tally.witnessed} of ${tally.operations} operations had a witness`);
      }
    });
  });
}

function report(title: string, tally: Tally): void {
  const list = (counts: Map<string, number>): string =>
    [...counts].map(([name, times]) => `${name} ${times}`).join(', ') || 'none';
  console.log(
    `      ${title}: ${tally.operations} operations, ${tally.witnessed} witnessed; outvoted: ${list(tally.outvoted)}; accepted: ${list(tally.accepted)}`,
  );
}
