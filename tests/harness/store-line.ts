import { connect, createServer, type Socket } from 'node:net';

/**
 * `open`: everything passes. `cut`: connections end and none is taken. `stalled`: nothing passes, and all of it later.
 * `deaf`: what is asked arrives, and no answer comes back.
 */
export type LineState = 'open' | 'cut' | 'stalled' | 'deaf';

/** The line between a server and its store, which a test can take away. Knows nothing of what passes. */
export interface StoreLine extends AsyncDisposable {
  readonly uri: string;
  become(state: LineState): void;
}

interface Ends {
  readonly client: Socket;
  readonly upstream: Socket;
  hasLost: boolean;
}

/** Listens on a free port before the store at `uri`, and lets everything pass for now. */
export const startStoreLine = async (uri: string): Promise<StoreLine> => {
  const { hostname, port } = new URL(uri);
  const all = new Set<Ends>();
  let state: LineState = 'open';
  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    const ends: Ends = { client, upstream, hasLost: false };
    all.add(ends);
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        all.delete(ends);
      });
      if (state === 'stalled') socket.pause();
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (state === 'deaf') ends.hasLost = true;
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the line listens on no port');
  const end = ({ client, upstream }: Ends): void => {
    client.destroy();
    upstream.destroy();
  };
  const behind = new URL(uri);
  behind.host = `127.0.0.1:${address.port}`;
  return {
    uri: behind.href,
    become: (next) => {
      state = next;
      for (const ends of all) {
        // An answer that is missing in the middle makes nonsense of those after it.
        if (next === 'cut' || (next === 'open' && ends.hasLost)) end(ends);
        else
          for (const socket of [ends.client, ends.upstream])
            next === 'stalled' ? socket.pause() : socket.resume();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const ends of all) end(ends);
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
