// Owns the two moments at which a pad's row and its document could part: its beginning and its end.
import { AppError } from '@parley/shared';
import type { UsersService } from '../users/index.js';
import type { PadModel, PadRow } from './pad.model.js';
import { createPadAccess, type Places } from './pad-access.js';
import type { PadPlace } from './pad-id.js';

/** The live documents of pads; the sync engine implements it. */
export interface LivePads {
  /** Closes the document for everybody and removes all that is stored of it; safe to repeat. */
  remove(padId: string): Promise<void>;
}

export interface PadsParts extends Places {
  readonly pads: PadModel;
  readonly users: UsersService;
  readonly live: LivePads;
}

/**
 * A new row is one of a deleted pad until its place is known to stand after that: a place that ends meanwhile either finds the row and
 * removes it, or is found to be gone here; and after a crash the next start removes it.
 */
export const openPad = async (
  parts: PadsParts,
  { row, place, userId }: { readonly row: PadRow; readonly place: PadPlace; readonly userId: string },
): Promise<void> => {
  if ((await createPadAccess(parts)(place, userId)) === null) {
    await parts.pads.deleteOne({ _id: row._id });
    throw new AppError('NOT_FOUND');
  }
  const { matchedCount } = await parts.pads.updateOne({ _id: row._id }, { $set: { deletedAt: null } });
  if (matchedCount === 0) throw new AppError('NOT_FOUND');
};

/** For good. The row was marked: nobody comes in any more. May be repeated. */
export const removePad = async ({ pads, live }: PadsParts, padId: string): Promise<void> => {
  await live.remove(padId);
  await pads.deleteOne({ _id: padId });
};
