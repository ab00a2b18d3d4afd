// Owns the pads of tasks: one a task, made when it is first wanted. It is a pad of the task's project whose id ends with that of the task,
// so nobody can make two; it stands on no shelf, and goes with its task.
import { AppError } from '@parley/shared';
import { isDuplicateKey } from '../../platform/rows.js';
import type { PadRow } from './pad.model.js';
import type { PadPlace } from './pad-id.js';
import { openPad, type PadsParts, removePad } from './pad-rows.js';

/** A task, as its pad needs to know it. */
export interface TaskRef {
  readonly projectId: string;
  readonly taskId: string;
}

/** Slots of pads that stand on no shelf begin here; one is as good as another. */
export const BESIDE_SHELF = 1_000_000;
const MAX_SLOT = 2 ** 48;

/** The task whose pad it is; null for one of a shelf. */
export const taskOf = ({ _id, slot }: Pick<PadRow, '_id' | 'slot'>): string | null =>
  slot < BESIDE_SHELF ? null : _id.slice(_id.lastIndexOf('_') + 1);

const padIdOf = ({ projectId, taskId }: TaskRef): string => `pad_p_${projectId}_${taskId}`;

/** The id of the task's pad, which is made where there is none. The caller has seen that the user may. */
export const openTaskPad = async (
  parts: PadsParts,
  { title, userId, ...ref }: TaskRef & { readonly title: string; readonly userId: string },
): Promise<string> => {
  const place: PadPlace = { kind: 'project', id: ref.projectId };
  const now = new Date();
  const row: PadRow = {
    ...{ _id: padIdOf(ref), conversation: ref.projectId, title },
    slot: BESIDE_SHELF + Math.floor(Math.random() * MAX_SLOT),
    ...{ createdBy: userId, createdAt: now, updatedAt: now, deletedAt: now },
  };
  try {
    await parts.pads.insertOne(row);
  } catch (error) {
    // Somebody has made it; or one of two slots in millions of millions was the same, and is another at the next try.
    if (!isDuplicateKey(error)) throw error;
    if ((await parts.pads.exists({ _id: row._id })) === null)
      throw new AppError('CONFLICT', { cause: error });
  }
  await openPad(parts, { row, place, userId });
  return row._id;
};

/** For good; may be repeated, and where there is none. */
export const removeTaskPad = async (parts: PadsParts, ref: TaskRef): Promise<void> => {
  const marked = await parts.pads.updateOne({ _id: padIdOf(ref) }, { $set: { deletedAt: new Date() } });
  if (marked.matchedCount > 0) await removePad(parts, padIdOf(ref));
};
