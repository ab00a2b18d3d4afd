import { Binary, BSONRegExp, BSONSymbol, Code, ObjectId, Timestamp } from 'bson';
import type { Collation } from './collation.js';
import { appendNumberKey } from './number-key.js';
import { type BsonObject, isObject, TAG, tagOf } from './values.js';

/** Ends an embedded document or array; lower than every type tag, so that a prefix sorts before what extends it. */
const END = 0x00;
/** A zero byte inside a string is written as 00 FF, which sorts after the terminator 00 00. */
const ESCAPED_ZERO = 0xff;
const DATE_BIAS = 1n << 63n;

/**
 * Builds index keys: bytes whose unsigned order is MongoDB's order of the values, and where no value's bytes are the
 * beginning of another's, so that the fields of a compound key can simply follow each other.
 */
export class KeyWriter {
  private buffer = Buffer.allocUnsafe(256);
  private length = 0;
  private collation: Collation | undefined;

  reset(): void {
    this.length = 0;
  }

  /** A copy of what was written; the writer can be reused. */
  take(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }

  /**
   * Append one field of a key. `descending` inverts its bytes, which reverses its order. Under a collation texts are folded:
   * equal ones get equal bytes, but the bytes no longer have their order.
   */
  append(value: unknown, descending = false, collation?: Collation): void {
    const start = this.length;
    this.collation = collation;
    this.value(value);
    if (!descending) return;
    for (let i = start; i < this.length; i++) this.buffer.writeUInt8(~this.buffer.readUInt8(i) & 0xff, i);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  private readonly bytes = (source: Uint8Array): void => {
    this.reserve(source.length);
    this.buffer.set(source, this.length);
    this.length += source.length;
  };

  private text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    let from = 0;
    for (let zero = bytes.indexOf(0); zero !== -1; zero = bytes.indexOf(0, from)) {
      this.bytes(bytes.subarray(from, zero + 1));
      this.byte(ESCAPED_ZERO);
      from = zero + 1;
    }
    this.bytes(bytes.subarray(from));
    this.byte(0);
    this.byte(0);
  }

  private foldedText(value: string): void {
    this.text(this.collation ? this.collation.fold(value) : value);
  }

  private value(value: unknown): void {
    const tag = tagOf(value);
    this.byte(tag);
    if (tag === TAG.number) appendNumberKey(value, this.bytes);
    else if (typeof value === 'string') this.foldedText(value);
    else if (typeof value === 'boolean') this.byte(value ? 1 : 0);
    else if (value instanceof ObjectId) this.bytes(value.id);
    else if (value instanceof Date) this.unsigned(BigInt.asUintN(64, BigInt(dateMs(value)) + DATE_BIAS));
    else if (Array.isArray(value)) this.array(value);
    else if (isObject(value)) this.object(value);
    else this.rareValue(value);
  }

  private rareValue(value: unknown): void {
    if (value instanceof Binary) {
      this.binary(value.sub_type, value.buffer.subarray(0, value.position));
    } else if (value instanceof Uint8Array) {
      this.binary(0, value);
    } else if (value instanceof Timestamp) {
      this.unsigned(BigInt.asUintN(64, value.toBigInt()));
    } else if (value instanceof BSONRegExp) {
      this.text(value.pattern);
      this.text(value.options);
    } else if (value instanceof RegExp) {
      this.text(value.source);
      this.text(value.flags);
    } else if (value instanceof BSONSymbol) {
      this.foldedText(value.value);
    } else if (value instanceof Code) {
      this.text(value.code);
      if (value.scope) this.object(value.scope);
    }
  }

  private binary(subType: number, bytes: Uint8Array): void {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes.length);
    head.writeUInt8(subType, 4);
    this.bytes(head);
    this.bytes(bytes);
  }

  private unsigned(value: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    this.bytes(bytes);
  }

  private array(values: readonly unknown[]): void {
    for (const value of values) this.value(value);
    this.byte(END);
  }

  private object(object: BsonObject): void {
    for (const field of Object.keys(object)) {
      // MongoDB compares the type of a field before its name, and the name before the value.
      this.byte(tagOf(object[field]));
      this.text(field);
      this.value(object[field]);
    }
    this.byte(END);
  }
}

function dateMs(date: Date): number {
  const ms = date.getTime();
  return Number.isNaN(ms) ? 0 : ms;
}

const shared = new KeyWriter();

/** The key of one value on its own. */
export function encodeValue(value: unknown, descending = false, collation?: Collation): Buffer {
  shared.reset();
  shared.append(value, descending, collation);
  return shared.take();
}
