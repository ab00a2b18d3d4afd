// Owns how many connections may be open that have not said what they want. Does not own for how long: that is the HTTP server's.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { PlacesOptions } from '../platform/places.js';

/**
 * Where too many are silent, of one address or in all, the one that has been so for longest is ended: an honest client's request
 * is there before so many others come, and whoever only connects pushes out its own.
 */
export const boundSilentSockets = (server: Server, { each, inAll }: PlacesOptions): void => {
  /** With their address, in the order they came. */
  const silent = new Map<Socket, string>();
  const byAddress = new Map<string, Set<Socket>>();

  const forget = (socket: Socket): void => {
    const address = silent.get(socket);
    if (address === undefined) return;
    silent.delete(socket);
    socket.off('close', gone);
    const those = byAddress.get(address);
    those?.delete(socket);
    if (those?.size === 0) byAddress.delete(address);
  };
  // One for all: nothing is kept for a socket that has spoken.
  function gone(this: Socket): void {
    forget(this);
  }
  const end = (socket: Socket | undefined): void => {
    if (socket === undefined) return;
    forget(socket);
    socket.destroy();
  };
  const spoke = ({ socket }: IncomingMessage): void => forget(socket);

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const those = byAddress.get(address) ?? new Set();
    byAddress.set(address, those.add(socket));
    silent.set(socket, address);
    socket.on('close', gone);
    if (those.size > each) end(those.values().next().value);
    else if (silent.size > inAll) end(silent.keys().next().value);
  });
  server.on('request', spoke);
  server.on('upgrade', spoke);
};
