// Owns requests that ask for another protocol than WebSocket, as programs do that would rather speak HTTP/2: the wish is passed over
// (RFC 9110, 7.8), and the request is answered in HTTP/1.1 as if it had not been made.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { destroy } from './raw-sockets.js';

/** A request that would upgrade. `head`: what has been read after it. */
interface Wish {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;
}

/** Whether a WebSocket is among what it would upgrade to. */
export const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  tokensOf(headers.upgrade ?? '').includes('websocket');

/** Hands a connection back to the server with the same request, without the wish, once what was asked before is answered. */
export const passOverUpgrades = (server: Server): ((wish: Wish) => void) => {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, answer) => answers.set(socket, answer));
  const handBack = ({ request, socket, head }: Wish): void => {
    if (socket.destroyed) return;
    // The time that it may idle between two requests is over.
    request.socket.setTimeout(0);
    socket.unshift(Buffer.concat([Buffer.from(headOf(request), 'latin1'), head]));
    server.emit('connection', socket);
  };
  return (wish) => {
    const { socket } = wish;
    const before = answers.get(socket);
    if (before === undefined || before.closed) {
      handBack(wish);
      return;
    }
    // Nobody else listens meanwhile.
    socket.on('error', destroy);
    before.once('close', () => {
      socket.off('error', destroy);
      handBack(wish);
    });
  };
};

/** What only the wish has to do with. */
const PARTS: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

const headOf = ({ method, url, httpVersion, rawHeaders }: IncomingMessage): string => {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  rawHeaders.forEach((name, index) => {
    if (index % 2 === 1 || PARTS.has(name.toLowerCase())) return;
    const value = rawHeaders[index + 1] ?? '';
    if (name.toLowerCase() !== 'connection') lines.push(`${name}: ${value}`);
    else lines.push(`${name}: ${tokensOf(value).filter((token) => !PARTS.has(token))}`);
  });
  return `${lines.join('\r\n')}\r\n\r\n`;
};

/** Of a list in a header; without case. */
const tokensOf = (list: string): string[] => list.split(',').map((token) => token.trim().toLowerCase());
