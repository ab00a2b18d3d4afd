import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createDataDir } from '../harness/kit.js';

const script = fileURLToPath(new URL('../../scripts/bench/bench.mjs', import.meta.url));

const runBench = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, output: out + err };
};

/** The rows of the table a bench prints: what is measured, and its one figure. */
const rowsOf = (output: string): Map<string, number> => {
  const rows = output.matchAll(/^(.*\S) {2,}\S+ {2,}(-?[\d.,]+|-)$/gm);
  return new Map([...rows].map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]));
};

const works = {
  'read by _id': ['median', '95 of 100 within', '16 in flight', 'CPU of the server'],
  'read by unique key': ['median'],
  'page of 50': ['median', '95 of 100 within', 'CPU of the server'],
  'update by _id': ['median', '95 of 100 within', '16 in flight'],
};

const within = (what: string, kinds: readonly string[]): string[] => kinds.map((kind) => `${what}, ${kind}`);
const times = ['median', '99 of 100 within'];

/** There may be less memory in use than before. */
const memoryDifferences = ['idle connections', 'connections that left', 'documents left alone'].map(
  (what) => `memory per 1,000 ${what}`,
);

/** History may be there as soon as what it tells of. */
const historyLags = ['history behind by at most', 'history whole after'];
const mayBeNothing = [...memoryDifferences, ...within('20 messages a second', historyLags)];

/** What each row of the sync bench says. */
const syncRows = {
  'fan-out': ['10', '20'].flatMap((count) => within(`fan-out, 1 to ${count}`, ['CPU a delivery', ...times])),
  'busy-room': ['one room of 5, 99 of 100 within 5000 ms'],
  'many-rooms': [
    ...within('4 rooms of 3, 12/s', [...times, 'CPU of the server']),
    '4 rooms of 3, 99 of 100 within 5000 ms',
  ],
  history: [
    ...within('20 messages a second', historyLags),
    ...within('20 messages a second', ['CPU of the server', '99 of 100 within']),
  ],
  join: [
    ...['100', '1,000'].flatMap((count) =>
      within(`join ${count} messages`, ['median', 'first answer', 'CPU of the server']),
    ),
    'join 100 : 1,000',
  ],
  memory: ['memory at first', ...memoryDifferences],
  sessions: [
    ...['50', '500'].flatMap((count) =>
      within(`500 messages by ${count} sessions`, ['first answer', 'CPU an update after']),
    ),
    ...within('500 : 50 sessions', ['first answer', 'CPU an update after']),
  ],
  presence: within('presence of 20 at 1 Hz', ['CPU of the server', 'CPU of the load', ...times]),
  storm: within('20 come back at once', [
    'last one synced after',
    'longest wait of others',
    'CPU of the server',
  ]),
  'own-echo': [1, 4].map(
    (count) => `${count === 1 ? 'one writer' : `${count} writers`}, each waiting for its own message`,
  ),
};

describe('npm run bench', () => {
  it('lists what there is, and says when there is no such bench', async () => {
    const listed = await runBench();
    expect(listed.output).to.match(/^ {2}store {2,}\S/m);
    expect(listed.code).to.equal(0);
    const unknown = await runBench('nothing');
    expect(unknown.output)
      .to.include('There is no bench nothing')
      .and.to.match(/^ {2}store {2,}\S/m);
    expect(unknown.code).to.equal(1);
  });

  it('store: measures every row, here without a witness and with few documents', async () => {
    await using folder = await createDataDir();
    const sizes = ['--documents', '2000', '--rounds', '1', '--seconds', '0.05', '--folder', folder.path];
    const { code, output } = await runBench('store', ...sizes, '--no-witness');
    expect(code, output).to.equal(0);
    expect(output)
      .to.include('The store alone')
      .and.to.match(/A bare flush of 4 KB takes [\d.]+ ms here/);
    const rows = rowsOf(output);
    expect([...rows.keys()]).to.deep.equal([
      'load of 2,000 messages',
      'insertMany of 1,000 small documents',
      'log of 200 live documents, grouped',
      ...[1, 4, 16, 64, 256].map((inFlight) => `insert of one, ${inFlight} in flight`),
      ...Object.entries(works).flatMap(([what, kinds]) => [
        ...['1,000', '2,000'].flatMap((count) => kinds.map((kind) => `${what} among ${count}, ${kind}`)),
        `${what} among 2,000 : among 1,000`,
      ]),
      'memory (RSS)',
      'memory without mapped files',
      'size on disk',
      'start on these data',
      'start on few data',
    ]);
    for (const name of [
      'insertMany of 1,000 small documents',
      'page of 50 among 2,000, median',
      'memory (RSS)',
    ])
      expect(rows.get(name), name).to.be.greaterThan(0);
    expect(await readdir(folder.path), 'what the bench left behind').to.deep.equal([]);
  });

  it('people: measures every row in worlds of any size, here tiny ones, and leaves nothing behind', async () => {
    await using folder = await createDataDir();
    const tooFew = await runBench('people', '--people', '99', '--folder', folder.path);
    expect(tooFew.output).to.include('--people takes whole numbers from 100 on, not 99');
    expect(tooFew.code).not.to.equal(0);
    const sizes = ['--people', '100,1100', '--calls', '4', '--folder', folder.path];
    const { code, output } = await runBench('people', ...sizes);
    expect(code, output).to.equal(0);
    expect(output)
      .to.include('100 people: 102 users, 1,050 friendships, 300 memberships; built in')
      .and.to.match(/ {2}100 people {2,}1,100 people$/m);
    const line = /^(.*\S), (\S.*\S) {2,}(?:ms|most) {2,}([\d.,]+) {2,}([\d.,]+) \([\d.]+\)$/gm;
    const rows = [...output.matchAll(line)].map(([, who = '', what = '', ...values]) => ({
      name: `${who}, ${what}`,
      values: values.map((value) => Number(value.replaceAll(',', ''))),
    }));
    expect(rows.map(({ name }) => name)).to.deep.equal(
      [
        'anybody',
        'one with very many friends',
        'a friend of that one',
        'one who only likes what half of all do',
      ].flatMap((who) =>
        ['median', '95 of 100 within', 'commands a call', 'documents looked at'].map(
          (what) => `${who}, ${what}`,
        ),
      ),
    );
    for (const { name, values } of rows) for (const value of values) expect(value, name).to.be.greaterThan(0);
    // Oneself, the 100 oldest of 550 who like the same, whether each may be suggested, and the names of five.
    expect(rows.at(-1)?.values.at(-1)).to.equal(206);
    expect(await readdir(folder.path), 'what the bench left behind').to.deep.equal([]);
  });

  for (const [row, names] of Object.entries(syncRows)) {
    it(`sync: takes the row ${row}, here from Parley alone and small`, async () => {
      await using folder = await createDataDir();
      const options = ['--rows', row, '--quick', '--no-rivals', '--folder', folder.path];
      const { code, output } = await runBench('sync', ...options);
      expect(code, output).to.equal(0);
      const rows = rowsOf(output);
      expect([...rows.keys()]).to.deep.equal(names);
      for (const [name, value] of rows) {
        expect(value, name).to.be.finite;
        if (!mayBeNothing.includes(name)) expect(value, name).to.be.greaterThan(0);
      }
      expect(await readdir(folder.path), 'what the bench left behind').to.deep.equal([]);
    });
  }

  it('sync: says which rows and rivals there are when asked for others', async () => {
    const rows = await runBench('sync', '--rows', 'join,dance');
    expect(rows.output).to.include(`--rows takes ${Object.keys(syncRows).join(', ')}, not dance`);
    expect(rows.code).to.equal(1);
    const rivals = await runBench('sync', '--beside', 'nobody');
    expect(rivals.output).to.match(/--beside takes .*relay.*, not nobody/);
    const help = await runBench('sync', '--help');
    expect(help.output).to.match(/^ +fan-out +\S/m);
    expect(help.code).to.equal(0);
  });

  it('store: refuses sizes that are none', async () => {
    const { code, output } = await runBench('store', '--documents', 'many');
    expect(output).to.include('--documents takes a number above 0, not many');
    expect(code).to.equal(1);
  });
});
