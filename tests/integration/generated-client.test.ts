// A client that somebody else's generator makes of the document can be compiled, and chats.
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { startTestServer, type TestServer } from '../harness/kit.js';

const run = promisify(execFile);
const here = fileURLToPath(new URL('../generated-client/', import.meta.url));
const { resolve } = createRequire(import.meta.url);

describe('a generated client', () => {
  let server: TestServer;
  const made = ['openapi.json', 'client.ts'].map((name) => join(here, name));
  before(async () => {
    server = await startTestServer();
  });
  after(async () => {
    await server.close();
    await Promise.all(made.map((path) => rm(path, { force: true })));
  });

  it('is made, compiles with who uses it, and carries a chat with files, reactions, search and notifications', async () => {
    const [document = '', client = ''] = made;
    await writeFile(document, await (await fetch(`${server.url}/api/openapi.json`)).text());
    await run(process.execPath, [join(dirname(resolve('oazapfts')), 'cli.js'), document, client]);
    const compiler = join(dirname(resolve('typescript/package.json')), 'bin/tsc');
    const faults = await run(process.execPath, [compiler, '-p', here]).then(
      () => '',
      (error: { stdout?: string }) => error.stdout ?? String(error),
    );
    expect(faults).to.equal('');
    const { stdout } = await run(process.execPath, ['--import', 'tsx', join(here, 'chat.ts'), server.url]);
    const { bob, ...told } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(told).to.deep.equal({
      said: ['see the new plans', 'seen'],
      reactions: { '👍': [bob] },
      found: ['see the new plans'],
      notified: ['mention'],
      file: 'the plans of the engine',
      refused: 'FORBIDDEN',
      gone: 404,
    });
  });
});
