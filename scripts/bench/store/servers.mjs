import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { installWitness } from '../../witness/install.mjs';
import { startWitness } from '../../witness/start.mjs';
import { timed } from '../tools/timing.mjs';

const serve = fileURLToPath(new URL('./serve.mjs', import.meta.url));
const maxConnections = 256;

/** Who is measured: the store, and the witness where it can be had; otherwise `reason` says why not. */
export const contestants = (withWitness) => {
  const store = { name: 'store', command: process.execPath, args: [serve] };
  const witness = withWitness ? installWitness('ferretdb') : { reason: 'it was not asked for' };
  if (witness.reason !== undefined) return { names: [store], reason: `ferretdb: ${witness.reason}` };
  return { names: [store, { name: 'ferretdb', ...witness }] };
};

/** A server of its own process on a folder of its own, with a client. Both sides get the very same client. */
const openServer = async (contestant, folder) => {
  mkdirSync(folder, { recursive: true });
  const { uri, pid, stop } = await startWitness(contestant, { keepIn: folder });
  const client = new MongoClient(uri, {
    maxPoolSize: maxConnections,
    writeConcern: { w: 1, journal: true },
  });
  const db = client.db('bench');
  await db.command({ ping: 1 });
  const close = async () => {
    await client.close();
    await stop();
  };
  return { db, pid, folder, close };
};

/** What each contestant is measured on: a server with many documents and one with few. */
export const openSite = async (contestant, folder) => ({
  name: contestant.name,
  contestant,
  many: await openServer(contestant, join(folder, contestant.name, 'many')),
  few: await openServer(contestant, join(folder, contestant.name, 'few')),
});

/** How long a server takes from nothing until it answers, on data that is there already, ms. */
export const startupMs = async (contestant, folder) => {
  let server;
  const ms = await timed(async () => {
    server = await openServer(contestant, folder);
  });
  await server.close();
  return ms;
};
