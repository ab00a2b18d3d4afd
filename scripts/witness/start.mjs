import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Starts an installed server on a free port with an empty folder of its own: `{ uri, stop }`. It ends with this process,
 * because it watches its standard input. Rejects when it ends before it listens.
 */
export const startWitness = async ({ command, args }) => {
  const folder = mkdtempSync(join(tmpdir(), 'witness-'));
  const child = spawn(command, [...args, folder], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  const uri = await Promise.race([
    firstLine(child.stdout),
    exited.then(() => Promise.reject(new Error(`${command} ended before it listened`))),
  ]);
  const stop = async () => {
    child.stdin.end();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { uri, stop };
};

const firstLine = (stream) =>
  new Promise((resolve) => {
    createInterface({ input: stream }).once('line', resolve);
  });
