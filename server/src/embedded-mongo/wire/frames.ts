import { StoreError } from '../errors.js';

export const HEADER_BYTES = 16;
/** MongoDB's own limit for one message. */
export const MAX_MESSAGE_BYTES = 48_000_000;

export const OPCODE = { reply: 1, query: 2004, compressed: 2012, msg: 2013 } as const;

export interface MessageHeader {
  readonly length: number;
  readonly requestId: number;
  readonly responseTo: number;
  readonly opCode: number;
}

export function readHeader(frame: Buffer): MessageHeader {
  return {
    length: frame.readInt32LE(0),
    requestId: frame.readInt32LE(4),
    responseTo: frame.readInt32LE(8),
    opCode: frame.readInt32LE(12),
  };
}

/**
 * Cuts a byte stream into whole messages. Keeps only bytes that have arrived: a claimed length is checked against the
 * limits at once and never allocated ahead. After it has thrown, the stream is beyond repair and must be closed.
 */
export class FrameReader {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private expected: number | undefined;

  constructor(private readonly maxBytes = MAX_MESSAGE_BYTES) {}

  /** Take in a chunk; returns the messages it completed. Refuses impossible lengths with ProtocolError. */
  push(chunk: Buffer): Buffer[] {
    this.pending.push(chunk);
    this.pendingBytes += chunk.length;
    const frames: Buffer[] = [];
    for (let frame = this.take(); frame; frame = this.take()) frames.push(frame);
    return frames;
  }

  private take(): Buffer | undefined {
    this.expected ??= this.readLength();
    if (this.expected === undefined || this.pendingBytes < this.expected) return undefined;
    const all = this.join();
    const frame = all.subarray(0, this.expected);
    const rest = all.subarray(this.expected);
    this.pending = rest.length > 0 ? [rest] : [];
    this.pendingBytes = rest.length;
    this.expected = undefined;
    return frame;
  }

  private readLength(): number | undefined {
    if (this.pendingBytes < 4) return undefined;
    const length = this.join().readInt32LE(0);
    if (length < HEADER_BYTES || length > this.maxBytes) {
      throw new StoreError('ProtocolError', `A message of ${length} bytes is outside the limits`);
    }
    return length;
  }

  private join(): Buffer {
    const [only] = this.pending;
    if (this.pending.length === 1 && only) return only;
    const all = Buffer.concat(this.pending, this.pendingBytes);
    this.pending = [all];
    return all;
  }
}
