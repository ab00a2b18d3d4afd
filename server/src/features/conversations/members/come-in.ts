// Owns coming into a conversation, whichever way: by oneself, invited, let in, taken in, or by a link.
import { AppError, newId } from '@parley/shared';
import { isDuplicateKey } from '../../../platform/rows.js';
import type { ConversationRow } from '../conversation.model.js';
import { freshMembership, type MemberState, type MembershipRow } from '../membership.model.js';
import { announce } from './announce.js';
import {
  assertMayHaveOneMore,
  type Condition,
  countOwner,
  givePlaceBack,
  takePlace,
  uncountOwner,
} from './counts.js';
import { handOn } from './hand-on.js';
import type { MembersParts, Place } from './parts.js';
import { tellEnded } from './pending.js';

export interface Coming {
  readonly by: string;
  /** What they may have been before; 'none' where nothing was known of them. Never banned. */
  readonly from: readonly (Exclude<MemberState, 'member' | 'banned'> | 'none')[];
  /** What the conversation must still be when they come in. */
  readonly condition?: Condition;
}

/** Whoever knows of the conversation may come by themselves. */
export const FROM_ANYWHERE = ['none', 'left', 'invited', 'requested'] as const;

/**
 * Whether they were not in before; whoever is in stays as they are. Null where they were something else than allowed, or the conversation
 * is no more as the condition says. Throws FORBIDDEN for the banned, CONFLICT where it is archived or full, NOT_FOUND where it or the
 * account ended; then they are not in it. Whoever comes where nobody is owns it.
 */
export const comeIn = async (
  parts: MembersParts,
  place: Place,
  { by, from, condition = {} }: Coming,
): Promise<boolean | null> => {
  const standing = await findPlace(parts, place);
  if (standing?.state === 'member') return false;
  await assertMayHaveOneMore(parts, place.userId);
  const conversation = await takePlace(parts, place.conversationId, condition);
  if (conversation === null) return null;
  const owns = conversation.memberCount === 0;
  const seen = await whereFrom(parts, conversation).catch(async (error: unknown) => {
    await stayOut(parts, place, owns);
    throw error;
  });
  const written = await writePlace(parts, { ...place, seen, owns, from });
  if (written === null) {
    await stayOut(parts, place, owns);
    const now = await findPlace(parts, place);
    if (now?.state === 'banned') throw new AppError('FORBIDDEN');
    return now?.state === 'member' ? false : null;
  }
  if (owns) await countOwner(parts, place.conversationId);
  await assertStands(parts, place, owns);
  await parts.onMembershipChanged(place.conversationId, place.userId, 'joined');
  if (written.before !== null)
    await tellEnded(parts, written.before, by, { invited: 'accepted', requested: 'accepted' });
  await announce(parts, conversation, by, { type: 'joined', users: [place.userId] });
  return true;
};

export const findPlace = async (
  { memberships }: Pick<MembersParts, 'memberships'>,
  { conversationId, userId }: Place,
): Promise<MembershipRow | null> =>
  await memberships.findOne({ conversation: conversationId, user: userId }).lean<MembershipRow>();

/** The last message that they need not read, and whether they may. */
interface Seen {
  readonly seq: number;
  readonly isHidden: boolean;
}

const whereFrom = async (
  parts: MembersParts,
  { _id, history, messageCount }: ConversationRow,
): Promise<Seen> => {
  if (history === 'all') return { seq: messageCount, isHidden: false };
  return { seq: await parts.historyStart(_id), isHidden: true };
};

/** The place that was taken is not filled. Where it was the first, somebody else may have come in second: then it is theirs. */
const stayOut = async (parts: MembersParts, { conversationId }: Place, owns: boolean): Promise<void> => {
  await givePlaceBack(parts, conversationId);
  if (owns) await handOn(parts, conversationId, null);
};

interface Writing extends Place, Pick<Coming, 'from'> {
  readonly seen: Seen;
  readonly owns: boolean;
}

/** What stood before, null where nothing did; or null where they may not come in by it. */
const writePlace = async (
  { memberships }: MembersParts,
  { conversationId, userId, seen, owns, from }: Writing,
): Promise<{ readonly before: MembershipRow | null } | null> => {
  const { silenced, mutedUntil, pinnedAt, archivedAt, sinceSeq } = freshMembership;
  try {
    const before = await memberships
      .findOneAndUpdate(
        {
          ...{ conversation: conversationId, user: userId },
          state: { $in: from.filter((state) => state !== 'none') },
        },
        {
          $set: {
            ...{ state: 'member', role: owns ? 'owner' : 'member', joinedAt: new Date() },
            ...{ invitedBy: null, hidden: false },
          },
          $max: { lastReadSeq: seen.seq, ...(seen.isHidden && { sinceSeq: seen.seq }) },
          $setOnInsert: {
            ...{ _id: newId(), silenced, mutedUntil, pinnedAt, archivedAt },
            ...(!seen.isHidden && { sinceSeq }),
          },
        },
        { upsert: from.includes('none') },
      )
      .lean<MembershipRow>();
    return before === null && !from.includes('none') ? null : { before };
  } catch (error) {
    // They are in it by now, or banned. Of any other failure it is not known whether they are in: then the count may be too high.
    if (isDuplicateKey(error)) return null;
    throw error;
  }
};

/** A conversation or an account that ended meanwhile has taken its rows along before this one was written. */
const assertStands = async (parts: MembersParts, place: Place, owns: boolean): Promise<void> => {
  const [conversation, user] = await Promise.all([
    parts.conversations.exists({ _id: place.conversationId, deletedAt: null }),
    parts.users.find(place.userId),
  ]);
  if (conversation !== null && user !== null) return;
  await parts.memberships.deleteOne({ conversation: place.conversationId, user: place.userId });
  if (owns) await uncountOwner(parts, place.conversationId);
  await stayOut(parts, place, owns);
  throw new AppError('NOT_FOUND');
};
