import { Room } from '../load/room.mjs';
import { assertComplete, authorIn, Meter, traffic } from '../load/traffic.mjs';

/** One who writes, and many who listen. */
export const fanOut = async (site, { observers, rate, forMs, warmMs }) => {
  const figures = [];
  for (const count of observers) {
    const meter = new Meter();
    const room = await (await Room.open(site)).prepare();
    const client = await room.join(meter.hooks(0));
    await room.joinMany(count, (number) => meter.hooks(number + 1));
    const author = authorIn(room, client, 0);
    const result = await traffic(site, meter, [author], { rate, forMs, warmMs, audience: count });
    assertComplete(result);
    await room.assertConverged();
    await room.close();
    const row = `fan-out, 1 to ${count.toLocaleString('en')}`;
    figures.push(
      [`${row}, CPU a delivery`, 'µs', result.serverCpuUs],
      [`${row}, median`, 'ms', result.p50],
      [`${row}, 99 of 100 within`, 'ms', result.p99],
    );
  }
  return figures;
};
