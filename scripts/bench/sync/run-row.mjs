import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSite } from './contestants.mjs';

const load = fileURLToPath(new URL('./load/load.mjs', import.meta.url));

/**
 * Takes one row from one contestant, with a fresh server and a fresh load: `{ figures, notes }`, or `{ problem }` when it could
 * not be done or took longer than `patienceMs`.
 */
export const runRow = async (contestant, row, { sizes, environment, folder, patienceMs }) => {
  const { site, stop } = await openSite(contestant, join(folder, `${row}-${contestant.name}`), environment);
  const child = fork(load, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const ended = once(child, 'exit').then(([code, signal]) => ({
    problem:
      signal === 'SIGKILL' ? `not within ${patienceMs / 1_000} s` : `the load ended with ${code ?? signal}`,
  }));
  try {
    child.send({ row, site, sizes });
    return await Promise.race([once(child, 'message').then(([answer]) => answer), ended]);
  } finally {
    clearTimeout(tooLong);
    child.kill('SIGKILL');
    await ended;
    await stop();
  }
};
