import { utf8Decode, utf8Encode } from '../runtime.js';

/** Thrown when bytes end early, claim more than they hold, or hold a number too large to be exact. */
export class BadBytes extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'BadBytes';
  }
}

/** Reads lib0's variable-length encoding, never past the end and never allocating from a claimed length. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** An unsigned number of at most 53 bits. */
  varUint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#bytes[this.#position];
      if (byte === undefined) throw new BadBytes('a number ends early');
      this.#position += 1;
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new BadBytes('a number is too large');
      if (byte < 0x80) return value;
      factor *= 128;
      if (factor > Number.MAX_SAFE_INTEGER) throw new BadBytes('a number is too long');
    }
  }

  /** A length, then that many bytes: a view into the input, not a copy. */
  varBytes(): Uint8Array {
    const length = this.varUint();
    if (length > this.remaining) throw new BadBytes('a length claims more than there is');
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  varString(): string {
    try {
      return utf8Decode(this.varBytes());
    } catch (error) {
      if (error instanceof BadBytes) throw error;
      throw new BadBytes('a text is not UTF-8');
    }
  }

  /** Refuses bytes after the last thing read. */
  end(): void {
    if (this.remaining > 0) throw new BadBytes('bytes are left over');
  }
}

/** Writes what `ByteReader` reads. */
export class ByteWriter {
  readonly #chunks: Uint8Array[] = [];
  #pending: number[] = [];
  #length = 0;

  varUint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.#pending.push((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.#pending.push(rest);
    return this;
  }

  varBytes(bytes: Uint8Array): this {
    this.varUint(bytes.length);
    this.#flush();
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  varString(text: string): this {
    return this.varBytes(utf8Encode(text));
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const whole = new Uint8Array(this.#length);
    let position = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, position);
      position += chunk.length;
    }
    return whole;
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#chunks.push(Uint8Array.from(this.#pending));
    this.#length += this.#pending.length;
    this.#pending = [];
  }
}
