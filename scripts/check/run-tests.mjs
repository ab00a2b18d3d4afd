/**
 * `npm test [-- [layer or path ...] [mocha options]]`: builds, runs every layer of tests/ in a mocha process of its own and
 * prints, as its very last line, `N passed, N failed, N skipped`. Exits 1 if anything failed.
 *
 * Environment: CI=true forbids `.only`. PARLEY_REQUIRE=redis,browser makes a missing one a failure instead of a skip.
 * PARLEY_TEST_JOBS (2): layers at a time. PARLEY_TEST_TIMEOUT_MS (15 minutes): for one layer.
 * PARLEY_TEST_EXIT_GRACE_MS (10 s): how long a layer may take to exit after its last test.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { killAll, runMocha } from './test-child.mjs';
import { planRuns } from './test-layers.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = `${root}tests`;
const numberFrom = (name, otherwise) => Number(process.env[name]) || otherwise;
const timeoutMs = numberFrom('PARLEY_TEST_TIMEOUT_MS', 15 * 60_000);
const exitGraceMs = numberFrom('PARLEY_TEST_EXIT_GRACE_MS', 10_000);
const total = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
const failures = [];

const addFailure = (text) => {
  total.failed++;
  failures.push(text);
};

const build = () => {
  const { status } = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) addFailure('the build has errors; the tests ran on what it left');
};

const runLayer = async ({ layer, files }, { args, live }) => {
  const output = [];
  const onOutput = (chunk) => (live ? process.stdout.write(chunk) : output.push(chunk));
  console.log(`\n== ${layer}: ${live ? '' : 'started, '}${files.length} files`);
  const result = await runMocha({ folder, files, args, timeoutMs, exitGraceMs, onOutput });
  if (!live) process.stdout.write(Buffer.concat([Buffer.from(`\n== ${layer}\n`), ...output]));
  const { passed, failed, skipped, tookMs } = result;
  console.log(
    `== ${layer}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${(tookMs / 1000).toFixed(1)} s`,
  );
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  skips.push(...result.skippedTests.map(({ title, reason }) => `${layer}: ${title} (${reason})`));
  failures.push(...[...result.failedTests, ...result.problems].map((text) => `${layer}: ${text}`));
};

const runLayers = async ({ runs, mochaArgs }) => {
  const filtered = mochaArgs.some((arg) => /^(-g|-f|--grep|--fgrep)\b/.test(arg));
  const args = [
    ...(process.env.CI === 'true' ? ['--forbid-only'] : []),
    ...(filtered ? [] : ['--fail-zero']),
    ...mochaArgs,
  ];
  const jobs = Math.min(runs.length, numberFrom('PARLEY_TEST_JOBS', Math.min(2, availableParallelism())));
  const waiting = [...runs];
  const worker = async () => {
    for (let run = waiting.shift(); run; run = waiting.shift())
      await runLayer(run, { args, live: jobs === 1 });
  };
  await Promise.all(Array.from({ length: jobs }, worker));
};

const report = (heading, lines) => {
  if (lines.length > 0) console.log(`\n${heading}\n${lines.map((line) => `  ${line}`).join('\n')}`);
};

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    killAll();
    process.exit(130);
  });
}

build();
const plan = planRuns(folder, process.argv.slice(2));
for (const word of plan.unknown) addFailure(`no tests at ${word}`);
await runLayers(plan);
if (total.passed + total.failed + total.skipped === 0) addFailure('no test ran');
report('Skipped:', skips);
report('Failed:', failures);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
