/** One mocha process: started, watched, and judged by what it wrote, how it ended and whether it ended at all. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const running = new Set();

/** Ends the processes of every run under way, for when the runner itself is stopped. */
export const killAll = () => {
  for (const child of running) killGroup(child);
};

/**
 * Runs test files in one mocha process and never rejects. The answer's `failed` adds to mocha's own count one for each
 * entry of `problems`: no tally (a file that cannot be imported, a crash), a bad exit without a failure, a hang,
 * or handles that keep the process alive after its tests. `onOutput` gets the output as it comes.
 *
 * `folder`: where mocha runs and finds its settings. `timeoutMs`: for the whole process. `exitGraceMs`: how long it may
 * live on once its tally is written.
 */
export const runMocha = async ({ folder, files, args, timeoutMs, exitGraceMs, env = {}, onOutput }) => {
  const scratch = mkdtempSync(join(tmpdir(), 'parley-tally-'));
  const tallyFile = join(scratch, 'tally.json');
  const mocha = createRequire(join(folder, 'package.json')).resolve('mocha/bin/mocha.js');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [mocha, ...files, ...args], {
    cwd: folder,
    env: { ...process.env, ...env, TALLY_FILE: tallyFile },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that what it started ends with it
  });
  running.add(child);
  child.stdout.on('data', onOutput);
  child.stderr.on('data', onOutput);
  const end = await watch(child, { tallyFile, timeoutMs, exitGraceMs });
  running.delete(child);
  const tally = existsSync(tallyFile) ? JSON.parse(readFileSync(tallyFile, 'utf8')) : null;
  rmSync(scratch, { recursive: true, force: true });
  return { ...sumUp(tally, end, { timeoutMs }), tookMs: performance.now() - startedMs };
};

/** Resolves to `{ code, signal, error, hung, lingered }` once the process and its output have ended. */
const watch = (child, { tallyFile, timeoutMs, exitGraceMs }) =>
  new Promise((resolve) => {
    const end = { code: null, signal: null, error: null, hung: false, lingered: false };
    let tallySeenMs = null;
    const finish = () => {
      clearTimeout(deadline);
      clearInterval(poll);
      resolve(end);
    };
    const deadline = setTimeout(() => {
      end.hung = true;
      killGroup(child);
    }, timeoutMs);
    const poll = setInterval(() => {
      if (tallySeenMs === null && existsSync(tallyFile)) tallySeenMs = performance.now();
      if (tallySeenMs === null || performance.now() - tallySeenMs < exitGraceMs) return;
      end.lingered = true;
      killGroup(child);
    }, 100);
    child.once('error', (error) => {
      end.error = error;
      finish();
    });
    child.once('exit', (code, signal) => {
      end.code = code;
      end.signal = signal;
      killGroup(child); // servers that a failed test left behind would hold the output open
      setTimeout(finish, 2_000).unref(); // and one that left the group still could
    });
    child.once('close', finish);
  });

const killGroup = (child) => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // ESRCH: all of it has ended already
  }
};

const sumUp = (tally, end, { timeoutMs }) => {
  const problems = [];
  if (end.error !== null) problems.push(`could not be started: ${end.error.message}`);
  else if (end.hung) problems.push(`did not end within ${Math.round(timeoutMs / 1000)} s and was killed`);
  else if (tally === null)
    problems.push(`ended without a tally (${endOf(end)}): a file failed to load, or it crashed`);
  else if (end.lingered) problems.push('did not exit on its own: leaked handles');
  else if (tally.failures === 0 && (end.code !== 0 || end.signal !== null)) {
    problems.push(`ended badly (${endOf(end)}) though no test failed`);
  }
  return {
    passed: tally?.passes ?? 0,
    failed: (tally?.failures ?? 0) + problems.length,
    skipped: tally?.pending ?? 0,
    skippedTests: tally?.skipped ?? [],
    failedTests: tally?.failed ?? [],
    problems,
  };
};

const endOf = ({ code, signal }) => (signal === null ? `exit code ${code}` : `signal ${signal}`);
