// Owns what somebody may do with a group or a room as such; what they may do in its documents is in ../access.ts.
import { AppError } from '@parley/shared';
import type { ConversationRow } from '../conversation.model.js';
import { findPlace } from '../members/come-in.js';
import { isArchived } from '../members/counts.js';
import type { MembersParts } from '../members/parts.js';
import type { MemberRole, MemberState, MembershipRow } from '../membership.model.js';

export type SpaceKind = 'group' | 'room';

const RANK = { member: 1, admin: 2, owner: 3 } as const;

export interface Wanted {
  readonly kind: SpaceKind;
  readonly conversationId: string;
  readonly userId: string;
  /** 'sight': to know of it. */
  readonly needs: 'sight' | MemberRole;
}

/** A group or a room, and what somebody is in it. */
export interface SpaceAccess {
  readonly space: ConversationRow;
  readonly place: MembershipRow | null;
}

/** Throws NOT_FOUND for whoever may not know of it, FORBIDDEN for whoever may and may do less, and for a conversation of another kind. */
export const getSpace = async (
  parts: MembersParts,
  { kind, conversationId, userId, needs }: Wanted,
): Promise<SpaceAccess> => {
  const [space, place] = await Promise.all([
    parts.conversations.findOne({ _id: conversationId, deletedAt: null }).lean<ConversationRow>(),
    findPlace(parts, { conversationId, userId }),
  ]);
  if (space === null || !mayKnow(space, place)) throw new AppError('NOT_FOUND');
  if (space.kind !== kind) throw new AppError('FORBIDDEN');
  if (needs !== 'sight' && (place?.state !== 'member' || RANK[place.role] < RANK[needs]))
    throw new AppError('FORBIDDEN');
  return { space, place };
};

/** The same for a change: CONFLICT while it is archived. */
export const getOpenSpace = async (parts: MembersParts, wanted: Wanted): Promise<SpaceAccess> => {
  const access = await getSpace(parts, wanted);
  if (access.space.archivedAt !== null) throw isArchived();
  return access;
};

const KNOWING: ReadonlySet<MemberState> = new Set(['member', 'invited', 'requested']);

const mayKnow = ({ visibility }: ConversationRow, place: MembershipRow | null): boolean =>
  visibility === 'public' || (place !== null && KNOWING.has(place.state));

/** Throws FORBIDDEN where somebody of one role may not take out, silence or give another role to one of the other. */
export const assertAbove = (actor: MemberRole, other: MemberRole): void => {
  if (actor !== 'owner' && RANK[actor] <= RANK[other]) throw new AppError('FORBIDDEN');
};

/** Throws FORBIDDEN where somebody of one role may not give the other to anybody. */
export const assertMayGive = (actor: MemberRole, given: MemberRole): void => {
  if (RANK[actor] < RANK[given]) throw new AppError('FORBIDDEN');
};
