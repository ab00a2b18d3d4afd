// A server of the fuzzer's own, on an empty folder that goes with it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signUp } from './content.mjs';

const dist = fileURLToPath(new URL('../../../server/dist', import.meta.url));

/** A server on which somebody of that name is an admin: `{ url, logged, end }`. `logged()`: its errors so far. */
export const startServer = async (admin) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-api-'));
  const environment = {
    PATH: process.env.PATH,
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
    RATE_LIMITS: 'off',
    BCRYPT_COST: '10',
    LOG_LEVEL: 'error',
  };
  const first = await run(environment);
  await signUp(first.url, admin);
  await first.end();
  // Only whoever has the data may make the first admin.
  const granted = spawnSync(process.execPath, [join(dist, 'cli.js'), 'admin', 'grant', admin], {
    env: environment,
    encoding: 'utf8',
  });
  if (granted.status !== 0) throw new Error(`no admin could be made: ${granted.stderr}`);
  const server = await run(environment);
  return {
    ...server,
    end: async () => {
      await server.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const run = async (env) => {
  const child = spawn(process.execPath, [join(dist, 'main.js')], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = once(child, 'exit');
  const [message] = await Promise.race([
    once(child, 'message'),
    ended.then(() => {
      throw new Error(`the server ended before it listened:\n${output}`);
    }),
  ]);
  return {
    url: message.url,
    logged: () =>
      output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .join('\n'),
    end: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
