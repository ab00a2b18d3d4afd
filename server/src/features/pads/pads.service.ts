import {
  AppError,
  type createPadInputSchema,
  limits,
  type Pad,
  type padRefSchema,
  type padsListInputSchema,
} from '@parley/shared';
import type { QueryFilter } from 'mongoose';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import { isDuplicateKey } from '../../platform/rows.js';
import type { Actor } from '../../trpc/index.js';
import type { PadRow } from './pad.model.js';
import { assertReader, assertWriter } from './pad-access.js';
import { newPadId, type PadPlace, placeOfPad } from './pad-id.js';
import { openPad, type PadsParts, removePad } from './pad-rows.js';
import { BESIDE_SHELF, openTaskPad, removeTaskPad, type TaskRef, taskOf } from './task-pads.js';

type CreateInput = z.output<typeof createPadInputSchema>;
type ListInput = z.output<typeof padsListInputSchema>;
type PadRef = z.output<typeof padRefSchema>;

export interface PadsService {
  /** An empty pad of the place, by somebody who may write there. CONFLICT where there are as many as may be. */
  create(actor: Actor, input: CreateInput): Promise<Pad>;
  /** Pads of a place, newest first, but for those of tasks; for whoever is in it. */
  list(actor: Actor, input: ListInput): Promise<{ items: Pad[]; nextCursor: string | null }>;
  get(actor: Actor, ref: PadRef): Promise<Pad>;
  /** Deletes the pad with all that was in it: one's own, or as an admin anybody's. CONFLICT for that of a task. */
  delete(actor: Actor, ref: PadRef): Promise<void>;
  /** See task-pads.ts. */
  openForTask(task: TaskRef & { readonly title: string; readonly userId: string }): Promise<string>;
  removeOfTask(task: TaskRef): Promise<void>;
  /** Removes all pads of a place that is gone for everybody; may be repeated. */
  removeAll(placeId: string): Promise<void>;
  /** Finishes what an earlier process began to delete. Run before anybody is let in. */
  finishDeletions(): Promise<void>;
}

const LIST = 'pads';
const cursorPlace = z.tuple([z.string().min(1).max(64)]);

export const createPadsService = (parts: PadsParts): PadsService => ({
  create: (actor, input) => create(parts, actor, input),
  list: (actor, input) => list(parts, actor, input),
  get: async (actor, ref) => await toPad(parts, (await getPad(parts, actor, ref)).row),
  delete: (actor, ref) => deletePad(parts, actor, ref),
  openForTask: (task) => openTaskPad(parts, task),
  removeOfTask: (task) => removeTaskPad(parts, task),
  removeAll: async (placeId) => {
    const ofPlace = { conversation: placeId };
    await parts.pads.updateMany({ ...ofPlace, deletedAt: null }, { $set: { deletedAt: new Date() } });
    await removeThose(parts, ofPlace);
  },
  finishDeletions: () => removeThose(parts, { deletedAt: { $gt: new Date(0) } }),
});

const create = async (parts: PadsParts, { userId }: Actor, input: CreateInput): Promise<Pad> => {
  const place = placeIn(input);
  await assertWriter(parts, place, userId);
  for (;;) {
    const taken = await parts.pads
      .find({ conversation: place.id, slot: { $lt: BESIDE_SHELF } }, { slot: 1 })
      .lean();
    const slot = freeSlot(new Set(taken.map((row) => row.slot)));
    if (slot === null)
      throw new AppError('CONFLICT', {
        details: { fields: { [`${place.kind}Id`]: ['has as many pads as it may'] } },
      });
    const now = new Date();
    const row: PadRow = {
      ...{ _id: newPadId(place), conversation: place.id, slot, title: input.title },
      ...{ createdBy: userId, createdAt: now, updatedAt: now, deletedAt: now },
    };
    try {
      await parts.pads.insertOne(row);
    } catch (error) {
      // Somebody took the slot meanwhile: there may be another.
      if (!isDuplicateKey(error)) throw error;
      continue;
    }
    await openPad(parts, { row, place, userId });
    return await toPad(parts, row);
  }
};

/** The schema lets exactly one of the two through. */
const placeIn = ({ conversationId, projectId }: Omit<CreateInput, 'title'>): PadPlace => {
  if (conversationId !== undefined) return { kind: 'conversation', id: conversationId };
  if (projectId !== undefined) return { kind: 'project', id: projectId };
  throw new AppError('INVALID_INPUT');
};

/** Any that is free: those who make one at the same moment seldom want the same. Null where none is. */
const freeSlot = (taken: ReadonlySet<number>): number | null => {
  const all = Array.from({ length: limits.padsPerPlace.value }, (_, slot) => slot);
  const free = all.filter((slot) => !taken.has(slot));
  return free[Math.floor(Math.random() * free.length)] ?? null;
};

const list = async (parts: PadsParts, { userId }: Actor, input: ListInput) => {
  const { cursor, limit } = input;
  const place = placeIn(input);
  const before = cursor === undefined ? {} : { _id: { $lt: decodeCursor(LIST, cursorPlace, cursor)[0] } };
  await assertReader(parts, place, userId);
  const found = await parts.pads
    .find({ conversation: place.id, slot: { $lt: BESIDE_SHELF }, deletedAt: null, ...before })
    .sort({ _id: -1 })
    .limit(limit + 1)
    .lean();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last._id]);
  return { items: await toPads(parts, rows), nextCursor };
};

/** Throws NOT_FOUND or FORBIDDEN for whoever is not in its place. */
const getPad = async (
  parts: PadsParts,
  { userId }: Actor,
  { id }: PadRef,
): Promise<{ row: PadRow; place: PadPlace }> => {
  const row = await parts.pads.findOne({ _id: id, deletedAt: null }).lean<PadRow>();
  const place = row === null ? null : placeOfPad(row._id);
  if (row === null || place === null) throw new AppError('NOT_FOUND');
  await assertReader(parts, place, userId);
  return { row, place };
};

/** From the mark on nobody comes in, whatever happens before the rest is done. */
const deletePad = async (parts: PadsParts, actor: Actor, ref: PadRef): Promise<void> => {
  const { row, place } = await getPad(parts, actor, ref);
  const isAdmin = await assertWriter(parts, place, actor.userId);
  if (taskOf(row) !== null)
    throw new AppError('CONFLICT', { details: { fields: { id: ['goes with its task'] } } });
  if (row.createdBy !== actor.userId && !isAdmin) throw new AppError('FORBIDDEN');
  await parts.pads.updateOne({ _id: row._id }, { $set: { deletedAt: new Date() } });
  await removePad(parts, row._id);
};

const removeThose = async (parts: PadsParts, which: QueryFilter<PadRow>): Promise<void> => {
  for (const { _id } of await parts.pads.find(which, { _id: 1 }).lean()) await removePad(parts, _id);
};

const toPad = async (parts: PadsParts, row: PadRow): Promise<Pad> => {
  const [pad] = await toPads(parts, [row]);
  if (pad === undefined) throw new TypeError('a row must be shown');
  return pad;
};

/** In the same order; the names come in one query. */
const toPads = async ({ users }: PadsParts, rows: readonly PadRow[]): Promise<Pad[]> => {
  const people = await users.people(rows.map((row) => row.createdBy));
  return rows.map(({ _id, slot, conversation, title, createdBy, createdAt, updatedAt }) => ({
    id: _id,
    taskId: taskOf({ _id, slot }),
    conversationId: placeOfPad(_id)?.kind === 'project' ? null : conversation,
    projectId: placeOfPad(_id)?.kind === 'project' ? conversation : null,
    title,
    createdBy: people.get(createdBy) ?? { id: createdBy, username: null, name: '' },
    createdAt,
    updatedAt,
  }));
};
