// What the README shows with curl is what happens.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createDataDir } from '../harness/data-dir.js';
import { startTestServer } from '../harness/kit.js';
import { needs } from '../harness/require.js';

const run = promisify(execFile);
const README = new URL('../../README.md', import.meta.url);

/** Says why the programs of the example are absent, or null. */
const findCurl = async (): Promise<string | null> => {
  try {
    await run('bash', ['-c', 'curl --version']);
    return null;
  } catch (error) {
    return String(error);
  }
};

describe('the example with curl', () => {
  before(needs('curl', findCurl));

  it('does what the README shows', async () => {
    const text = await readFile(README, 'utf8');
    const [, script = '', shown = ''] =
      /### From any language, or with curl\n.*?```sh\n(.*?)```\n\n```\n(.*?)```/s.exec(text) ?? [];
    expect(script).to.include('curl');
    await using server = await startTestServer();
    const folder = await createDataDir();
    try {
      const { stdout } = await run('bash', ['-c', script.replace('http://127.0.0.1:4000', server.url)], {
        cwd: folder.path,
      });
      expect(same(stdout)).to.equal(same(shown));
    } finally {
      await folder.discard();
    }
  });
});

/** But for what is another each time. */
const same = (output: string): string => output.trim().replace(/"requestId":"[^"]*"/, '"requestId":"…"');
