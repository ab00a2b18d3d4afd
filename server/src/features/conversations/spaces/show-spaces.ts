// Owns what groups and rooms look like to whoever may know of them.
import { limits, type Person, type Space } from '@parley/shared';
import type { ConversationRow } from '../conversation.model.js';
import { settingsOf } from '../conversation-settings.js';
import type { MembersParts } from '../members/parts.js';
import type { MembershipRow } from '../membership.model.js';

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

/**
 * Some of those who are in each, whoever has been there longest first: one query for all that are small, and one for each that holds more
 * than are shown.
 */
export const participantsOf = async (
  { memberships, users }: MembersParts,
  rows: readonly ConversationRow[],
): Promise<ReadonlyMap<string, readonly Person[]>> => {
  const shown = limits.participantsShown.value;
  const read = (conversations: readonly string[]) =>
    memberships
      .find({ conversation: { $in: [...conversations] }, state: 'member' })
      .sort({ joinedAt: 1, _id: 1 })
      .select({ conversation: 1, user: 1 });
  const large = rows.filter(({ memberCount }) => memberCount > shown);
  const small = rows.filter(({ memberCount }) => memberCount <= shown).map(({ _id }) => _id);
  const found = await Promise.all([
    small.length === 0 ? [] : read(small).lean(),
    ...large.map(({ _id }) => read([_id]).limit(shown).lean()),
  ]);
  const people = await users.people(found.flat().map(({ user }) => user));
  const participants = new Map<string, Person[]>();
  for (const { conversation, user } of found.flat()) {
    const person = people.get(user);
    if (person !== undefined)
      participants.set(conversation, [...(participants.get(conversation) ?? []), person]);
  }
  return participants;
};
