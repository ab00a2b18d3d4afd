import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '../../tools/machine.mjs';
import { message, newWriter } from '../load/pen.mjs';
import { forAll, numbers, Room } from '../load/room.mjs';

const lookMs = 100;
const thousand = 1_000;
const megabyte = 1e6;

/** The least memory that a process has over a while, MB: what it needs, and not what waits to be collected. */
const leastMemory = async (pid, restMs) => {
  let least = Number.POSITIVE_INFINITY;
  for (let leftMs = restMs; leftMs > 0; leftMs -= lookMs) {
    const { own, all } = memoryOf(pid);
    least = Math.min(least, own ?? all);
    await pause(lookMs);
  }
  return least / megabyte;
};

/** What connections cost that say nothing, and documents that nobody looks at any more. */
export const memory = async (site, { connections, documents, restMs }) => {
  const perThousand = (megabytes, count) => (megabytes / count) * thousand;
  const room = await (await Room.open(site)).prepare();
  const atFirst = await leastMemory(site.pid, restMs);
  await room.joinMany(connections);
  const crowded = await leastMemory(site.pid, restMs);
  await room.close();
  const alone = await leastMemory(site.pid, restMs);
  const figures = [
    ['memory at first', 'MB', atFirst],
    ['memory per 1,000 idle connections', 'MB', perThousand(crowded - atFirst, connections)],
    ['memory per 1,000 connections that left', 'MB', perThousand(alone - atFirst, connections)],
  ];
  if (site.kind === 'relay') return figures;
  await forAll(numbers(documents), async () => {
    const opened = await (await Room.open(site)).prepare();
    const client = await opened.join();
    const heard = new Promise((resolve) => opened.doc.once('update', resolve));
    const writer = newWriter(0, client.member.id);
    client.update(opened.pen.write(writer, [message(writer.author, 'hello')]));
    await heard;
    await opened.close();
  });
  const visited = await leastMemory(site.pid, restMs);
  figures.push(['memory per 1,000 documents left alone', 'MB', perThousand(visited - alone, documents)]);
  return figures;
};
