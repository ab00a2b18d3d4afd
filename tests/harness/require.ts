import type { Context } from 'mocha';

/** Says why something is absent, or null when it is there. */
export type Probe = () => string | null | Promise<string | null>;

const required = (): string[] => (process.env.PARLEY_REQUIRE ?? '').split(',').map((name) => name.trim());

/**
 * A `before` hook for suites that need more than Node: `before(needs('redis', findRedis))`. Where the thing is absent
 * the suite is skipped with the probe's reason; where PARLEY_REQUIRE names it (`redis,browser`) it fails instead.
 */
export const needs = (name: string, probe: Probe) =>
  async function needed(this: Context): Promise<void> {
    const absence = await probe();
    if (absence === null) return;
    if (required().includes(name))
      throw new Error(`PARLEY_REQUIRE names ${name}, which is absent: ${absence}`);
    const suite = this.test?.parent;
    if (suite) suite.title += ` (skipped: ${name}: ${absence})`;
    this.skip();
  };
