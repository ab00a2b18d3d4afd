import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fill } from '../load/fill.mjs';
import { cpuDuring } from '../load/pace.mjs';
import { Shown } from '../load/presence.mjs';
import { numbers, Room } from '../load/room.mjs';

const probeScript = fileURLToPath(new URL('../load/probe.mjs', import.meta.url));
const text = 'What was said before everybody came back.';

/** Everybody of a room comes back at once, each with its presence, while somebody elsewhere wants to be answered too. */
export const storm = async (site, { clients, messages }) => {
  const room = await (await Room.open(site)).prepare();
  if (site.kind !== 'relay') await fill(room, messages, text);
  const elsewhere = await Room.open(site);
  const probe = fork(probeScript, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    probe.send(elsewhere.seat(0));
    await once(probe, 'message');
    const startMs = performance.now();
    const { value: lastMs, serverMs } = await cpuDuring(site.pid, async () => {
      await Promise.all(numbers(clients).map((number) => room.join({ hello: new Shown(number).frame() })));
      return performance.now() - startMs;
    });
    probe.send('stop');
    const [{ longestMs }] = await once(probe, 'message');
    for (const client of room.clients) client.socket.terminate();
    const row = `${clients.toLocaleString('en')} come back at once`;
    return [
      [`${row}, last one synced after`, 'ms', lastMs],
      [`${row}, longest wait of others`, 'ms', longestMs],
      [`${row}, CPU of the server`, 'ms', serverMs],
    ];
  } finally {
    probe.kill('SIGKILL');
  }
};
