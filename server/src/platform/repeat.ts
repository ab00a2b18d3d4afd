import { inTime } from './in-time.js';
import type { Logger } from './logger.js';

interface Repeated {
  readonly name: string;
  readonly everyMs: number;
  readonly log: Logger;
}

/** Does something again and again, never twice at once; a failure is logged. Returns what ends that, once it is not under way. */
export const repeat = (
  { name, everyMs, log }: Repeated,
  work: () => Promise<void>,
): (() => Promise<void>) => {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= inTime(work())
      .catch((error: unknown) => log.warn({ err: error, work: name }, 'what is done again and again failed'))
      .finally(() => {
        running = null;
      });
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
};
