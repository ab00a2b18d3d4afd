/**
 * `npm run check:store [-- mocha options]`: the embedded store held against independent servers of its protocol, and used with
 * MongoDB's own shell. Runs `tests/**\/*.check.ts`. Prints what could not be installed with the reason and, as its last
 * line, `N passed, N failed, N skipped`. Exits 1 if anything failed, and on CI if no server could be had.
 *
 * Environment: PARLEY_DIFFERENTIAL_RUNS and PARLEY_DIFFERENTIAL_SEED go to the seeded comparisons.
 * PARLEY_WITNESSES (ferretdb,mongo-java-server,mongosh): which to use.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installWitness } from '../witness/install.mjs';
import { startWitness } from '../witness/start.mjs';
import { listFiles } from './list-files.mjs';
import { killAll, runMocha } from './test-child.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const servers = { ferretdb: 'PARLEY_WITNESS_FERRETDB', 'mongo-java-server': 'PARLEY_WITNESS_JAVA' };
const wanted = (process.env.PARLEY_WITNESSES ?? 'ferretdb,mongo-java-server,mongosh').split(',');
/** A hang, not slowness: on CI the tests run beside this. */
const timeoutMs = 20 * 60_000;
const exitGraceMs = 10_000;

const started = [];
const missing = [];
const env = {};

/** Installs and, if it is a server, starts one; says why when it cannot be had. */
const summon = async (name) => {
  const witness = installWitness(name);
  if (witness.reason !== undefined) return witness.reason;
  if (!(name in servers)) {
    env.PARLEY_MONGOSH = witness.command;
    return undefined;
  }
  try {
    const server = await startWitness(witness);
    started.push(server);
    env[servers[name]] = server.uri;
    return undefined;
  } catch (error) {
    return error.message;
  }
};

for (const name of wanted) {
  const startMs = performance.now();
  const reason = await summon(name);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (reason === undefined) console.log(`${name} is here (${seconds} s)`);
  else missing.push(`${name}: ${reason}`);
}

const stopAll = () => Promise.all(started.splice(0).map((server) => server.stop()));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    killAll();
    void stopAll().then(() => process.exit(130));
  });
}

const built = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b'], {
  cwd: root,
  stdio: 'inherit',
});
const result = await runMocha({
  folder: `${root}tests`,
  files: listFiles(`${root}tests`, '.', /\.check\.ts$/),
  args: process.argv.slice(2),
  timeoutMs,
  exitGraceMs,
  env,
  onOutput: (chunk) => process.stdout.write(chunk),
});
const witnesses = started.length;
await stopAll();

const problems = [...result.failedTests, ...result.problems];
if (built.status !== 0) problems.push('the build has errors');
if (witnesses === 0 && process.env.CI === 'true') problems.push('no independent server could be had');
for (const reason of missing) console.log(`skipped ${reason}`);
for (const problem of problems) console.log(`failed  ${problem}`);
console.log(`${result.passed} passed, ${problems.length} failed, ${result.skipped + missing.length} skipped`);
process.exitCode = problems.length === 0 ? 0 : 1;
