/**
 * Owns: taking numbers and strings out of bytes a stranger sent, without ever believing them: no read passes the end,
 * no count is trusted that the bytes left could not hold.
 * Does not own: nested values (`value-reader.ts`), nor what the bytes mean as a Yjs update (`decode-update.ts`).
 */

/** The rule the bytes broke; stable words for logs and tests. The guard answers all of them with one refusal. */
export type MalformedReason =
  | 'truncated'
  | 'number-too-large'
  | 'number-padded'
  | 'count-not-backed'
  | 'invalid-utf8'
  | 'invalid-json'
  | 'unknown-value'
  | 'forbidden-key'
  | 'too-deep'
  | 'too-many-values'
  | 'too-many-structs'
  | 'too-many-deletes'
  | 'client-id-too-large'
  | 'clock-too-large'
  | 'client-order'
  | 'empty-block'
  | 'empty-struct'
  | 'empty-delete'
  | 'struct-flags'
  | 'reference-ahead'
  | 'unknown-parent'
  | 'unknown-content'
  | 'unknown-type'
  | 'subdocument-options'
  | 'trailing-bytes';

/** Thrown for bytes that are no legal update: the only thing decoding ever throws. Says which rule broke and where. */
export class MalformedUpdate extends Error {
  readonly reason: MalformedReason;
  /** Where in the bytes reading stood; near the fault, not always on it. */
  readonly offset: number;

  constructor(reason: MalformedReason, offset: number) {
    super(`Malformed update: ${reason} at byte ${offset}`);
    this.name = 'MalformedUpdate';
    this.reason = reason;
    this.offset = offset;
  }
}

/** The place value of the eighth and last byte a number up to 2^53 - 1 can need. */
const LAST_BYTE_SCALE = 2 ** 49;

/** Up to here a string of plain ASCII is put together by hand, which beats the decoder's call; longer ones go to the decoder. */
const SHORT_STRING_BYTES = 24;

/** The same settings as lib0's own decoder: broken UTF-8 is an error, a byte order mark is a character like others. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads lib0's encodings forward, once, from untrusted bytes. Whatever it returns was paid for by bytes; views share the
 * caller's memory. Every failure is a `MalformedUpdate`. Stricter than lib0, which takes a number spelled with more bytes
 * than it needs (and turns a very long one into NaN) and reads a missing signed number as 0.
 * Source: lib0 0.2.120, decoding.js.
 */
export class BoundedReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;
  #dataView: DataView | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length;
  }

  /** The error to throw for a rule broken here. */
  fault(reason: MalformedReason): MalformedUpdate {
    return new MalformedUpdate(reason, this.#at);
  }

  /** Bytes not read yet: the most that anything still to come can honestly claim. */
  get left(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.fault('truncated');
    this.#at += 1;
    return byte;
  }

  /** An unsigned number up to 2^53 - 1 in its one shortest spelling. */
  varUint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.#continued(first & 0x7f, 0x80);
  }

  /**
   * How many elements follow. Refused before anything is looped or allocated when the bytes left could not hold them;
   * `minBytes` is what the smallest possible element costs.
   */
  count(minBytes: number): number {
    const count = this.varUint();
    if (count * minBytes > this.left) throw this.fault('count-not-backed');
    return count;
  }

  /** The next bytes behind their length: a view of the caller's memory, not a copy. */
  view(): Uint8Array {
    const length = this.count(1);
    const start = this.#at;
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** A string behind its length in bytes; broken UTF-8 is refused, never patched. */
  text(): string {
    const length = this.count(1);
    const start = this.#at;
    if (length <= SHORT_STRING_BYTES) {
      const text = this.#shortAscii(start, start + length);
      if (text !== null) return text;
    }
    this.#at = start + length;
    try {
      return utf8.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw this.fault('invalid-utf8');
    }
  }

  /** A signed number: six bits and the sign in the first byte, seven in each that follows; minus zero is a value of its own. */
  varInt(): number {
    const first = this.byte();
    const size = first < 0x80 ? first & 0x3f : this.#continued(first & 0x3f, 0x40);
    return (first & 0x40) === 0 ? size : -size;
  }

  float32(): number {
    return this.#numbers(4).getFloat32(this.#at - 4);
  }

  float64(): number {
    return this.#numbers(8).getFloat64(this.#at - 8);
  }

  bigInt64(): bigint {
    return this.#numbers(8).getBigInt64(this.#at - 8);
  }

  #continued(low: number, firstScale: number): number {
    let value = low;
    let scale = firstScale;
    let byte: number;
    do {
      if (scale > LAST_BYTE_SCALE) throw this.fault('number-too-large');
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    if (value > Number.MAX_SAFE_INTEGER) throw this.fault('number-too-large');
    if (byte === 0) throw this.fault('number-padded');
    return value;
  }

  #numbers(bytes: number): DataView {
    if (this.left < bytes) throw this.fault('truncated');
    this.#at += bytes;
    this.#dataView ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#end);
    return this.#dataView;
  }

  #shortAscii(start: number, end: number): string | null {
    let text = '';
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at];
      if (byte === undefined || byte >= 0x80) return null;
      text += String.fromCharCode(byte);
    }
    this.#at = end;
    return text;
  }
}
