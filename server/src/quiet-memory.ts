// Owns giving memory back that a crowd has left behind. V8 collects while a program allocates: a server that falls quiet after a
// thousand people have come and gone would keep what they left for hours.
import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface QuietMemoryOptions {
  /** How often it is looked whether this thread is quiet, ms; it must be so twice in a row. */
  readonly everyMs?: number;
  readonly collect?: () => void;
}

const EVERY_MS = 2_000;
/** The share of its time that a quiet thread works. */
const QUIET = 0.05;
/** Pages that one collection has emptied are given back by the next. */
const ROUNDS = 3;
/** Less than this is not worth a pause; beyond the other a pause would be felt by whoever is still here. */
const WORTH_BYTES = 16 * 1024 * 1024;
const MAX_BYTES = 256 * 1024 * 1024;

/** Looks after the heap of this thread. Returns what ends that. */
export const keepMemoryLow = ({
  everyMs = EVERY_MS,
  collect = collector(),
}: QuietMemoryOptions = {}): (() => void) => {
  let lowest = Number.POSITIVE_INFINITY;
  let before = performance.eventLoopUtilization();
  let wasQuiet = false;
  let rounds = 0;
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const isQuiet = performance.eventLoopUtilization(now, before).utilization < QUIET;
    before = now;
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
  const timer = setInterval(look, everyMs).unref();
  return (): void => clearInterval(timer);
};

const usedBytes = (): number => getHeapStatistics().used_heap_size;

/** V8's own collection, which a context has that is made once the flag is set; nothing where it has none. */
const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  return typeof found === 'function' ? () => void found() : () => undefined;
};
