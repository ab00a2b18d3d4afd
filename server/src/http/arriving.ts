// Owns how the body of a long request is read: in its turn, for so long, and what becomes of a body that nobody wants.
import type { IncomingMessage } from 'node:http';
import { AppError, limits } from '@parley/shared';

/**
 * The parts of a body as they arrive; the next is read once the last was taken. EXPIRED where nothing comes for `stallMs`, or it takes too
 * long in all; INVALID_INPUT where it breaks off. Leaves the request open, so that it can be answered.
 */
export async function* arriving(request: IncomingMessage, stallMs: number): AsyncGenerator<Uint8Array> {
  const overAt = Date.now() + limits.uploadMs.value;
  const parts: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await arrivesIn(parts.next(), Math.min(stallMs, overAt - Date.now()));
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Lets go of the request, at once or when its next part comes: what is left of it can be read away.
    parts.return?.().catch(() => undefined);
  }
}

const arrivesIn = async <T>(arrival: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const fields = { body: ['did not arrive in time'] };
    // A turn later: what arrived while the process was busy is read before that.
    const end = (): void => reject(new AppError('EXPIRED', { details: { fields } }));
    timer = setTimeout(() => setImmediate(end), ms);
  });
  const arrived = arrival.catch((cause: unknown) => {
    throw new AppError('INVALID_INPUT', { cause, details: { fields: { body: ['broke off'] } } });
  });
  try {
    return await Promise.race([arrived, tooLate]);
  } finally {
    clearTimeout(timer);
    arrived.catch(() => undefined);
  }
};

/** Whoever still sends hears the answer only after that: so much is read and thrown away, or for so long. */
const LINGER_BYTES = 4 * 1024 * 1024;
const LINGER_MS = 2_000;

/** Nobody wants the rest of the body: what is little is read away, so that the answer is heard; else the connection ends. */
export const lingerOver = (request: IncomingMessage): void => {
  if (request.complete || request.destroyed) return;
  let left = LINGER_BYTES;
  const end = (): void => {
    request.socket.destroy();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.on('data', (part: Uint8Array) => {
    left -= part.length;
    if (left < 0) end();
  });
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
  request.once('error', () => clearTimeout(timer));
  request.resume();
};
