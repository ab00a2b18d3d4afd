// Owns the words of the JSON sockets: how a frame in is read, how answers and messages are written. Does not own what they do.
import {
  type AppError,
  editInputSchema,
  limits,
  type Message,
  messageIdSchema,
  opaqueIdSchema,
} from '@parley/shared';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { toAppError } from '../../trpc/index.js';

/** However it is encoded. */
const MAX_RECEIVER_CHARACTERS = limits.usernameCharacters.value * 4;

const idSchema = messageIdSchema.nullish();

/** What is sent into a conversation. Keys that nobody knows are passed over: clients send more than is asked for. */
export const conversationFrameSchema = z.object({
  message: editInputSchema.shape.text,
  id: idSchema,
  recipient_id: opaqueIdSchema.nullish(),
});

/** What is sent to somebody, by their username or their id. */
export const directFrameSchema = conversationFrameSchema
  .pick({ message: true, id: true })
  .extend({ receiver: z.string().min(1).max(MAX_RECEIVER_CHARACTERS) });

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The value that a frame holds. Throws INVALID_INPUT for one that is no JSON text. */
export const readJson = (data: Buffer, isBinary: boolean): unknown => {
  try {
    if (isBinary) throw new TypeError('frames are text');
    return JSON.parse(utf8.decode(data));
  } catch (cause) {
    throw toAppError(new TRPCError({ code: 'PARSE_ERROR', cause }));
  }
};

/** The same value as what is asked for. Throws INVALID_INPUT, naming the fields. */
export const readAs = <Frame>(schema: z.ZodType<Frame>, value: unknown): Frame => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw toAppError(new TRPCError({ code: 'BAD_REQUEST', cause: read.error }));
};

const withId = z.object({ id: messageIdSchema });

/** What somebody is told whose frame was refused; with its id, where it had one. */
export const errorFrame = ({ code, message, details }: AppError, value?: unknown): string => {
  const { fields, retryAfterSeconds } = details;
  const frame = withId.safeParse(value);
  return JSON.stringify({
    error: {
      ...{ code, message },
      ...(fields === undefined ? {} : { fields }),
      ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
    },
    ...(frame.success ? { id: frame.data.id } : {}),
  });
};

/** What somebody is told whose frame was carried out. */
export const doneFrame = (id: string): string => JSON.stringify({ ok: true, id });

/** A message as it is told; null for what nobody said: what the server notes, and what was taken back. */
export const messageFrame = (message: Message): string | null => {
  if (message.system !== null || message.deletedAt !== null) return null;
  const { id, username } = message.author;
  const [file] = message.files;
  return JSON.stringify({
    message: message.text,
    sender: { id, username },
    id: message.id,
    conversation_id: message.conversationId,
    seq: message.seq,
    timestamp: message.receivedAt,
    ...(file === undefined
      ? {}
      : { file: { id: file.id, name: file.name, size: file.size, type: file.type } }),
  });
};
