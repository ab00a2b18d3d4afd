// The embedded store as a process of its own: prints its connection string, ends when its standard input does.
// Argument: the folder for its data.
import { startEmbeddedMongo } from '../../../server/dist/embedded-mongo/index.js';

const store = await startEmbeddedMongo({ dataDir: process.argv[2] });
console.log(store.uri);
process.stdin.resume().once('end', () => void store.close());
