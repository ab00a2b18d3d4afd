/**
 * Independent servers and tools to hold the embedded store, the sync engine and the REST surface against. They are no part of Parley: each comes, pinned, from its own
 * package registry into `node_modules/.cache/witness`, and what cannot be installed is reported with the reason.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/witness', import.meta.url));
const installTimeoutMs = 10 * 60_000;

/** A sync server that npm brings, started by the script beside its package.json. */
const syncServer = (options) => ({
  build: [['npm', ['install', ...options, '--no-audit', '--no-fund']]],
  command: (folder) => [process.execPath, [join(folder, 'serve.mjs')]],
});

/** How each is built inside a folder of its own, and the command that then starts it. */
const recipes = {
  ferretdb: {
    build: [['go', ['build', '-trimpath', '-buildvcs=false', '-o', 'ferretdb', '.'], { CGO_ENABLED: '0' }]],
    command: (folder) => [join(folder, 'ferretdb'), []],
  },
  'mongo-java-server': {
    build: [
      ['java', ['--version']],
      ['mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib']],
    ],
    command: (folder) => ['java', ['-cp', join(folder, 'lib/*'), join(folder, 'Witness.java')]],
  },
  mongosh: {
    build: [['npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund']]],
    command: (folder) => [join(folder, 'node_modules/.bin/mongosh'), []],
  },
  // Nothing that would have to be built, and nothing but what is named.
  schemathesis: {
    build: [
      ['python3', ['-m', 'venv', 'env']],
      [
        'env/bin/python',
        ['-m', 'pip', 'install', '-q', '--no-deps', '--only-binary', ':all:', '-r', 'requirements.txt'],
        { PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      ],
    ],
    command: (folder) => [join(folder, 'env/bin/python'), ['-m', 'schemathesis.cli']],
  },
  'y-websocket-server': syncServer(['--ignore-scripts']),
  hocuspocus: syncServer(['--ignore-scripts']),
  // Its SQLite is compiled here where no built one can be had.
  'hocuspocus-sqlite': syncServer([]),
};

/** `{ command, args }`, or `{ reason }` when the witness is not to be had on this machine. Quick once it is built. */
export const installWitness = (name) => {
  if (!Object.hasOwn(recipes, name)) return { reason: 'there is no witness of this name' };
  const { build, command } = recipes[name];
  const source = join(here, name);
  const folder = join(cache, `${name}-${digestOf(source)}`);
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`;
    mkdirSync(cache, { recursive: true });
    cpSync(source, draft, { recursive: true });
    const reason = firstProblem(build, draft);
    if (reason !== undefined) {
      rmSync(draft, { recursive: true, force: true });
      return { reason };
    }
    renameSync(draft, folder);
  }
  const [program, args] = command(folder);
  return { command: program, args };
};

const digestOf = (folder) => {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
};

const firstProblem = (build, cwd) => {
  for (const [program, args, env = {}] of build) {
    const options = { cwd, encoding: 'utf8', timeout: installTimeoutMs, env: { ...process.env, ...env } };
    const { status, error, stderr, stdout } = spawnSync(program, args, options);
    if (error) return `${program}: ${error.code ?? error.message}`;
    if (status !== 0) return `${program} ${args[0]} failed: ${(stderr || stdout).trim().split('\n').at(-1)}`;
  }
  return undefined;
};
