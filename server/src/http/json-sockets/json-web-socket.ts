import { AppError, errorCatalogue } from '@parley/shared';
import { WebSocket } from 'ws';
import { errorFrame } from './frames.js';

/** What ws closes with when a frame is over its limit, of which it has read no more than the header then, or comes in too many parts. */
const TOO_BIG = 1009;
const TOO_MANY_PARTS = 1008;

/** One that never answers the close is not waited for. */
const CLOSE_MS = 3_000;

/** A socket that says in words why it closes when a frame is too large, and that does not wait long for the other side to close. */
export class JsonWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    const isTooLarge = code === TOO_BIG || code === TOO_MANY_PARTS;
    if (this.readyState === WebSocket.OPEN) {
      setTimeout(() => this.terminate(), CLOSE_MS).unref();
      if (isTooLarge) this.send(errorFrame(new AppError('TOO_LARGE')));
    }
    if (isTooLarge) super.close(errorCatalogue.TOO_LARGE.close ?? undefined, 'TOO_LARGE');
    else super.close(code, reason);
  }
}
