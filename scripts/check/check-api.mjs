/**
 * `npm run check:api`: the REST surface held against an independent fuzzer, schemathesis, which makes requests of the served OpenAPI
 * document and judges every answer by it: once signed in, once not. Every operation must succeed at least once, but for those that are
 * named here with the reason. Its last line is `N passed, N failed, N skipped`, of runs. Exits 1 if anything failed, and on CI if the
 * fuzzer could not be had.
 *
 * Environment: PARLEY_API_SEED: other requests. PARLEY_API_EXAMPLES: how many of each operation in the fuzzing phases.
 * `npm run check:api -- --include-tag tasks`: what follows goes to schemathesis.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installWitness } from '../witness/install.mjs';
import { makeContent } from './api/content.mjs';
import { startServer } from './api/server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const settings = fileURLToPath(new URL('api', import.meta.url));
const seed = process.env.PARLEY_API_SEED ?? '1';
const examples = process.env.PARLEY_API_EXAMPLES ?? '2';
/** An answer that does not end, which the fuzzer would wait for; tests/integration reads it. Whoever is not signed in is told so. */
const ENDLESS = '^/api/v1/events$';
/** Operations that never succeed here, and why. */
const NEVER = {
  eventsStream: 'its answer does not end, and tests/integration reads it',
  authResetPassword: 'its token stands in a letter, and no letters are sent here',
};
/** Beside the settings: what schemathesis loads, and what that imports. */
const HOOKS = ['parley.py', 'people.py', 'scenes.py', 'stage.py'];
const ADMIN = 'whoever';
/** The larger half of the surface, which has little to do with the other. */
const TALK = '/(conversations|messages|files|group|room|chat|online)';
/** A hang, not slowness: on CI the tests run beside this. */
const timeoutMs = 15 * 60_000;
/** The same routes by other names; whoever is not signed in tries those, too. */
const ALIASES = '--exclude-deprecated';
const PHASES = 'examples,coverage,fuzzing';
/** Goes on from answers, which only whoever is signed in gets. */
const ALL_PHASES = `${PHASES},stateful`;
/** Of a line of a report: bodies may be long. */
const shownCharacters = 1_500;

const running = new Set();
const endAll = () => {
  for (const child of running) child.kill('SIGKILL');
};
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    endAll();
    process.exit(130);
  });
}

/** What the fuzzer says, and whether it found nothing. Never rejects. */
const fuzz = ({ program, args, url, env, folder, phases, only }) =>
  new Promise((resolve) => {
    // One worker: the same requests for the same seed.
    const options = [
      ...['--config-file', join(folder, 'schemathesis.toml'), 'run', `${url}/api/openapi.json`],
      ...['--phases', phases, '--continue-on-failure'],
      ...['--seed', seed, '--workers', '1', '--no-color'],
      ...['--generation-database', 'none', '--request-timeout', '60'],
      ...only,
      ...process.argv.slice(2),
    ];
    const child = spawn(program, [...args, ...options], {
      cwd: folder,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PARLEY_URL: url, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
      });
    }
    const deadline = setTimeout(() => {
      said += `\nDid not end within ${timeoutMs / 60_000} minutes.\n`;
      child.kill('SIGKILL');
    }, timeoutMs);
    const finish = (code) => {
      clearTimeout(deadline);
      running.delete(child);
      resolve({ said, passed: code === 0 });
    };
    child.once('error', (error) => {
      said += error.message;
      finish(1);
    });
    child.once('close', finish);
  });

/** The settings, with ids that lead somewhere. Who is not signed in is told so, whatever they send: nothing that is wrong, too. */
const writeSettings = (folder, { ids, isSignedIn }) => {
  const told = [
    readFileSync(join(settings, 'schemathesis.toml'), 'utf8'),
    `[phases.fuzzing.generation]\nmax-examples = ${examples}\n`,
    ...(isSignedIn ? [] : ['[phases.coverage.generation]\nmode = "positive"\n']),
    ...Object.entries(ids).map(
      ([name, values]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`,
    ),
  ];
  writeFileSync(join(folder, 'schemathesis.toml'), told.join('\n'));
  for (const name of HOOKS) copyFileSync(join(settings, name), join(folder, name));
};

/** Of a document, by their ids; old paths of the same are left out. */
const operationsOf = async (url) => {
  const { paths } = await (await fetch(`${url}/api/openapi.json`)).json();
  return Object.values(paths)
    .flatMap((operations) => Object.values(operations))
    .filter(({ deprecated }) => !deprecated)
    .map(({ operationId }) => operationId);
};

/** What parley.py tells; of a run that was cut short, nothing. */
const succeededIn = (folder) => {
  const file = join(folder, 'succeeded.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
};

/** Prints how many operations succeeded and which never did; returns what is wrong with that. */
const judgeReach = (found) => {
  const succeeded = new Set(found.flatMap((run) => run.succeeded));
  const all = [...new Set(found.flatMap((run) => run.operations))];
  const never = all.filter((id) => !succeeded.has(id));
  console.log(`${all.length - never.length} of ${all.length} operations succeeded at least once`);
  for (const id of never) console.log(`  never: ${id}${id in NEVER ? `, for ${NEVER[id]}` : ''}`);
  const missed = never.filter((id) => !(id in NEVER)).map((id) => `${id} never succeeded`);
  const stale = Object.keys(NEVER).filter((id) => !never.includes(id));
  return [...missed, ...stale.map((id) => `${id} is said never to succeed, and did or is no more`)];
};

/** One run on a server of its own; resolves to what went wrong in it, and to what it reached. */
const check = async ({ name, isSignedIn, phases, only }, fuzzer) => {
  const startMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'parley-fuzz-'));
  const server = await startServer(ADMIN);
  try {
    const { token, ids } = await makeContent(server.url, ADMIN);
    writeSettings(folder, { ids, isSignedIn });
    const env = isSignedIn ? { PARLEY_TOKEN: token } : {};
    const { said, passed } = await fuzz({ ...fuzzer, url: server.url, env, folder, phases, only });
    const lines = said.split('\n').map((line) => line.slice(0, shownCharacters));
    const cases = /^ *([\d,]+ generated.*)$/m.exec(said)?.[1] ?? 'no requests';
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    if (!passed) console.log(lines.join('\n'));
    console.log(`${name}: ${cases} (${seconds} s)`);
    const problems = passed ? [] : [`${name}: schemathesis found something`];
    const logged = server.logged();
    if (logged !== '') problems.push(`${name}: the server logged\n${logged}`);
    return { problems, operations: await operationsOf(server.url), succeeded: succeededIn(folder) };
  } finally {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
};

const built = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b'], {
  cwd: root,
  stdio: 'inherit',
});
const { reason, command: program, args } = installWitness('schemathesis');
const runs = [
  {
    name: 'signed in, talking',
    isSignedIn: true,
    phases: ALL_PHASES,
    only: ['--include-path-regex', TALK, ALIASES],
  },
  {
    name: 'signed in, all else',
    isSignedIn: true,
    phases: ALL_PHASES,
    only: ['--exclude-path-regex', `${TALK}|${ENDLESS}`, ALIASES],
  },
  { name: 'not signed in', isSignedIn: false, phases: PHASES, only: [] },
];
const problems = built.status === 0 ? [] : ['the build has errors'];
let passed = 0;
if (reason === undefined) {
  const fuzzer = { program, args };
  const found = await Promise.all(
    runs.map((run) =>
      check(run, fuzzer).catch((error) => ({
        problems: [`${run.name}: ${error.message}`],
        operations: [],
        succeeded: [],
      })),
    ),
  );
  passed = found.filter((run) => run.problems.length === 0).length;
  problems.push(...found.flatMap((run) => run.problems));
  // Of a part that was asked for, not all need succeed.
  if (process.argv.length === 2) problems.push(...judgeReach(found));
} else {
  console.log(`skipped schemathesis: ${reason}`);
  if (process.env.CI === 'true') problems.push('the fuzzer could not be had');
}
for (const problem of problems) console.log(`failed  ${problem}`);
console.log(`${passed} passed, ${problems.length} failed, ${reason === undefined ? 0 : runs.length} skipped`);
process.exitCode = problems.length === 0 ? 0 : 1;
