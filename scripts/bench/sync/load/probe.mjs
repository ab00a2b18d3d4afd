// Watches how long a server lets others wait, from a process that has nothing else to do: pings on a connection of its own, one
// after the other. Gets a seat; tells `ready`, and when asked with `stop` the longest answer, ms.
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from './client.mjs';

const restMs = 2;

const ping = (socket) =>
  new Promise((resolve) => {
    const startMs = performance.now();
    socket.once('pong', () => resolve(performance.now() - startMs));
    socket.ping();
  });

process.once('message', async (seat) => {
  // Buffers do not survive the way between processes as what they are.
  const prefix = seat.prefix === undefined ? undefined : Buffer.from(seat.prefix.data);
  const client = new Client({ ...seat, prefix });
  await client.synced;
  let stopped = false;
  process.once('message', () => {
    stopped = true;
  });
  await ping(client.socket);
  process.send('ready');
  let longestMs = 0;
  while (!stopped) {
    longestMs = Math.max(longestMs, await ping(client.socket));
    await pause(restMs);
  }
  process.send({ longestMs }, () => process.exit());
});
process.once('disconnect', () => process.exit());
