// When things are done, and what processes use meanwhile.
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMsOf } from '../../tools/machine.mjs';

const tickMs = 1;

/** Calls `send(n)` so many times a second for a while. Resolves with how many there were. */
export const atRate = async (send, { rate, forMs }) => {
  const startMs = performance.now();
  let sent = 0;
  for (;;) {
    const sinceMs = performance.now() - startMs;
    const due = Math.floor((Math.min(sinceMs, forMs) * rate) / 1_000);
    for (; sent < due; sent += 1) send(sent);
    if (sinceMs >= forMs) return sent;
    await pause(tickMs);
  }
};

/** Resolves when the condition holds, or after `withinMs`; answers whether it holds. */
export const waitFor = async (condition, withinMs, lookMs = tickMs) => {
  const untilMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > untilMs) return false;
    await pause(lookMs);
  }
  return true;
};

/** Resolves once `count()` is at least `wanted`, or has stood still for `patienceMs`; answers whether it got there. */
export const waitForCount = async (count, wanted, patienceMs) => {
  for (;;) {
    const before = count();
    if (before >= wanted) return true;
    if (!(await waitFor(() => count() > before, patienceMs))) return false;
  }
};

/** What the process of the server and this one use meanwhile: shares of a core, and ms of the server. */
export const cpuDuring = async (pid, work) => {
  const startMs = performance.now();
  const serverMs = cpuMsOf(pid);
  const ownMs = cpuMsOf(process.pid);
  const value = await work();
  const tookMs = performance.now() - startMs;
  const usedMs = cpuMsOf(pid) - serverMs;
  return { value, serverMs: usedMs, server: usedMs / tookMs, load: (cpuMsOf(process.pid) - ownMs) / tookMs };
};
