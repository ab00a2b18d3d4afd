// Parley as a process of its own, with its embedded store: prints its address, ends when its standard input does. No rate
// limits, because one machine plays all the people; what a document is allowed stays as it is. Argument: the folder for its data.
import { createParley } from '../../../server/dist/index.js';
import { keepMemoryLow } from '../../../server/dist/quiet-memory.js';

const { PARLEY_BENCH_IDLE_MS: idleMs } = process.env;
const server = await createParley({
  port: 0,
  dataDir: process.argv[2],
  rateLimits: false,
  bcryptCost: 4,
  accessTokenSeconds: 86_400,
  logLevel: 'error',
  ...(idleMs === undefined ? {} : { documentIdleMs: Number(idleMs) }),
});
const { url } = await server.listen();
// As `parley start` does.
keepMemoryLow();
console.log(url.replace('http', 'ws'));
process.stdin.resume().once('end', () => void server.close().then(() => process.exit()));
