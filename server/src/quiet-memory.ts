// Owns giving memory back that a crowd has left behind. V8 collects while a program allocates: a server that falls quiet after a
// thousand people have come and gone would keep what they left for hours.
import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Reading {
  /** The share of its time that the thread has worked since the last reading, 0 to 1. */
  readonly load: number;
  readonly usedBytes: () => number;
}

/** How often the thread is looked at, ms. */
const EVERY_MS = 2_000;
/** The share of its time that a quiet thread works. */
const QUIET = 0.05;
/** Pages that one collection has emptied are given back by the next. */
const ROUNDS = 3;
/** Less than this is not worth a pause; beyond the other a pause would be felt by whoever is still here. */
const WORTH_BYTES = 16 * 1024 * 1024;
const MAX_BYTES = 256 * 1024 * 1024;

/** Looks after the heap of this thread. Returns what ends that. */
export const keepMemoryLow = (): (() => void) => {
  const look = createMemoryWatch(collector());
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    look({ load: performance.eventLoopUtilization(now, before).utilization, usedBytes });
    before = now;
  }, EVERY_MS).unref();
  return (): void => clearInterval(timer);
};

/** What decides, reading by reading, whether to collect: once the thread is quiet twice in a row and much has come since. */
export const createMemoryWatch = (collect: () => void): ((reading: Reading) => void) => {
  let lowest = Number.POSITIVE_INFINITY;
  let wasQuiet = false;
  let rounds = 0;
  return ({ load, usedBytes }): void => {
    const isQuiet = load < QUIET;
    const used = usedBytes();
    lowest = Math.min(lowest, used);
    if (used - lowest > WORTH_BYTES) rounds = ROUNDS;
    if (isQuiet && wasQuiet && rounds > 0 && used < MAX_BYTES) {
      collect();
      rounds -= 1;
      // What is still there is in use.
      lowest = usedBytes();
    }
    wasQuiet = isQuiet;
  };
};

const usedBytes = (): number => getHeapStatistics().used_heap_size;

/** V8's own collection, which a context has that is made once the flag is set; nothing where it has none. */
const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  return typeof found === 'function' ? () => void found() : () => undefined;
};
