// Owns what is said to and known of a connection before it is a WebSocket.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Where a request comes from: back through as many hops as are trusted; a header from beyond them is anybody's claim. */
export const addressOf = (request: IncomingMessage, trustProxy: number): string => {
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const claimed = forwarded.map((part) => part.trim()).filter((part) => part !== '');
  const hops = [request.socket.remoteAddress ?? 'unknown', ...claimed.reverse()];
  return hops[Math.min(trustProxy, hops.length - 1)] ?? 'unknown';
};

/** Answers in plain HTTP, and ends. */
export const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  // Half-closed is not enough: a peer that never closes its side would keep the socket for ever.
  socket.once('finish', () => socket.destroy());
};

/** For what fails. Listeners that stay for a socket's life hold nothing of the request it came with. */
export function destroy(this: Duplex): void {
  this.destroy();
}
