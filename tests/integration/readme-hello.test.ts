// The README's first steps, in a new checkout: what `npm start` builds and runs is enough for the first example.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createDataDir } from '../harness/data-dir.js';
import { spawnTestServer } from '../harness/server-process.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = { shared: 'shared', server: 'server', client: 'client-sdk' };

/** The sources of the product in a folder of their own, with what is installed, and nothing built. */
const checkOutTo = async (folder: string): Promise<void> => {
  for (const name of ['package.json', 'tsconfig.base.json', 'scripts/dev'])
    await cp(join(root, name), join(folder, name), { recursive: true });
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@parley'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@parley') await symlink(join(root, 'node_modules', name), join(modules, name));
  for (const [name, place] of Object.entries(packages)) {
    for (const part of ['package.json', 'tsconfig.json', 'src'])
      await cp(join(root, place, part), join(folder, place, part), { recursive: true });
    await symlink(join(folder, place), join(modules, '@parley', name));
  }
};

describe('the first example', () => {
  it('does what the README shows, in a new checkout', async function () {
    // The compiler reads everything anew.
    this.timeout(300_000);
    const text = await readFile(join(root, 'README.md'), 'utf8');
    const [, script = '', shown = ''] =
      /### Your own chat\n.*?```js\n(.*?)```\n\n```\n(.*?)```/s.exec(text) ?? [];
    expect(script).to.include('@parley/client');
    await using checkout = await createDataDir();
    await using data = await createDataDir();
    await checkOutTo(checkout.path);
    await using server = await spawnTestServer(data.path, {}, join(checkout.path, 'scripts/dev/start.mjs'));
    const hello = join(checkout.path, 'hello.mjs');
    await writeFile(hello, script.replace('http://127.0.0.1:4000', server.url));
    const { stdout } = await run(process.execPath, [hello]);
    const lines = said(stdout);
    // Bob may hear of it once, with its place, or not before he leaves.
    expect(said(shown)).to.include.members(lines);
    expect(lines).to.include.members(said(shown).filter((line) => !line.startsWith('bob')));
  });
});

/** Its lines, but for the id. */
const said = (output: string): string[] =>
  output
    .trim()
    .replace(/(?<=stored )\w{26}/, '…')
    .split('\n');
