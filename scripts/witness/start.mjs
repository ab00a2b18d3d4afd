import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Starts an installed server on a free port: `{ uri, pid, stop }`. Its data is in `keepIn`, which stays, or in an empty folder
 * of its own, which goes with it. It ends with this process, because it watches its standard input. Rejects when it ends
 * before it listens. `environment`: variables beside this process's own.
 */
export const startWitness = async ({ command, args }, { keepIn, environment = {} } = {}) => {
  const folder = keepIn ?? mkdtempSync(join(tmpdir(), 'witness-'));
  const child = spawn(command, [...args, folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...environment },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  const stop = async () => {
    child.stdin.end();
    await exited;
    if (keepIn === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const uri = await Promise.race([firstLine(child.stdout), exited.then(() => undefined)]);
  if (uri !== undefined) return { uri, pid: child.pid, stop };
  await stop();
  throw new Error(`${command} ended before it listened`);
};

const firstLine = (stream) =>
  new Promise((resolve) => {
    createInterface({ input: stream }).once('line', resolve);
  });
