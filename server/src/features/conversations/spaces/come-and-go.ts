// Owns which way somebody comes into a group or a room and goes out of it, by what it is and what they are to it.
import { AppError, type spaceMemberRefSchema } from '@parley/shared';
import type { z } from 'zod';
import type { ConversationRow } from '../conversation.model.js';
import { comeIn, FROM_ANYWHERE } from '../members/come-in.js';
import { isArchived } from '../members/counts.js';
import { goOut } from '../members/go-out.js';
import { leaveAndHandOn } from '../members/hand-on.js';
import { endWait, wait } from '../members/invite.js';
import { giveRole } from '../members/roles.js';
import { getSpace, type Wanted } from './access.js';
import type { SpacesParts } from './parts.js';

type Ref = z.output<typeof spaceMemberRefSchema>;

/** By whoever is invited, or where it is public; where an admin lets people in, they wait for that afterwards. */
export const joinSpace = async (parts: SpacesParts, wanted: Wanted): Promise<void> => {
  for (;;) {
    const { space, place } = await getSpace(parts, wanted);
    if (place?.state === 'member') return;
    if (place?.state === 'banned') throw new AppError('FORBIDDEN');
    if (space.archivedAt !== null) throw isArchived();
    const { conversationId, userId } = wanted;
    const ref = { conversationId, userId };
    if (place?.state === 'invited') {
      await assertNotHidden(parts, userId, place.invitedBy, space);
      if ((await comeIn(parts, ref, { by: userId, from: ['invited'] })) !== null) return;
    } else if (space.approval) {
      if ((await wait(parts, ref, { state: 'requested', invitedBy: null })) === 'requested') return;
    } else {
      const condition = { visibility: 'public', approval: false } as const;
      if ((await comeIn(parts, ref, { by: userId, from: FROM_ANYWHERE, condition })) !== null) return;
    }
  }
};

/** A block that came after an invitation takes it away, where nothing else lets them in. */
const assertNotHidden = async (
  parts: SpacesParts,
  userId: string,
  invitedBy: string | null,
  { visibility }: ConversationRow,
): Promise<void> => {
  if (
    visibility === 'private' &&
    invitedBy !== null &&
    (await parts.hiddenFrom(userId, [invitedBy])).size > 0
  )
    throw new AppError('NOT_FOUND');
};

/** A room goes on without whoever owned it; a group is handed on first. */
export const leaveSpace = async (parts: SpacesParts, wanted: Wanted): Promise<void> => {
  const { kind, conversationId, userId } = wanted;
  const ref = { conversationId, userId };
  for (;;) {
    const { place } = await getSpace(parts, wanted);
    if (place?.state === 'requested') return await endWait(parts, ref, { state: 'requested', by: userId });
    if (place?.state !== 'member') return;
    if (kind === 'group') {
      await goOut(parts, ref, { by: userId, to: 'left' });
      return;
    }
    if (await leaveAndHandOn(parts, place)) return;
  }
};

/** The heir first: cut short here, both own it, and never nobody. */
export const transferSpace = async (parts: SpacesParts, userId: string, ref: Ref): Promise<void> => {
  if (ref.userId === userId)
    throw new AppError('INVALID_INPUT', { details: { fields: { userId: ['must be somebody else'] } } });
  await giveRole(parts, ref, { role: 'owner', allow: () => undefined });
  await giveRole(parts, { ...ref, userId }, { role: 'admin', allow: () => undefined });
};

/** Whoever has asked to be let in comes in by it. */
export const inviteInto = async (parts: SpacesParts, userId: string, ref: Ref): Promise<void> => {
  const state = await wait(parts, ref, { state: 'invited', invitedBy: userId });
  if (state === 'member' || state === 'banned') {
    const what = state === 'member' ? 'is in it already' : 'is banned';
    throw new AppError('CONFLICT', { details: { fields: { userId: [what] } } });
  }
  if (state === 'requested') await comeIn(parts, ref, { by: userId, from: ['requested'] });
};
