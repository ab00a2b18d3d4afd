import { fanOut } from './fan-out.mjs';

/**
 * Every row, in the order of the table: `run(site, sizes, note)` resolves with figures, `[name, unit, value]` each, in the process
 * of the load. `relays`: whether a server that keeps nothing can do it. `environment`: what the servers are started with.
 */
export const rows = {
  'fan-out': { about: 'one writes, hundreds listen', run: fanOut, relays: true },
};
