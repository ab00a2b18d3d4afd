import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const script = fileURLToPath(new URL('../../scripts/tour/tour.mjs', import.meta.url));

const runTour = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await once(child, 'close');
  return { code: child.exitCode, output };
};

describe('npm run tour', () => {
  it('lets two people talk through a killed server and accounts for every line', async () => {
    const { code, output } = await runTour();
    expect(output)
      .to.include('with SIGKILL')
      .and.to.include('12 said, 12 in history, 0 lost, 0 doubled, numbers without gaps');
    expect(output).to.match(/^ {4}1 {2}Ada {2}SDK .*Are you there\?/m);
    expect(output).to.match(/^ +\d+ {2}Bob {2}stock provider {2}It always rains/m);
    expect(code).to.equal(0);
  });

  it('takes the lines of any text file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-tour-test-'));
    try {
      const file = join(folder, 'lines.txt');
      const lines = [
        'Zoë: Grüezi 👋',
        'no name: here',
        '',
        '   ',
        'Ren: 你好',
        '{"json": true}',
        '<b>tags</b>',
        'x'.repeat(9_000),
      ];
      await writeFile(file, lines.join('\r\n'));
      const { code, output } = await runTour(file);
      expect(output).to.include('8 said, 8 in history, 0 lost, 0 doubled, numbers without gaps');
      expect(output).to.include('Grüezi 👋').and.to.include('{"json": true}');
      expect(code).to.equal(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says what is wrong with a file it cannot use', async () => {
    const { code, output } = await runTour('/nowhere/at/all.txt');
    expect(code).to.equal(1);
    expect(output).to.include('The tour failed').and.to.include('no such file');
  });
});
