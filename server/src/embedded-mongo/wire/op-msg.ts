import { documentLength } from '../bson/raw.js';
import { StoreError } from '../errors.js';
import { crc32c } from './crc32c.js';
import { HEADER_BYTES, OPCODE } from './frames.js';

const FLAG_CHECKSUM = 1;
const FLAG_MORE_TO_COME = 2;
/** The lower half of the flags must be understood or refused; the upper half may be ignored. */
const REQUIRED_FLAGS = 0xffff;
const CHECKSUM_BYTES = 4;
const FLAGS_BYTES = 4;

/** An OP_MSG with its documents still as bytes. */
export interface OpMsg {
  readonly body: Buffer;
  /** Document sequences by name, for example `documents` of an insert. */
  readonly sequences: ReadonlyMap<string, Buffer[]>;
  /** The client expects no answer. */
  readonly moreToCome: boolean;
}

/** Parse a whole OP_MSG frame. Refuses anything malformed with ProtocolError or InvalidBSON. */
export function parseOpMsg(frame: Buffer): OpMsg {
  if (frame.length < HEADER_BYTES + FLAGS_BYTES) throw malformed('it has no flags');
  const flags = frame.readUInt32LE(HEADER_BYTES);
  if ((flags & REQUIRED_FLAGS & ~(FLAG_CHECKSUM | FLAG_MORE_TO_COME)) !== 0) throw malformed('unknown flags');
  const end = (flags & FLAG_CHECKSUM) === 0 ? frame.length : checkedEnd(frame);
  const sequences = new Map<string, Buffer[]>();
  let body: Buffer | undefined;
  let at = HEADER_BYTES + FLAGS_BYTES;
  while (at < end) {
    const kind = frame.readUInt8(at);
    const content = frame.subarray(at + 1, end);
    if (kind === 0) {
      if (body) throw malformed('it has two bodies');
      body = content.subarray(0, documentLength(content, 0));
      at += 1 + body.length;
    } else if (kind === 1) {
      at += 1 + parseSequence(content, sequences);
    } else {
      throw malformed(`section kind ${kind}`);
    }
  }
  if (!body) throw malformed('it has no body');
  return { body, sequences, moreToCome: (flags & FLAG_MORE_TO_COME) !== 0 };
}

function checkedEnd(frame: Buffer): number {
  const end = frame.length - CHECKSUM_BYTES;
  if (end < HEADER_BYTES + FLAGS_BYTES) throw malformed('it has no room for its checksum');
  if (crc32c(frame.subarray(0, end)) !== frame.readUInt32LE(end)) throw malformed('its checksum is wrong');
  return end;
}

/** Reads one document sequence; returns the bytes it takes. */
function parseSequence(content: Buffer, into: Map<string, Buffer[]>): number {
  const size = content.length >= 4 ? content.readInt32LE(0) : -1;
  if (size < 6 || size > content.length) throw malformed('a document sequence does not fit');
  const section = content.subarray(0, size);
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd === -1) throw malformed('a document sequence has no name');
  const name = section.toString('utf8', 4, nameEnd);
  if (into.has(name)) throw malformed(`two document sequences are called ${name}`);
  const documents: Buffer[] = [];
  let at = nameEnd + 1;
  while (at < size) {
    const length = documentLength(section, at);
    documents.push(section.subarray(at, at + length));
    at += length;
  }
  into.set(name, documents);
  return size;
}

/** Wrap an encoded reply document. */
export function encodeOpMsg(requestId: number, responseTo: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + FLAGS_BYTES + 1 + body.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(requestId, 4);
  frame.writeInt32LE(responseTo, 8);
  frame.writeInt32LE(OPCODE.msg, 12);
  frame.writeUInt32LE(0, 16);
  frame.writeUInt8(0, 20);
  frame.set(body, 21);
  return frame;
}

function malformed(why: string): StoreError {
  return new StoreError('ProtocolError', `Malformed OP_MSG: ${why}`);
}
