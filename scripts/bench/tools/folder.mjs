import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInMemory } from './machine.mjs';

/** Where benches keep their data unless told otherwise: on the disk that the sources are on. */
export const cacheFolder = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));

/** A folder of this run's own, which goes with the process however it ends. */
export const makeFolder = (within, prefix, say) => {
  const parent = resolve(within);
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, prefix));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  if (isInMemory(folder))
    say(`${parent} is in memory: no flush costs anything there, and nothing is measured but CPU`);
  return folder;
};
