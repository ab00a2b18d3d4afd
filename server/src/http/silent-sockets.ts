// Owns how many connections may be open that have not said what they want. Does not own for how long: that is the HTTP server's.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { PlacesOptions } from '../platform/places.js';

interface Silent {
  readonly address: string;
  readonly sinceMs: number;
}

/** Many who come at once have all spoken by then: what they say is there before it is read. */
const GRACE_MS = 1_000;

/**
 * Where too many of one address are silent, those that have been so for longest are ended, after a moment; where too many are in
 * all, one goes at once, of the newcomer's address if that has more than its share. An honest client's request is there before so
 * many others come, and whoever only connects pushes out its own.
 */
export const boundSilentSockets = (server: Server, { each, inAll }: PlacesOptions): void => {
  /** In the order they came. */
  const silent = new Map<Socket, Silent>();
  const byAddress = new Map<string, Set<Socket>>();
  let isTrimDue = false;

  const forget = (socket: Socket): void => {
    const known = silent.get(socket);
    if (known === undefined) return;
    silent.delete(socket);
    socket.off('close', gone);
    const those = byAddress.get(known.address);
    those?.delete(socket);
    if (those?.size === 0) byAddress.delete(known.address);
  };
  // One for all: nothing is kept for a socket that has spoken.
  function gone(this: Socket): void {
    forget(this);
  }
  const endFirst = (sockets: Iterable<Socket>): void => {
    for (const socket of sockets) {
      forget(socket);
      socket.destroy();
      return;
    }
  };
  const trim = (): void => {
    isTrimDue = false;
    const beforeMs = performance.now() - GRACE_MS;
    for (const those of byAddress.values()) {
      for (const socket of those) {
        if (those.size <= each || (silent.get(socket)?.sinceMs ?? 0) > beforeMs) break;
        endFirst([socket]);
      }
      if (those.size > each) trimLater();
    }
  };
  // What has arrived by then is read in between.
  const trimLater = (): void => {
    if (isTrimDue) return;
    isTrimDue = true;
    setTimeout(() => setImmediate(trim), GRACE_MS).unref();
  };
  const spoke = ({ socket }: IncomingMessage): void => forget(socket);

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const those = byAddress.get(address) ?? new Set();
    byAddress.set(address, those.add(socket));
    silent.set(socket, { address, sinceMs: performance.now() });
    socket.on('close', gone);
    if (those.size > each) trimLater();
    if (silent.size > inAll) endFirst(those.size > each ? those : silent.keys());
  });
  server.on('request', spoke);
  server.on('upgrade', spoke);
};
