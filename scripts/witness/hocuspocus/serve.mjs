// Hocuspocus in memory on a free port: prints its address, ends when its standard input does.
import { Server } from '@hocuspocus/server';

const server = new Server({ address: '127.0.0.1', port: 0, quiet: true, stopOnSignals: false });
await server.listen();
console.log(`ws://127.0.0.1:${server.address.port}`);
process.stdin.resume().once('end', () => process.exit());
