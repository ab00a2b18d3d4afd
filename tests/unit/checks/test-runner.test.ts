import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type MochaResult, runMocha } from '../../../scripts/check/test-child.mjs';
import { findLayers, planRuns } from '../../../scripts/check/test-layers.mjs';

const testsFolder = fileURLToPath(new URL('../..', import.meta.url));
const needsModule = new URL('../../harness/require.ts', import.meta.url).href;

const suites = {
  mixed: "it('passes', () => {}); it('waits'); it('fails', () => { throw new Error('no'); });",
  unloadable: "import './absent.mjs';",
  crash: "it('ends the process', () => { process.exit(0); });",
  hang: "it('passes', () => {}); it('never ends', function () { this.timeout(0); setInterval(() => {}, 1e6); return new Promise(() => {}); });",
  leak: "import { createServer } from 'node:net'; it('passes', (done) => { createServer().listen(0, '127.0.0.1', done); });",
  rejection:
    "it('passes', async () => { Promise.reject(new Error('nobody cares')); await new Promise(setImmediate); });",
  lateRejection: "it('passes', () => { setTimeout(() => Promise.reject(new Error('late')), 50); });",
  lateCrash: "it('passes', () => { setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50); });",
  hook: "describe('s', () => { before(() => { throw new Error('no'); }); it('a', () => {}); it('b', () => {}); });",
  only: "it['only']('passes', () => {});",
  absent: `import { needs } from '${needsModule}';
    describe('s', () => { before(needs('redis', () => 'no (local) server')); describe('t', () => { it('a', () => {}); }); });`,
  present: `import { needs } from '${needsModule}';
    describe('s', () => { before(needs('redis', async () => null)); it('a', () => {}); });`,
} as const;

describe('test runner', () => {
  let scratch: string;
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'parley-runner-'));
  });
  after(() => rmSync(scratch, { recursive: true }));

  const run = async (
    name: keyof typeof suites,
    { args = [], timeoutMs = 15_000, exitGraceMs = 5_000, env = { PARLEY_REQUIRE: '' } }: RunOptions = {},
  ): Promise<MochaResult> => {
    const file = join(scratch, `${name}.mjs`);
    writeFileSync(file, suites[name]);
    return runMocha({
      folder: testsFolder,
      files: [file],
      args,
      timeoutMs,
      exitGraceMs,
      env,
      onOutput: () => {},
    });
  };

  const counts = ({ passed, failed, skipped }: MochaResult): number[] => [passed, failed, skipped];

  it('adds up what passed, failed and was skipped', async () => {
    const result = await run('mixed');
    expect(counts(result)).to.deep.equal([1, 1, 1]);
    expect(result.failedTests).to.deep.equal(['fails (no)']);
    expect(result.skippedTests).to.deep.equal([{ title: 'waits', reason: 'no reason given' }]);
    expect(result.problems).to.deep.equal([]);
  });

  for (const name of ['unloadable', 'crash'] as const) {
    it(`counts a run without a tally as a failure: ${name}`, async () => {
      const result = await run(name);
      expect(counts(result)).to.deep.equal([0, 1, 0]);
      expect(result.problems[0]).to.match(/^ended without a tally/);
    });
  }

  it('kills a run that does not end in time, and counts a failure', async () => {
    const result = await run('hang', { timeoutMs: 1_500 });
    expect(counts(result)).to.deep.equal([0, 1, 0]);
    expect(result.problems).to.deep.equal(['did not end within 2 s and was killed']);
  });

  it('counts handles left open after the last test as a failure', async () => {
    const result = await run('leak', { exitGraceMs: 300 });
    expect(counts(result)).to.deep.equal([1, 1, 0]);
    expect(result.problems).to.deep.equal(['did not exit on its own: leaked handles']);
  });

  for (const name of ['lateRejection', 'lateCrash'] as const) {
    it(`fails where every test passed but the process did not: ${name}`, async () => {
      const result = await run(name);
      expect(counts(result)).to.deep.equal([1, 1, 0]);
    });
  }

  it('fails a test that leaves a rejection unhandled', async () => {
    const result = await run('rejection');
    expect(result.passed).to.equal(0);
    expect(result.failed).to.be.greaterThan(0);
  });

  it('counts the tests behind a failing hook', async () => {
    expect((await run('hook')).failed).to.equal(3);
  });

  it('refuses `.only` where it is forbidden', async () => {
    expect((await run('only')).failed).to.equal(0);
    expect((await run('only', { args: ['--forbid-only'] })).failed).to.equal(1);
  });

  it('skips a suite whose need is absent, with the reason, unless it is required', async () => {
    const skipped = await run('absent');
    expect(counts(skipped)).to.deep.equal([0, 0, 1]);
    expect(skipped.skippedTests).to.deep.equal([{ title: 's > t > a', reason: 'redis: no (local) server' }]);
    const required = await run('absent', { env: { PARLEY_REQUIRE: 'browser, redis' } });
    expect(required.passed + required.skipped).to.equal(0);
    expect(required.failed).to.be.greaterThan(0);
    expect(counts(await run('present', { env: { PARLEY_REQUIRE: 'redis' } }))).to.deep.equal([1, 0, 0]);
  });
});

interface RunOptions {
  args?: string[];
  timeoutMs?: number;
  exitGraceMs?: number;
  env?: Record<string, string>;
}

describe('test layers', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-layers-'));
    for (const path of [
      'unit/a.test.ts',
      'unit/deep/b.test.ts',
      'sync/c.test.ts',
      'harness/d.ts',
      'dist/e.test.ts',
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are the folders that hold tests', () => {
    expect(findLayers(folder)).to.deep.equal(['sync', 'unit']);
    expect(findLayers(join(folder, 'absent'))).to.deep.equal([]);
  });

  it('all run unless some are named, and mocha gets the options', () => {
    const sync = { layer: 'sync', files: ['sync/c.test.ts'] };
    const unit = { layer: 'unit', files: ['unit/a.test.ts', 'unit/deep/b.test.ts'] };
    expect(planRuns(folder, [])).to.deep.equal({ runs: [sync, unit], mochaArgs: [], unknown: [] });
    expect(planRuns(folder, ['sync', '--grep', 'x'])).to.deep.equal({
      runs: [sync],
      mochaArgs: ['--grep', 'x'],
      unknown: [],
    });
    expect(planRuns(folder, ['--bail']).runs).to.deep.equal([sync, unit]);
  });

  it('can be narrowed to a folder or a file, once each', () => {
    const deep = [{ layer: 'unit', files: ['unit/deep/b.test.ts'] }];
    expect(planRuns(folder, ['tests/unit/deep/']).runs).to.deep.equal(deep);
    expect(planRuns(folder, ['unit/deep/b.test.ts', 'unit/deep']).runs).to.deep.equal(deep);
  });

  it('runs a large layer in parts, each file in one of them', () => {
    const many = mkdtempSync(join(tmpdir(), 'parley-layers-'));
    const names = Array.from({ length: 21 }, (_, index) => `large/${String(index).padStart(2, '0')}.test.ts`);
    mkdirSync(join(many, 'large'));
    for (const name of names) writeFileSync(join(many, name), '');
    const { runs } = planRuns(many, []);
    rmSync(many, { recursive: true });
    expect(runs.map(({ layer, files }) => [layer, files.length])).to.deep.equal([
      ['large 1/2', 11],
      ['large 2/2', 10],
    ]);
    expect(runs.flatMap(({ files }) => files).sort()).to.deep.equal(names);
  });

  it('names what it does not know', () => {
    const plan = planRuns(folder, ['snyc', 'unit/absent', 'harness']);
    expect(plan).to.deep.equal({ runs: [], mochaArgs: [], unknown: ['snyc', 'unit/absent', 'harness'] });
  });
});
