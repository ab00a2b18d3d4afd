import { documentLength } from '../bson/raw.js';
import { StoreError } from '../errors.js';
import { HEADER_BYTES, OPCODE } from './frames.js';

const REPLY_PREFIX_BYTES = 20;
const FLAG_AWAIT_CAPABLE = 8;

/** The old query message, which drivers still use for the very first handshake. */
export interface OpQuery {
  readonly database: string;
  readonly body: Buffer;
}

/** Parse an OP_QUERY frame on a `$cmd` collection. Refuses anything else with ProtocolError. */
export function parseOpQuery(frame: Buffer): OpQuery {
  const nameStart = HEADER_BYTES + 4;
  const nameEnd = frame.indexOf(0, nameStart);
  const queryStart = nameEnd + 1 + 8;
  if (nameEnd === -1 || queryStart >= frame.length)
    throw new StoreError('ProtocolError', 'Malformed OP_QUERY');
  const namespace = frame.toString('utf8', nameStart, nameEnd);
  if (!namespace.endsWith('.$cmd'))
    throw new StoreError('ProtocolError', 'OP_QUERY is only accepted for commands');
  const length = documentLength(frame, queryStart);
  return {
    database: namespace.slice(0, -'.$cmd'.length),
    body: frame.subarray(queryStart, queryStart + length),
  };
}

/** Wrap the answer to an OP_QUERY. */
export function encodeOpReply(requestId: number, responseTo: number, body: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + REPLY_PREFIX_BYTES + body.length);
  frame.writeInt32LE(frame.length, 0);
  frame.writeInt32LE(requestId, 4);
  frame.writeInt32LE(responseTo, 8);
  frame.writeInt32LE(OPCODE.reply, 12);
  frame.writeInt32LE(FLAG_AWAIT_CAPABLE, 16);
  frame.writeInt32LE(1, 32);
  frame.set(body, HEADER_BYTES + REPLY_PREFIX_BYTES);
  return frame;
}
