import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSite } from './contestants.mjs';

const load = fileURLToPath(new URL('./load/load.mjs', import.meta.url));
/** How long a server may take to end by itself; nobody needs its data any more. */
const stopMs = 5_000;

/**
 * Takes one row from one contestant, with a fresh server and a fresh load: `{ figures, notes }`, or `{ problem }` when it could
 * not be done or took longer than `patienceMs`.
 */
export const runRow = async (contestant, row, { sizes, environment, folder, patienceMs }) => {
  let opened;
  try {
    opened = await openSite(contestant, join(folder, `${row}-${contestant.name}`), environment);
  } catch (error) {
    return { problem: error.message };
  }
  const { site, stop } = opened;
  const answer = await runLoad({ row, site, sizes }, patienceMs);
  const tooLong = setTimeout(() => process.kill(site.pid, 'SIGKILL'), stopMs);
  await stop();
  clearTimeout(tooLong);
  return answer;
};

const runLoad = async (job, patienceMs) => {
  const child = fork(load, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let problem;
  const tooLong = setTimeout(() => {
    problem = `not within ${patienceMs / 1_000} s`;
    child.kill('SIGKILL');
  }, patienceMs);
  let answer;
  child.once('message', (message) => {
    answer = message;
  });
  child.send(job);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(tooLong);
  return answer ?? { problem: problem ?? `the load ended with ${code ?? signal}` };
};
