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
  const rows = output.matchAll(/^(.*\S) {2,}\S+ {2,}([\d.,]+|-)$/gm);
  return new Map([...rows].map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]));
};

const works = {
  'read by _id': ['median', '95 of 100 within', '16 in flight', 'CPU of the server'],
  'read by unique key': ['median'],
  'page of 50': ['median', '95 of 100 within', 'CPU of the server'],
  'update by _id': ['median', '95 of 100 within', '16 in flight'],
};

describe('npm run bench', function () {
  this.timeout(120_000);

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

  it('store: refuses sizes that are none', async () => {
    const { code, output } = await runBench('store', '--documents', 'many');
    expect(output).to.include('--documents takes a number above 0, not many');
    expect(code).to.equal(1);
  });
});
