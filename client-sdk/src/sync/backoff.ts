import type { Timing } from '../timing.js';

/** The longest first pause, and the longest of all, ms. */
export const BACKOFF_FIRST_MS = 100;
export const BACKOFF_MAX_MS = 10_000;

/**
 * How long to wait before the try that follows `failures` in a row (from 1): anywhere from nothing to a bound that doubles,
 * so that many clients of one fallen server do not come back together (full jitter,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export const backoffMs = (failures: number, timing: Pick<Timing, 'random'>): number => {
  const doublings = Math.min(Math.max(failures, 1) - 1, 30);
  return Math.floor(timing.random() * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** doublings));
};
