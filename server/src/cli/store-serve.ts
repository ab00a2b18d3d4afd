import type { ServeCommand } from './arguments.js';
import { openStore } from './store-folder.js';

/**
 * Serves the embedded store until SIGINT or SIGTERM, without the rest of Parley. Standard output carries the connection
 * string and nothing else, so that a script can read it. Answers with the exit code.
 */
export const serveStore = async ({ dataDir, port }: ServeCommand): Promise<number> => {
  const asked = toldToStop();
  const store = await openStore(dataDir, { port });
  process.stdout.write(`${store.uri}\n`);
  process.stderr.write(
    `Serving ${store.folder}. There is no password: everyone on this machine can read and write. Ctrl-C ends it.\n`,
  );
  const failure = await Promise.race([asked, store.stopped]);
  if (failure !== undefined) {
    process.stderr.write(`The embedded store stopped by itself: ${failure.message}\n`);
    return 1;
  }
  await store.close();
  return 0;
};

const toldToStop = (): Promise<undefined> =>
  new Promise((resolve) => {
    // Once: a second Ctrl-C ends a close that hangs.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
  });
