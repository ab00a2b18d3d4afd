import { z } from 'zod';
import { BadBytes, ByteReader, ByteWriter } from './bytes.js';

/** Raised when a change would break clients in the field. */
export const PROTOCOL_VERSION = 1;

/** First byte(s) of a frame. 0 to 3 are y-websocket's; the rest go only to clients that asked with `ack=1`. */
export const frameTypes = {
  sync: 0,
  awareness: 1,
  auth: 2,
  queryAwareness: 3,
  stored: 100,
  refused: 101,
  notice: 102,
} as const;

/** What follows in a sync frame (y-protocols/sync). */
export const syncSteps = { stateVector: 0, reply: 1, update: 2 } as const;

/** Names in the query of a sync URL. */
export const syncParams = { token: 'token', acks: 'ack', generation: 'generation' } as const;

/** The path under which documents are synced: `/sync/<document id>`. */
export const SYNC_PATH = '/sync/';

/**
 * Tells the sender of its `nth` frame with an update on this connection (counted from 1, replies to a state
 * vector included) that it was refused as a whole. `messages`: ids of chat messages in it, where they could be read.
 */
export const refusalSchema = z.object({
  nth: z.number().int().min(1),
  code: z.string(),
  rule: z.string().optional(),
  reason: z.string(),
  messages: z.array(z.string()),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** What one may do in a document; `admin` may also remove what others wrote. */
const documentAccessSchema = z.enum(['read', 'write', 'admin']);
export type DocumentAccess = z.infer<typeof documentAccessSchema>;

/**
 * What the server tells beside the document. `welcome`: the document's generation and what one may do in it; first on every
 * connection, and again when what one may do changes (a server that does not tell leaves `access` out).
 * `sequenced`: these messages are in history, `ids[i]` as number `seqs[i]`; seqs ascend.
 * `changed`: these were edited, deleted or reacted to; whoever shows them from history reads them again.
 */
export const noticeSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    generation: z.number().int().min(1),
    protocol: z.number().int(),
    access: documentAccessSchema.optional(),
  }),
  z.object({
    type: z.literal('sequenced'),
    ids: z.array(z.string()),
    seqs: z.array(z.number().int().min(1)),
  }),
  z.object({ type: z.literal('changed'), ids: z.array(z.string()) }),
]);
export type Notice = z.infer<typeof noticeSchema>;

const noticeTypes: ReadonlySet<string> = new Set(noticeSchema.options.map(({ shape }) => shape.type.value));
/** A notice that this version does not know: null, so that an older end goes on without it. */
const unknownNoticeSchema = z
  .object({ type: z.string().refine((type) => !noticeTypes.has(type)) })
  .transform(() => null);
const anyNoticeSchema = z.union([noticeSchema, unknownNoticeSchema]);

export type SyncFrame =
  | { readonly type: 'stateVector' | 'reply' | 'update'; readonly bytes: Uint8Array }
  | { readonly type: 'awareness'; readonly bytes: Uint8Array }
  | { readonly type: 'queryAwareness' }
  | { readonly type: 'denied'; readonly reason: string }
  | { readonly type: 'stored'; readonly upTo: number }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'unknown'; readonly frameType: number };

/**
 * Reads one frame of either direction; parts are views into the input. Throws `BadBytes` for anything that is not
 * whole. A type nobody knows yet is `unknown`, so that older ends stay connected.
 */
export const decodeFrame = (bytes: Uint8Array): SyncFrame => {
  const reader = new ByteReader(bytes);
  const frame = readFrame(reader);
  if (frame.type !== 'unknown') reader.end();
  return frame;
};

const readFrame = (reader: ByteReader): SyncFrame => {
  const frameType = reader.varUint();
  switch (frameType) {
    case frameTypes.sync:
      return { type: readSyncStep(reader), bytes: reader.varBytes() };
    case frameTypes.awareness:
      return { type: 'awareness', bytes: reader.varBytes() };
    case frameTypes.queryAwareness:
      return { type: 'queryAwareness' };
    case frameTypes.auth:
      reader.varUint();
      return { type: 'denied', reason: reader.varString() };
    case frameTypes.stored:
      return { type: 'stored', upTo: reader.varUint() };
    case frameTypes.refused:
      return { type: 'refused', refusal: readJson(reader, refusalSchema) };
    case frameTypes.notice: {
      const notice = readJson(reader, anyNoticeSchema);
      return notice === null ? { type: 'unknown', frameType } : { type: 'notice', notice };
    }
    default:
      return { type: 'unknown', frameType };
  }
};

const readSyncStep = (reader: ByteReader): 'stateVector' | 'reply' | 'update' => {
  const step = reader.varUint();
  if (step === syncSteps.stateVector) return 'stateVector';
  if (step === syncSteps.reply) return 'reply';
  if (step === syncSteps.update) return 'update';
  throw new BadBytes('an unknown step of the sync protocol');
};

const readJson = <T>(reader: ByteReader, schema: z.ZodType<T>): T => {
  const text = reader.varString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadBytes('a text is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new BadBytes('a JSON value has another shape');
  return parsed.data;
};

type Bytes = Uint8Array<ArrayBuffer>;

/** Asks the other end for what a holder of this state vector lacks. */
export const encodeStateVector = (bytes: Uint8Array): Bytes => encodeSync(syncSteps.stateVector, bytes);
/** Answers a state vector. */
export const encodeReply = (bytes: Uint8Array): Bytes => encodeSync(syncSteps.reply, bytes);
export const encodeUpdate = (bytes: Uint8Array): Bytes => encodeSync(syncSteps.update, bytes);

const encodeSync = (step: number, bytes: Uint8Array): Bytes =>
  new ByteWriter().varUint(frameTypes.sync).varUint(step).varBytes(bytes).finish();

export const encodeAwareness = (bytes: Uint8Array): Bytes =>
  new ByteWriter().varUint(frameTypes.awareness).varBytes(bytes).finish();

export const encodeQueryAwareness = (): Bytes => new ByteWriter().varUint(frameTypes.queryAwareness).finish();

/** Everything up to the sender's `upTo`-th update frame on this connection has been stored or refused. */
export const encodeStored = (upTo: number): Bytes =>
  new ByteWriter().varUint(frameTypes.stored).varUint(upTo).finish();

export const encodeRefused = (refusal: Refusal): Bytes =>
  new ByteWriter().varUint(frameTypes.refused).varString(JSON.stringify(refusal)).finish();

export const encodeNotice = (notice: Notice): Bytes =>
  new ByteWriter().varUint(frameTypes.notice).varString(JSON.stringify(notice)).finish();
