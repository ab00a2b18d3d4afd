import { busyRoom } from './busy-room.mjs';
import { fanOut } from './fan-out.mjs';
import { history } from './history.mjs';
import { join } from './join.mjs';
import { manyRooms } from './many-rooms.mjs';
import { memory } from './memory.mjs';
import { ownEcho } from './own-echo.mjs';
import { presence } from './presence.mjs';
import { sessionsRow } from './sessions.mjs';
import { storm } from './storm.mjs';

/**
 * Every row, in the order of the table: `run(site, sizes, note)` resolves with figures, `[name, unit, value]` each, in the process
 * of the load. `relays`: whether a server that keeps nothing can do it. `environment`: what the servers are started with.
 */
export const rows = {
  'fan-out': { about: 'one writes, hundreds listen', run: fanOut, relays: true },
  'busy-room': { about: 'everybody writes in one room', run: busyRoom, relays: true },
  'many-rooms': { about: 'everybody writes in hundreds of small rooms', run: manyRooms, relays: true },
  history: { about: 'a flood, and how far history falls behind it', run: history, relays: false },
  join: { about: 'coming into conversations that are long already', run: join, relays: false },
  memory: {
    about: 'idle connections, and documents left alone',
    run: memory,
    relays: true,
    environment: { PARLEY_BENCH_IDLE_MS: '1000' },
  },
  sessions: {
    about: 'thousands of sessions that each wrote once',
    run: sessionsRow,
    relays: false,
    environment: { PARLEY_BENCH_IDLE_MS: '0' },
  },
  presence: { about: 'everybody shows something new once a second', run: presence, relays: true },
  storm: { about: 'everybody comes back at once', run: storm, relays: true },
  'own-echo': { about: 'everybody waits for their own message', run: ownEcho, relays: false },
};
