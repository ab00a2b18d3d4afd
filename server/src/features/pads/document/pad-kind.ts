// Owns teaching the sync engine what a pad is: whatever people put into it, within bounds.
import type { Actor, DocumentKind, StoredChanges } from '../../../sync/index.js';
import type { PadModel } from '../pad.model.js';
import type { PadAccess } from '../pad-access.js';
import { placeOfPad } from '../pad-id.js';
import { type PadChange, PadView } from './pad-view.js';

export interface PadKindOptions {
  readonly pads: PadModel;
  readonly access: PadAccess;
}

export const createPadKind = ({ pads, access }: PadKindOptions): DocumentKind<PadChange> => ({
  name: 'pad',
  ruledBy: (documentId) => placeOfPad(documentId)?.id ?? null,

  async authorize(documentId: string, actor: Actor) {
    const place = placeOfPad(documentId);
    if (place === null) return null;
    const pad = await pads.exists({ _id: documentId, deletedAt: null });
    return pad === null ? null : await access(place, actor.userId);
  },

  open: (doc) => new PadView(doc),

  async project(batches: readonly StoredChanges<PadChange>[]) {
    // A pad that is gone stays gone.
    await pads.bulkWrite(
      batches.map(({ documentId, at }) => ({
        updateOne: { filter: { _id: documentId }, update: { $max: { updatedAt: at } } },
      })),
      { ordered: false },
    );
  },
});
