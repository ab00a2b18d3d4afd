// The tests of the guard are tested: with a rule switched off, a test that carries its id must fail.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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

/** One place of the guard that refuses, and which of its rule's places it is. */
interface Site {
  readonly rule: string;
  readonly site: number;
}

/** Where the guard refuses; D1 is the decoder's, whose tests stand beside it. */
const GUARD = [
  'sync/guard/judge.js',
  'features/messages/document/rules.js',
  'features/messages/document/conversation-view.js',
  'features/pads/document/rules.js',
];

const sitesOf = (): Site[] => {
  const counts = new Map<string, number>();
  const sources = GUARD.map((name) => readFileSync(join(tests, '../server/dist', name), 'utf8')).join('\n');
  return [...sources.matchAll(/(?:return|:)\s*refuse\('([A-Z]\d+)'/g)].map(([, rule = '']) => {
    const site = counts.get(rule) ?? 0;
    counts.set(rule, site + 1);
    return { rule, site };
  });
};

/** The tests of pads' own rules take longer than all others. */
const testsOf = (rule: string): string =>
  rule.startsWith('F') ? 'unit/sync/pad-guard.test.ts' : 'unit/sync/guard*.test.ts';

/** Titles of tests of that rule that failed with that place switched off. */
const failuresWithout = async ({ rule, site }: Site): Promise<string[]> => {
  const hooks = pathToFileURL(join(tests, 'mutation/rule-off.mjs')).href;
  // Node's own options rather than mocha's, for which it would start a second process.
  const node = ['--import', hooks, '--import', 'tsx', mocha];
  const options = ['--no-config', '--reporter', 'json', '--fgrep', `[${rule}]`];
  const child = spawn(process.execPath, [...node, ...options, testsOf(rule)], {
    cwd: tests,
    env: { ...process.env, PARLEY_RULE_OFF: rule, PARLEY_RULE_SITE: String(site) },
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

describe('the guard’s tests', () => {
  for (const { rule, site } of sitesOf()) {
    it(`fail when ${rule} is switched off at its place ${site + 1}`, async () => {
      const failed = await failuresWithout({ rule, site });
      expect(failed.filter((title) => title.includes(`[${rule}]`))).not.to.deep.equal([]);
    });
  }
});
