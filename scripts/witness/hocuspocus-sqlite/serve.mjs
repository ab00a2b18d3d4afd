// Hocuspocus with SQLite on a free port: prints its address, ends when its standard input does. It stores a document some two
// seconds after a change, as it does by itself. Argument: the folder for its data.
import { join } from 'node:path';
import { SQLite } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';

const server = new Server({
  address: '127.0.0.1',
  port: 0,
  quiet: true,
  stopOnSignals: false,
  extensions: [new SQLite({ database: join(process.argv[2], 'documents.sqlite') })],
});
await server.listen();
console.log(`ws://127.0.0.1:${server.address.port}`);
process.stdin.resume().once('end', () => process.exit());
