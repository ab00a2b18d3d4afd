import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installWitness } from '../../witness/install.mjs';
import { startWitness } from '../../witness/start.mjs';

const serveParley = fileURLToPath(new URL('./serve-parley.mjs', import.meta.url));
const relay = fileURLToPath(new URL('./relay.mjs', import.meta.url));

const parley = {
  name: 'parley',
  kind: 'parley',
  command: process.execPath,
  args: [serveParley],
};

/** `kind` is how a client talks to it. */
const rivals = [
  { name: 'y-websocket-server', kind: 'yjs', witness: 'y-websocket-server' },
  { name: 'hocuspocus', kind: 'hocuspocus', witness: 'hocuspocus' },
  { name: 'hocuspocus-sqlite', kind: 'hocuspocus', witness: 'hocuspocus-sqlite' },
  { name: 'relay', kind: 'relay', command: process.execPath, args: [relay] },
  {
    name: 'relay-batched',
    kind: 'relay',
    command: process.execPath,
    args: [relay, 'batched'],
  },
];

/** Who is measured: Parley, and of the rivals asked for those that can be had; `reasons` says what keeps the others away. */
export const contestants = (wanted) => {
  const reasons = [];
  const present = [parley];
  for (const { witness, ...rival } of rivals) {
    if (!wanted.includes(rival.name)) continue;
    const installed = witness === undefined ? {} : installWitness(witness);
    if (installed.reason === undefined) present.push({ ...rival, ...installed });
    else reasons.push(`Without ${rival.name}: ${installed.reason}`);
  }
  return { present, reasons };
};

/** The names that may be asked for. */
export const rivalNames = rivals.map(({ name }) => name);

/** A fresh server with a folder of its own: what the load has to know of it, and `stop`. */
export const openSite = async ({ name, kind, command, args }, folder, environment) => {
  mkdirSync(folder, { recursive: true });
  const { uri, pid, stop } = await startWitness({ command, args }, { keepIn: folder, environment });
  return { site: { name, kind, url: uri, pid }, stop };
};
