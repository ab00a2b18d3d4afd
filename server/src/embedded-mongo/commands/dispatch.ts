import { decodeTyped, encodeDocument } from '../bson/raw.js';
import type { BsonObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { assertDatabaseName } from '../storage/catalogue.js';
import type { CommandContext, CommandReply } from './command.js';
import { BULK_FIELDS, handlerOf } from './registry.js';
import { type CommandRequest, requiredArray } from './request.js';

/** A command on its way in: its encoded body, and the document sequences that came beside it. */
export interface IncomingCommand {
  readonly body: Buffer;
  readonly sequences: ReadonlyMap<string, Buffer[]>;
  /** Only the old handshake message names the database outside the body. */
  readonly database?: string;
}

/** Run one command and encode its answer; whatever goes wrong becomes an error reply. */
export async function runCommand(incoming: IncomingCommand, context: CommandContext): Promise<Buffer> {
  try {
    const request = readRequest(incoming);
    const opId = context.server.begin(request, context);
    try {
      return encodeReply(await handlerOf(request)(request, context));
    } finally {
      context.server.end(opId);
    }
  } catch (error) {
    return encodeDocument(errorReply(error));
  }
}

function readRequest(incoming: IncomingCommand): CommandRequest {
  const first = firstFieldName(incoming.body);
  const bulkField = BULK_FIELDS.get(first);
  const body = decodeTyped(incoming.body, bulkField);
  const database = incoming.database ?? body.$db;
  if (typeof database !== 'string')
    throw new StoreError('FailedToParse', 'The command names no database ($db)');
  assertDatabaseName(database);
  return { name: first, database, body, documents: bulkDocuments(bulkField, body, incoming.sequences) };
}

/** The name of the command, which decides how the rest is decoded. */
function firstFieldName(body: Buffer): string {
  const end = body.indexOf(0, 5);
  return end === -1 ? '' : body.toString('utf8', 5, end);
}

function bulkDocuments(
  field: string | undefined,
  body: BsonObject,
  sequences: ReadonlyMap<string, Buffer[]>,
): Buffer[] {
  if (field === undefined) return [];
  const sequence = sequences.get(field);
  if (sequence) return sequence;
  if (body.help === true) return [];
  return requiredArray(body, field).map((bytes) => {
    if (!(bytes instanceof Uint8Array))
      throw new StoreError('TypeMismatch', `'${field}' must hold documents`);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  });
}

function encodeReply(reply: CommandReply): Buffer {
  return Buffer.isBuffer(reply) ? reply : encodeDocument({ ...reply, ok: 1 });
}

/** MongoDB's error reply. An error nobody foresaw is reported as InternalError with its message. */
export function errorReply(error: unknown): BsonObject {
  if (error instanceof StoreError) {
    return { ok: 0, errmsg: error.message, code: error.code, codeName: error.codeName, ...error.extra };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { ok: 0, errmsg: message, code: 1, codeName: 'InternalError' };
}
