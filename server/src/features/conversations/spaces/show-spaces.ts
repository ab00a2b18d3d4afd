// Owns what groups and rooms look like to whoever may know of them.
import type { Person, Space } from '@parley/shared';
import type { ConversationRow } from '../conversation.model.js';
import { settingsOf } from '../conversation-settings.js';
import type { MembersParts } from '../members/parts.js';
import type { MemberRole, MembershipRow } from '../membership.model.js';

/** In the same order; one query, however many. */
export const toSpaces = async (
  { memberships }: MembersParts,
  userId: string,
  rows: readonly ConversationRow[],
): Promise<Space[]> => {
  const places = await memberships
    .find({ user: userId, conversation: { $in: rows.map(({ _id }) => _id) } })
    .select({ conversation: 1, state: 1 })
    .lean();
  const states = new Map(places.map(({ conversation, state }) => [conversation, state]));
  return rows.map((row) => toSpace(row, states.get(row._id)));
};

const toSpace = (row: ConversationRow, state: MembershipRow['state'] | undefined): Space => {
  const { _id: id, topic, memberCount, messageCount, archivedAt, activeAt, createdAt } = row;
  return {
    ...{ id, topic, memberCount, messageCount, archivedAt, activeAt, createdAt },
    kind: row.kind === 'group' ? 'group' : 'room',
    name: row.name ?? '',
    settings: settingsOf(row),
    joined: state === 'member',
    pending: state === 'invited' || state === 'requested' ? state : null,
  };
};

/** Somebody who is in a conversation, and as what. */
export interface Member {
  readonly person: Person;
  readonly role: MemberRole;
}

/**
 * Some of those who are in each, up to `shown`, whoever has been there longest first: one query for all that are small, and one for each
 * that holds more than are shown.
 */
export const membersOf = async (
  { memberships, users }: Pick<MembersParts, 'memberships' | 'users'>,
  spaces: readonly { readonly id: string; readonly memberCount: number }[],
  shown: number,
): Promise<ReadonlyMap<string, readonly Member[]>> => {
  const read = (conversations: readonly string[]) =>
    memberships
      .find({ conversation: { $in: [...conversations] }, state: 'member' })
      .sort({ joinedAt: 1, _id: 1 })
      .select({ conversation: 1, user: 1, role: 1 });
  const large = spaces.filter(({ memberCount }) => memberCount > shown);
  const small = spaces.filter(({ memberCount }) => memberCount <= shown).map(({ id }) => id);
  const found = await Promise.all([
    small.length === 0 ? [] : read(small).lean(),
    ...large.map(({ id }) => read([id]).limit(shown).lean()),
  ]);
  const people = await users.people(found.flat().map(({ user }) => user));
  const members = new Map<string, Member[]>();
  for (const { conversation, user, role } of found.flat()) {
    const person = people.get(user);
    if (person !== undefined)
      members.set(conversation, [...(members.get(conversation) ?? []), { person, role }]);
  }
  return members;
};
