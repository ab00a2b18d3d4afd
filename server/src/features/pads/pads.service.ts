import {
  AppError,
  type createPadInputSchema,
  limits,
  type Pad,
  type padRefSchema,
  type padsListInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import { isDuplicateKey } from '../../platform/rows.js';
import type { Actor } from '../../trpc/index.js';
import { type ConversationsService, rightsOf } from '../conversations/index.js';
import type { UsersService } from '../users/index.js';
import type { PadModel, PadRow } from './pad.model.js';
import { newPadId } from './pad-id.js';

/** The live documents of pads; the sync engine implements it. */
export interface LivePads {
  /** Closes the document for everybody and removes all that is stored of it; safe to repeat. */
  remove(padId: string): Promise<void>;
}

export interface PadsParts {
  readonly pads: PadModel;
  readonly conversations: ConversationsService;
  readonly users: UsersService;
  readonly live: LivePads;
}

type CreateInput = z.output<typeof createPadInputSchema>;
type ListInput = z.output<typeof padsListInputSchema>;
type PadRef = z.output<typeof padRefSchema>;

export interface PadsService {
  /** An empty pad of the conversation, by a member who may write there. CONFLICT where there are as many as may be. */
  create(actor: Actor, input: CreateInput): Promise<Pad>;
  /** Pads of a conversation, newest first; members only. */
  list(actor: Actor, input: ListInput): Promise<{ items: Pad[]; nextCursor: string | null }>;
  get(actor: Actor, ref: PadRef): Promise<Pad>;
  /** Deletes the pad with all that was in it: one's own, or as an admin anybody's. */
  delete(actor: Actor, ref: PadRef): Promise<void>;
  /** Finishes what an earlier process began to delete. Run before anybody is let in. */
  finishDeletions(): Promise<void>;
}

const LIST = 'pads';
const place = z.tuple([z.string().min(1).max(64)]);

export const createPadsService = (parts: PadsParts): PadsService => ({
  create: (actor, input) => create(parts, actor, input),
  list: (actor, input) => list(parts, actor, input),
  get: async (actor, ref) => await toPad(parts, await getPad(parts, actor, ref)),
  delete: (actor, ref) => deletePad(parts, actor, ref),
  finishDeletions: async () => {
    const unfinished = await parts.pads.find({ deletedAt: { $ne: null } }, { _id: 1 }).lean();
    for (const { _id } of unfinished) await remove(parts, _id);
  },
});

const create = async (parts: PadsParts, { userId }: Actor, input: CreateInput): Promise<Pad> => {
  const { conversationId, title } = input;
  await assertWriter(parts, userId, conversationId);
  for (;;) {
    const taken = await parts.pads.find({ conversation: conversationId }, { slot: 1 }).lean();
    const slot = freeSlot(new Set(taken.map((row) => row.slot)));
    if (slot === null)
      throw new AppError('CONFLICT', {
        details: { fields: { conversationId: ['has as many pads as it may'] } },
      });
    const now = new Date();
    const row: PadRow = {
      ...{ _id: newPadId(conversationId), conversation: conversationId, slot, title },
      ...{ createdBy: userId, createdAt: now, updatedAt: now, deletedAt: null },
    };
    try {
      await parts.pads.insertOne(row);
      return await toPad(parts, row);
    } catch (error) {
      // Somebody took the place meanwhile: there may be another.
      if (!isDuplicateKey(error)) throw error;
    }
  }
};

/** Any that is free: those who make one at the same moment seldom want the same. Null where none is. */
const freeSlot = (taken: ReadonlySet<number>): number | null => {
  const all = Array.from({ length: limits.padsPerConversation.value }, (_, slot) => slot);
  const free = all.filter((slot) => !taken.has(slot));
  return free[Math.floor(Math.random() * free.length)] ?? null;
};

const list = async (parts: PadsParts, { userId }: Actor, input: ListInput) => {
  const { conversationId, cursor, limit } = input;
  const before = cursor === undefined ? {} : { _id: { $lt: decodeCursor(LIST, place, cursor)[0] } };
  await parts.conversations.getAccess(conversationId, userId);
  const found = await parts.pads
    .find({ conversation: conversationId, deletedAt: null, ...before })
    .sort({ _id: -1 })
    .limit(limit + 1)
    .lean();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last._id]);
  return { items: await toPads(parts, rows), nextCursor };
};

/** Throws NOT_FOUND or FORBIDDEN for whoever is not in its conversation. */
const getPad = async ({ pads, conversations }: PadsParts, { userId }: Actor, { id }: PadRef) => {
  const row = await pads.findOne({ _id: id, deletedAt: null }).lean();
  if (row === null) throw new AppError('NOT_FOUND');
  await conversations.getAccess(row.conversation, userId);
  return row;
};

/** From the mark on nobody comes in, whatever happens before the rest is done. */
const deletePad = async (parts: PadsParts, actor: Actor, ref: PadRef): Promise<void> => {
  const row = await getPad(parts, actor, ref);
  const isAdmin = await assertWriter(parts, actor.userId, row.conversation);
  if (row.createdBy !== actor.userId && !isAdmin) throw new AppError('FORBIDDEN');
  await parts.pads.updateOne({ _id: row._id }, { $set: { deletedAt: new Date() } });
  await remove(parts, row._id);
};

const remove = async ({ pads, live }: PadsParts, padId: string): Promise<void> => {
  await live.remove(padId);
  await pads.deleteOne({ _id: padId });
};

/** Throws for whoever may not write in the conversation; tells whether they are an admin there. */
const assertWriter = async (
  { conversations }: PadsParts,
  userId: string,
  conversationId: string,
): Promise<boolean> => {
  const access = rightsOf(await conversations.getAccess(conversationId, userId));
  if (access !== 'write' && access !== 'admin') throw new AppError('FORBIDDEN');
  return access === 'admin';
};

const toPad = async (parts: PadsParts, row: PadRow): Promise<Pad> => {
  const [pad] = await toPads(parts, [row]);
  if (pad === undefined) throw new TypeError('a row must be shown');
  return pad;
};

/** In the same order; the names come in one query. */
const toPads = async ({ users }: PadsParts, rows: readonly PadRow[]): Promise<Pad[]> => {
  const people = await users.people(rows.map((row) => row.createdBy));
  return rows.map(({ _id, conversation, title, createdBy, createdAt, updatedAt }) => ({
    id: _id,
    conversationId: conversation,
    title,
    createdBy: people.get(createdBy) ?? { id: createdBy, username: null, name: '' },
    createdAt,
    updatedAt,
  }));
};
