import { busyRoom } from './busy-room.mjs';
import { fanOut } from './fan-out.mjs';
import { join } from './join.mjs';
import { manyRooms } from './many-rooms.mjs';

/**
 * Every row, in the order of the table: `run(site, sizes, note)` resolves with figures, `[name, unit, value]` each, in the process
 * of the load. `relays`: whether a server that keeps nothing can do it. `environment`: what the servers are started with.
 */
export const rows = {
  'fan-out': { about: 'one writes, hundreds listen', run: fanOut, relays: true },
  'busy-room': { about: 'everybody writes in one room', run: busyRoom, relays: true },
  'many-rooms': { about: 'everybody writes in hundreds of small rooms', run: manyRooms, relays: true },
  join: { about: 'coming into conversations that are long already', run: join, relays: false },
};
