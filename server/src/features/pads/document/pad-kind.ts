// Owns teaching the sync engine what a pad is: whatever people put into it, within bounds.
import type { DocumentAccess } from '@parley/shared';
import type { Actor, DocumentKind, StoredChanges } from '../../../sync/index.js';
import type { PadModel } from '../pad.model.js';
import { conversationOfPad } from '../pad-id.js';
import { type PadChange, PadView } from './pad-view.js';

export interface PadKindOptions {
  readonly pads: PadModel;
  /** What the user may do in a conversation. */
  readonly access: (conversationId: string, userId: string) => Promise<DocumentAccess | 'FORBIDDEN' | null>;
}

export const createPadKind = ({ pads, access }: PadKindOptions): DocumentKind<PadChange> => ({
  name: 'pad',
  ruledBy: conversationOfPad,

  async authorize(documentId: string, actor: Actor) {
    const conversation = conversationOfPad(documentId);
    if (conversation === null) return null;
    const pad = await pads.exists({ _id: documentId, deletedAt: null });
    return pad === null ? null : await access(conversation, actor.userId);
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
