import {
  AppError,
  type FileInfo,
  type FilesUsage,
  type fileRefSchema,
  type filesListInputSchema,
  type fileTicketInputSchema,
  type fileTicketSchema,
  limits,
  newId,
  type UploadedFile,
} from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import type { Actor } from '../../trpc/index.js';
import { type FilesOf, filesOf } from './attachments.js';
import { collectFiles } from './collect.js';
import { createDownloads, type Downloads } from './downloads.js';
import { type FileRow, newBytesId, WAITING } from './file.model.js';
import { signFile } from './file-token.js';
import type { FilesParts } from './parts.js';
import { insertWithinQuota, usageOf } from './quota.js';
import { findReadable, isWhole } from './readable.js';
import { collectStored, markRemoving, removeMarked } from './remove-file.js';
import { type Incoming, Uploads } from './uploads.js';

type TicketInput = z.output<typeof fileTicketInputSchema>;
type Ticket = z.output<typeof fileTicketSchema>;
type ListInput = z.output<typeof filesListInputSchema>;
type FileRef = z.output<typeof fileRefSchema>;

export interface FilesService {
  /** Keeps a place for a file, by somebody who may write there. See `insertWithinQuota` for what speaks against it. */
  ticket(actor: Actor, input: TicketInput): Promise<Ticket>;
  /** See `Uploads.receive`. */
  receive(ticket: string, incoming: Incoming): Promise<UploadedFile>;
  /** Both at once, for bytes that are here already: whole, or nothing of them. */
  put(actor: Actor, input: TicketInput, parts: AsyncIterable<Uint8Array>): Promise<UploadedFile>;
  /** NOT_FOUND for whoever may not see the message it is in, or whose it is not while it is in none; EXPIRED when its time is over. */
  get(actor: Actor, ref: FileRef): Promise<FileInfo>;
  /** Files in messages of the conversation, newest first. */
  list(actor: Actor, input: ListInput): Promise<{ items: FileInfo[]; nextCursor: string | null }>;
  /** One's own, while it is in no message: CONFLICT then. */
  delete(actor: Actor, ref: FileRef): Promise<void>;
  usage(actor: Actor): Promise<FilesUsage>;
  readonly downloads: Downloads;
  /** Nobody sees them any more once it resolves; their bytes go soon after. May be repeated. */
  removeFiles(which: FilesOf): Promise<void>;
  /** Looks after files whose time has come, a bounded number of them; whether there may be more. */
  collect(): Promise<boolean>;
}

const HOUR_MS = 3_600_000;
const LIST = 'files';
const place = z.tuple([z.number().int().min(0), z.string().min(1).max(64)]);

export const createFilesService = (parts: FilesParts): FilesService => {
  const uploads = new Uploads(parts);
  return {
    ticket: async (actor, input) => {
      const { signed, ...told } = await ticket(parts, actor, input);
      return { ...told, url: `/files/${signed}` };
    },
    receive: (signed, incoming) => uploads.receive(signed, incoming),
    put: async (actor, input, bytes) => {
      const { fileId, signed } = await ticket(parts, actor, input);
      try {
        return await uploads.receive(signed, { declaredBytes: input.size, parts: bytes });
      } catch (error) {
        // Where that fails too, the ticket is over by itself soon.
        await deleteFile(parts, actor, { fileId }).catch(() => undefined);
        throw error;
      }
    },
    get: async (actor, { fileId }) => await toFile(parts, await findReadable(parts, fileId, actor.userId)),
    list: (actor, input) => list(parts, actor, input),
    delete: (actor, ref) => deleteFile(parts, actor, ref),
    usage: ({ userId }) => usageOf(parts, userId),
    downloads: createDownloads(parts),
    removeFiles: async (which) => {
      if (await markRemoving(parts, filesOf(which))) parts.removed();
    },
    collect: () => collectFiles(parts),
  };
};

/** `signed`: what lets somebody put the bytes. */
type SignedTicket = Omit<Ticket, 'url'> & { readonly signed: string };

const ticket = async (parts: FilesParts, { userId }: Actor, input: TicketInput): Promise<SignedTicket> => {
  const { conversationId, name, size, expiresInHours } = input;
  const { mayWrite } = await parts.conversations.getAccess(conversationId, userId);
  if (!mayWrite) throw new AppError('FORBIDDEN');
  if (size > parts.fileBytes) throw new AppError('TOO_LARGE');
  const now = new Date();
  const waiting = await parts.files
    .countDocuments({ conversation: conversationId, state: { $in: [...WAITING] } })
    .limit(limits.filesWaitingPerConversation.value);
  if (waiting >= limits.filesWaitingPerConversation.value)
    throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds: 60 } });
  const expiresAt = new Date(now.getTime() + limits.uploadTicketMs.value);
  const row: FileRow = {
    ...{ _id: newId(), owner: userId, conversation: conversationId, name, size, state: 'ticket' },
    ...{ type: null, sha256: null, image: null, bytes: newBytesId(), thumbnail: newBytesId() },
    ...{ message: null, seq: null, createdAt: now, dueAt: expiresAt },
    expiresAt: expiresInHours === undefined ? null : new Date(now.getTime() + expiresInHours * HOUR_MS),
  };
  await insertWithinQuota(parts, row);
  const signed = signFile(row._id, { purpose: 'upload', expiresAt, key: parts.key });
  return { fileId: row._id, signed, expiresAt };
};

const list = async (parts: FilesParts, { userId }: Actor, input: ListInput) => {
  const { conversationId: conversation, cursor, limit } = input;
  const after = cursor === undefined ? null : decodeCursor(LIST, place, cursor);
  const { sinceSeq } = await parts.conversations.getAccess(conversation, userId);
  await parts.live.settled(conversation);
  const seq = { $gt: sinceSeq, ...(after === null ? {} : { $lte: after[0] }) };
  const behind = after === null ? {} : { $or: [{ seq: { $lt: after[0] } }, { _id: { $lt: after[1] } }] };
  const found = await parts.files
    .find({ conversation, state: 'attached', seq, ...behind })
    .sort({ seq: -1, _id: -1 })
    .limit(limit + 1)
    .lean<FileRow[]>();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last.seq ?? 0, last._id]);
  return { items: await toFiles(parts, rows), nextCursor };
};

const deleteFile = async (parts: FilesParts, { userId }: Actor, { fileId }: FileRef): Promise<void> => {
  const unread = await parts.files.findById(fileId).lean<FileRow>();
  if (unread !== null && !isWhole(unread) && unread.owner === userId) {
    if (await markRemoving(parts, { _id: fileId, state: 'ticket' })) return await removeMarked(parts, unread);
    // One that is just arriving is removed by its upload.
    if (await markRemoving(parts, { _id: fileId, state: 'uploading' })) return;
  }
  const row = await findReadable(parts, fileId, userId);
  if (row.owner !== userId) throw new AppError('FORBIDDEN');
  if (row.message !== null) throw goesWithMessage();
  await collectStored(parts, row).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'CONFLICT' ? goesWithMessage() : error;
  });
};

const goesWithMessage = (): AppError =>
  new AppError('CONFLICT', { details: { fields: { fileId: ['goes with its message'] } } });

const toFile = async (parts: FilesParts, row: FileRow): Promise<FileInfo> => {
  const [file] = await toFiles(parts, [row]);
  if (file === undefined) throw new TypeError('a row must be shown');
  return file;
};

/** In the same order; the names come in one query. */
const toFiles = async ({ users, key }: FilesParts, rows: readonly FileRow[]): Promise<FileInfo[]> => {
  const people = await users.people(rows.map(({ owner }) => owner));
  const urlExpiresAt = new Date(Date.now() + limits.fileLinkMs.value);
  return rows.map((row) => {
    const { _id: id, name, size, type, sha256, image, owner } = row;
    const signature = signFile(id, { purpose: 'download', expiresAt: urlExpiresAt, key });
    const hasThumbnail = image?.thumbnail === true;
    return {
      ...{ id, name, size, type: type ?? '', sha256: sha256 ?? '', image },
      ...{ conversationId: row.conversation, messageId: row.message },
      owner: people.get(owner) ?? { id: owner, username: null, name: '' },
      ...{ createdAt: row.createdAt, expiresAt: row.expiresAt, urlExpiresAt },
      url: `/files/${id}?signature=${signature}`,
      thumbnailUrl: hasThumbnail ? `/files/${id}/thumbnail?signature=${signature}` : null,
    };
  });
};
