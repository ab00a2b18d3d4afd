/**
 * `npm run check`: everything about the source that can be judged without running it. Every step runs even when one before
 * it failed; each prints one line with its time, and a failed one its output. Exits 1 if any failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packages } from './imports/rules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = Object.values(packages)
  .map(({ source }) => source)
  .filter((source) => existsSync(`${root}${source}`));

const tool = (name, ...args) => [`${root}node_modules/.bin/${name}`, args];
const script = (name, ...args) => [process.execPath, [`${root}scripts/check/${name}`, ...args]];

const promiseRules = ['typescript/no-floating-promises', 'typescript/no-misused-promises'];

/** The build comes early: the lint by types and the generated pages read what it writes. */
const steps = [
  ['format and lint', tool('biome', 'ci', '--error-on-warnings', '--colors=off', '.')],
  ['types and build', tool('tsc', '-b', '--pretty', 'false')],
  [
    'promises',
    tool('oxlint', '--type-aware', '-A', 'all', ...promiseRules.flatMap((rule) => ['-D', rule]), ...sources),
  ],
  ['import rules', script('import-rules.mjs', root)],
  ['unused code', tool('knip', '--no-progress')],
  ['generated pages', script('generate-docs.mjs', '--check')],
];

const run = ([name, [command, args]]) => {
  const startedMs = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const passed = status === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!passed) console.log([stdout, stderr, error?.message].filter(Boolean).join('\n').trimEnd());
  return passed;
};

const failed = steps.filter((step) => !run(step)).map(([name]) => name);
console.log(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
