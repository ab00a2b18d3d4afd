import type { Storage } from './storage.js';

const inProcess = new WeakMap<Storage, Map<string, Promise<unknown>>>();

/**
 * Runs the body while nobody else who shares the storage runs one under the same name: clients of this process by the
 * storage object, other tabs by the browser's locks where it has them. Elsewhere two processes on one storage can still meet.
 */
export const withStorageLock = async <T>(
  storage: Storage,
  name: string,
  body: () => Promise<T>,
): Promise<T> => {
  const running = inProcess.get(storage) ?? new Map<string, Promise<unknown>>();
  inProcess.set(storage, running);
  const run = (running.get(name) ?? Promise.resolve()).then(() => acrossTabs(name, body));
  // Whoever waits next cares that this one ended, not how.
  const ended = run.then(
    () => undefined,
    () => undefined,
  );
  running.set(name, ended);
  try {
    return await run;
  } finally {
    if (running.get(name) === ended) running.delete(name);
  }
};

const acrossTabs = async <T>(name: string, body: () => Promise<T>): Promise<T> => {
  const locks = typeof navigator === 'undefined' ? undefined : lockManagerOf(navigator);
  if (locks === undefined) return await body();
  return await locks.request(name, body);
};

/** Insecure pages and older runtimes have a navigator without locks, whatever its type says. */
const lockManagerOf = (from: Partial<Pick<Navigator, 'locks'>>): LockManager | undefined => from.locks;
