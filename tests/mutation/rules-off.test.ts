// The tests of the guard are tested: with a rule switched off, a test that carries its id must fail.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'chai';

const tests = join(dirname(fileURLToPath(import.meta.url)), '..');
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');

const specIds = async (): Promise<string[]> => {
  const spec = await readFile(join(tests, '../docs/sync-spec.md'), 'utf8');
  return [...spec.matchAll(/^\| ([A-Z]\d+) \|/gm)].map((match) => match[1] ?? '');
};

/** Titles of tests that failed with the rule off. */
const failuresWithout = async (rule: string): Promise<string[]> => {
  const hooks = pathToFileURL(join(tests, 'mutation/rule-off.mjs'));
  const options = ['--no-config', '--node-option', 'import=tsx', '--reporter', 'json'];
  const child = spawn(process.execPath, [mocha, ...options, 'unit/sync/guard*.test.ts'], {
    cwd: tests,
    env: { ...process.env, PARLEY_RULE_OFF: rule, NODE_OPTIONS: `--import ${hooks}` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  const report = JSON.parse(output.slice(output.indexOf('{\n'))) as { failures: { title: string }[] };
  return report.failures.map(({ title }) => title);
};

describe('docs/sync-spec.md', () => {
  it('has a test for every rule', async () => {
    const files = (await readdir(tests, { recursive: true })).filter((name) => /\.test\.ts$/.test(name));
    const sources = await Promise.all(files.map((name) => readFile(join(tests, name), 'utf8')));
    const titles = sources.flatMap((source) =>
      [...source.matchAll(/\bit\(\s*[`'"]((?:\[[A-Z]\d+\] ?)+)/g)].map((match) => match[1] ?? ''),
    );
    const guarded = new Set(titles.flatMap((title) => [...title.matchAll(/[A-Z]\d+/g)].map(([id]) => id)));
    expect((await specIds()).filter((id) => !guarded.has(id))).to.deep.equal([]);
  });
});

/** Rules that the guard holds by a `refuse`; D1 is the decoder's, C11 and C12 are the server's own doing. */
const RULES = [
  'G1',
  'G2',
  'G3',
  'G4',
  'G5',
  'G6',
  'G7',
  'G8',
  'C1',
  'C2',
  'C3',
  'C4',
  'C5',
  'C6',
  'C7',
  'C8',
  'C9',
  'C10',
];

describe('the guard’s tests', () => {
  for (const rule of RULES) {
    it(`fail when ${rule} is switched off`, async function () {
      this.timeout(60_000);
      const failed = await failuresWithout(rule);
      expect(failed.filter((title) => title.includes(`[${rule}]`))).not.to.deep.equal([]);
    });
  }
});
