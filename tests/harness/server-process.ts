import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { databaseOf } from './data-dir.js';

/** A server in a process of its own, to be stopped as an operator stops it, or killed as a machine dies. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
  readonly pid: number;
  /** What it has written so far, both streams. */
  readonly output: string;
  /** Sends the signal and waits for the end; answers with exit code and signal. */
  kill(signal: NodeJS.Signals): Promise<Ending>;
  /** SIGTERM. */
  stop(): Promise<Ending>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const main = createRequire(import.meta.url).resolve('@parley/server/internal/main');
const small = fileURLToPath(new URL('small-server.mjs', import.meta.url));

/**
 * Runs the built server (with PARLEY_TEST_OPTIONS in `environment`: made with those), or the script, on `dataDir` and waits until it
 * listens. Rejects with its output when it ends before.
 */
export const spawnTestServer = async (
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  script = environment.PARLEY_TEST_OPTIONS === undefined ? main : small,
): Promise<ServerProcess> => {
  const mongodbUri = databaseOf(dataDir);
  const child = spawn(process.execPath, [script], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: dataDir,
      RATE_LIMITS: 'off',
      BCRYPT_COST: '10',
      ...(mongodbUri === undefined ? {} : { MONGODB_URI: mongodbUri }),
      ...environment,
    },
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(child, 'exit').then(() => ({ code: child.exitCode, signal: child.signalCode }));
  const url = await Promise.race([
    listening(child),
    ended.then(({ code, signal }) => {
      throw new Error(`the server ended before it listened (${code ?? signal}):\n${output}`);
    }),
  ]);
  const kill = async (signal: NodeJS.Signals): Promise<Ending> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return await ended;
  };
  return {
    url,
    wsUrl: url.replace(/^http/, 'ws'),
    pid: child.pid ?? -1,
    get output() {
      return output;
    },
    kill,
    stop: () => kill('SIGTERM'),
    [Symbol.asyncDispose]: async () => {
      await kill('SIGKILL');
    },
  };
};

const listening = async (child: ChildProcess): Promise<string> => {
  for (;;) {
    const [message] = await once(child, 'message');
    if (isListening(message)) return message.url;
  }
};

const isListening = (message: unknown): message is { type: 'listening'; url: string } =>
  typeof message === 'object' &&
  message !== null &&
  'type' in message &&
  message.type === 'listening' &&
  'url' in message &&
  typeof message.url === 'string';
