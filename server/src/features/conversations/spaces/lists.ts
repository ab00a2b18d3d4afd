// Owns lists of groups and rooms, of people who are not in them but wait or are kept out, and of one's own invitations.
import {
  foldName,
  type groupsListInputSchema,
  type Outsider,
  type outsidersInputSchema,
  type Space,
  type SpaceInvitation,
  type spaceInvitationsInputSchema,
} from '@parley/shared';

import type { QueryFilter } from 'mongoose';
import type { z } from 'zod';
import { cutPage, decodeCursor, fillPage } from '../../../platform/cursor.js';
import { findByKeys, startsWith } from '../../../platform/rows.js';
import { beyond, type TimePlace, timePlace } from '../../../platform/time-place.js';
import type { ConversationRow } from '../conversation.model.js';
import type { MembersParts } from '../members/parts.js';
import type { MemberState, MembershipRow } from '../membership.model.js';
import { afterActivity, byActivity, newestFirst, placeOf } from '../paging.js';
import type { SpaceKind } from './access.js';
import { toSpaces } from './show-spaces.js';

type Page<Item> = Promise<{ items: Item[]; nextCursor: string | null }>;

export type SpacesListInput = z.output<typeof groupsListInputSchema> & {
  /** Private ones that they are in, too. */
  readonly withPrivate?: boolean;
};

/** Public ones, newest activity first. */
export const listSpaces = async (
  parts: MembersParts,
  { kind, userId }: { readonly kind: SpaceKind; readonly userId: string },
  { search, archived, cursor, limit, withPrivate = false }: SpacesListInput,
): Promise<{ rows: ConversationRow[]; nextCursor: string | null }> => {
  const list = `${kind}s`;
  const prefix = foldName(search ?? '');
  const read = (which: Partial<QueryFilter<ConversationRow>>): Promise<ConversationRow[]> =>
    parts.conversations
      .find({
        ...{ ...which, kind, deletedAt: null, archivedAt: archived ? { $ne: null } : null },
        ...(prefix !== '' && { [kind === 'room' ? 'nameKey' : 'foldedName']: startsWith(prefix) }),
        ...afterActivity(list, cursor),
      })
      .sort(byActivity)
      .limit(limit + 1)
      .lean<ConversationRow[]>()
      .exec();
  const found = await read({ visibility: 'public' });
  if (!withPrivate) return cutPage(list, found, limit, placeOf);
  const own = await findByKeys(await conversationsOf(parts, userId), (some) =>
    read({ _id: { $in: [...some] }, visibility: 'private' }),
  );
  return cutPage(list, [...found, ...own].sort(newestFirst), limit, placeOf);
};

const conversationsOf = async ({ memberships }: MembersParts, user: string): Promise<string[]> => {
  const mine = await memberships.find({ user, state: 'member' }).select({ conversation: 1 }).lean();
  return mine.map(({ conversation }) => conversation);
};

interface Rows {
  readonly list: string;
  readonly which: { readonly conversation: string } | { readonly user: string };
  readonly state: MemberState;
  /** Null at the beginning. */
  readonly after: TimePlace | null;
  readonly limit: number;
}

const placeAfter = (list: string, cursor: string | undefined): TimePlace | null =>
  cursor === undefined ? null : decodeCursor(list, timePlace, cursor);

/** The newest first. */
const pageOfRows = async <Item>(
  { memberships }: MembersParts,
  { list, which, state, after: from, limit }: Rows,
  show: (rows: readonly MembershipRow[]) => Promise<readonly Item[]>,
): Page<Item> =>
  await fillPage({
    list,
    limit,
    after: from,
    read: (after, count) =>
      memberships
        .find({ ...which, state, ...(after !== null && beyond('joinedAt', after, 'newest first')) })
        .sort({ joinedAt: -1, _id: -1 })
        .limit(count)
        .lean<MembershipRow[]>()
        .exec(),
    placeOf: ({ joinedAt, _id }): TimePlace => [joinedAt.getTime(), _id],
    show,
  });

/** For admins; `assertAdmin` throws for others. */
export const listOutsiders = async (
  parts: MembersParts,
  state: 'invited' | 'requested' | 'banned',
  {
    assertAdmin,
    conversationId,
    cursor,
    limit,
  }: z.output<typeof outsidersInputSchema> & { assertAdmin(): Promise<unknown> },
): Page<Outsider> => {
  const list = `conversations.${state}`;
  const rows = { list, which: { conversation: conversationId }, state, after: placeAfter(list, cursor) };
  await assertAdmin();
  return await pageOfRows(parts, { ...rows, limit }, async (found) => {
    const people = await parts.users.people(found.flatMap(({ user, invitedBy }) => [user, invitedBy ?? '']));
    return found.flatMap(({ user, invitedBy, joinedAt: since }) => {
      const person = people.get(user);
      return person === undefined ? [] : [{ person, by: people.get(invitedBy ?? '') ?? null, since }];
    });
  });
};

/** One's own, but for those across a block, and into what is archived. */
export const listInvitations = async (
  parts: MembersParts,
  { kind, userId }: { readonly kind: SpaceKind; readonly userId: string },
  { cursor, limit }: z.output<typeof spaceInvitationsInputSchema>,
): Page<SpaceInvitation> => {
  const list = `${kind}s.invitations`;
  const rows = { list, which: { user: userId }, state: 'invited', after: placeAfter(list, cursor) } as const;
  return await pageOfRows(parts, { ...rows, limit }, async (found) => {
    const inviters = found.flatMap(({ invitedBy }) => invitedBy ?? []);
    const [hidden, people, spaces] = await Promise.all([
      parts.hiddenFrom(userId, inviters),
      parts.users.people(inviters),
      findSpaces(parts, { kind, userId, rows: found }),
    ]);
    return found.flatMap(({ conversation, invitedBy, joinedAt: since }) => {
      const space = spaces.get(conversation);
      if (space === undefined || hidden.has(invitedBy ?? '')) return [];
      return [{ space, by: people.get(invitedBy ?? '') ?? null, since }];
    });
  });
};

const findSpaces = async (
  parts: MembersParts,
  {
    kind,
    userId,
    rows,
  }: { readonly kind: SpaceKind; readonly userId: string; readonly rows: readonly MembershipRow[] },
): Promise<ReadonlyMap<string, Space>> => {
  const ids = rows.map(({ conversation }) => conversation);
  const found = await parts.conversations
    .find({ _id: { $in: ids }, kind, deletedAt: null, archivedAt: null })
    .lean<ConversationRow[]>();
  return new Map((await toSpaces(parts, userId, found)).map((space) => [space.id, space]));
};
