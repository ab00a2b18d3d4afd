// Owns what is found out about bytes as they pass: how many, their checksum, and what they look like. Keeps only their beginning.
import { createHash } from 'node:crypto';
import { AppError } from '@parley/shared';
import { fileTypeFromBuffer } from 'file-type';

/** Enough for every format that is told by its beginning, and for the first entries of an archive. */
const HEAD_BYTES = 16 * 1024;
const PLAIN = 'text/plain';
const UNKNOWN = 'application/octet-stream';

export class Measure {
  readonly #size: number;
  readonly #hash = createHash('sha256');
  readonly #head: Uint8Array[] = [];
  #headBytes = 0;
  #bytes = 0;
  /** Null once it cannot be text any more. */
  #decoder: InstanceType<typeof TextDecoder> | null = new TextDecoder('utf-8', { fatal: true });

  /** `size`: of exactly so many bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Throws TOO_LARGE as soon as there are more than was said. */
  add(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#size) throw new AppError('TOO_LARGE');
    this.#hash.update(part);
    this.#read(part, true);
    if (this.#headBytes >= HEAD_BYTES) return;
    const begin = Uint8Array.prototype.slice.call(part, 0, HEAD_BYTES - this.#headBytes);
    this.#head.push(begin);
    this.#headBytes += begin.length;
  }

  /** To be called once, at the end. Throws INVALID_INPUT where there are fewer bytes than was said. */
  async finish(): Promise<{ readonly type: string; readonly sha256: string }> {
    if (this.#bytes < this.#size)
      throw new AppError('INVALID_INPUT', {
        details: { fields: { body: ['is shorter than its ticket says'] } },
      });
    this.#read(new Uint8Array(), false);
    const found = await sniff(Buffer.concat(this.#head));
    const type = found ?? (this.#decoder === null ? UNKNOWN : PLAIN);
    return { type, sha256: this.#hash.digest('hex') };
  }

  /** Whether it is text all through: UTF-8 without NUL. */
  #read(part: Uint8Array, stream: boolean): void {
    try {
      this.#decoder?.decode(part, { stream });
      if (part.includes(0)) this.#decoder = null;
    } catch {
      this.#decoder = null; // Not UTF-8: no text.
    }
  }
}

/** Without parameters, which say nothing that anybody here needs. */
const sniff = async (head: Uint8Array): Promise<string | null> => {
  try {
    return (await fileTypeFromBuffer(head))?.mime.split(';', 1)[0]?.trim() ?? null;
  } catch {
    return null; // It looks like a format, and then does not hold to it.
  }
};
