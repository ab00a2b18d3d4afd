import { median } from '../../tools/timing.mjs';
import { Client } from '../load/client.mjs';
import { fill } from '../load/fill.mjs';
import { cpuDuring } from '../load/pace.mjs';
import { Room } from '../load/room.mjs';

const text = 'A message of about as many characters as most of what people say.';
const base = 1_000;
const warmUps = 3;

/** What it takes to come into a conversation, by how long that is already. */
export const join = async (site, { counts, joins }) => {
  const figures = [];
  const times = new Map();
  for (const count of counts) {
    const room = await (await Room.open(site)).prepare();
    await fill(room, count, text);
    const ms = [];
    let bytes = 0;
    const joinOnce = async () => {
      const startMs = performance.now();
      const client = new Client(room.seat(0));
      bytes = await client.synced;
      ms.push(performance.now() - startMs);
      await client.close();
    };
    for (let number = 0; number < warmUps; number += 1) await joinOnce();
    ms.length = 0;
    const { serverMs } = await cpuDuring(site.pid, async () => {
      for (let number = 0; number < joins; number += 1) await joinOnce();
    });
    await room.close();
    times.set(count, median(ms));
    const row = `join ${count.toLocaleString('en')} messages`;
    figures.push(
      [`${row}, median`, 'ms', median(ms)],
      [`${row}, first answer`, 'KB', bytes / 1_000],
      [`${row}, CPU of the server`, 'ms', serverMs / joins],
    );
  }
  const small = times.get(base);
  for (const [count, ms] of times)
    if (count !== base && small !== undefined)
      figures.push([
        `join ${count.toLocaleString('en')} : ${base.toLocaleString('en')}`,
        'times',
        ms / small,
      ]);
  return figures;
};
