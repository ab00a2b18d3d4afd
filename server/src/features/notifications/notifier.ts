// Owns making and ending notifications: the one place, and it sees nothing but events. Whatever is told twice comes to the same as once.
import { newId } from '@parley/shared';
import { mongo } from 'mongoose';
import { isDuplicateKey, uncast } from '../../platform/rows.js';
import type { MembershipModel } from '../conversations/index.js';
import { type NewEvent, type Notifier, userAudience } from '../events/index.js';
import type { Standings } from '../friends/index.js';
import { type Ended, endedBy, type Wanted, wantedBy } from './from-event.js';
import type { NotificationModel, NotificationRow, PreferencesModel } from './notification.model.js';

export interface NotifierParts {
  readonly notifications: NotificationModel;
  readonly preferences: PreferencesModel;
  readonly memberships: MembershipModel;
  readonly standings: Standings;
}

/** Notes what events mean for people, and adds what these are to be told of it. */
export const createNotifier =
  (parts: NotifierParts): Notifier =>
  async (events) => {
    const ended = events.flatMap(endedBy);
    const wanted = events.flatMap(wantedBy);
    const told: NewEvent[] = [];
    for (const each of ended) told.push(...(await end(parts, each)));
    if (wanted.length > 0) told.push(...(await notify(parts, wanted)));
    return told;
  };

/** Rows in one round. */
const PAGE = 1_000;

const end = async (
  { notifications }: NotifierParts,
  { subject, users, kind, except }: Ended,
): Promise<NewEvent[]> => {
  const filter = {
    subjects: subject,
    ...(users === undefined ? {} : { user: { $in: [...users] } }),
    ...(except === undefined ? {} : { user: { $nin: [...except] } }),
    ...(kind === undefined ? {} : { kind }),
  };
  const told: NewEvent[] = [];
  for (;;) {
    const rows = await notifications.find(filter).limit(PAGE).select({ user: 1 }).lean();
    if (rows.length === 0) return told;
    await notifications.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } });
    const byUser = new Map<string, string[]>();
    for (const row of rows) byUser.set(row.user, [...(byUser.get(row.user) ?? []), row._id]);
    for (const [whose, notificationIds] of byUser) {
      const event = { type: 'notification.removed', notificationIds } as const;
      told.push({ event, audiences: [userAudience(whose)] });
    }
    if (rows.length < PAGE) return told;
  }
};

const notify = async (parts: NotifierParts, wanted: readonly Wanted[]): Promise<NewEvent[]> => {
  const rows = (await concerned(parts, wanted)).map(toRow);
  if (rows.length === 0) return [];
  const known = await insert(parts, rows);
  return rows
    .filter((_, index) => !known.has(index))
    .map(({ _id, kind, user }) => ({
      event: { type: 'notification.created', notificationId: _id, kind },
      audiences: [userAudience(user)],
    }));
};

const toRow = ({ conversationId: _, ...wanted }: Wanted): NotificationRow => ({
  ...wanted,
  ...{ _id: newId(), createdAt: new Date(), readAt: null },
});

/** Which of the rows were there before. */
const insert = async (
  { notifications }: NotifierParts,
  rows: readonly NotificationRow[],
): Promise<ReadonlySet<number>> => {
  try {
    await uncast(notifications).insertMany([...rows], { ordered: false });
    return new Set();
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError) || !isDuplicateKey(error)) throw error;
    return new Set([error.writeErrors].flat().map(({ index }) => index));
  }
};

/** Not oneself, nobody across a block, nobody who is not there, and nobody who does not want it. */
const concerned = async (parts: NotifierParts, wanted: readonly Wanted[]): Promise<Wanted[]> => {
  const others = wanted.filter(({ user, by }) => user !== by);
  if (others.length === 0) return [];
  const [standing, off, isThere] = await Promise.all([
    parts.standings(others.flatMap(({ user, by }) => (by === null ? [] : [[user, by] as const]))),
    offOf(parts, others),
    membersAmong(parts, others),
  ]);
  return others.filter(
    (each) =>
      (each.by === null || standing(each.user, each.by) !== 'blocked') &&
      off.get(each.user)?.has(each.kind) !== true &&
      isThere(each),
  );
};

const offOf = async ({ preferences }: NotifierParts, wanted: readonly Wanted[]) => {
  const users = [...new Set(wanted.map(({ user }) => user))];
  const rows = await preferences.find({ _id: { $in: users } }).lean();
  return new Map(rows.map(({ _id, off }) => [_id, new Set(off)]));
};

/** Whether somebody is in the conversation that they are mentioned in, and has not muted it. */
const membersAmong = async (
  { memberships }: NotifierParts,
  wanted: readonly Wanted[],
): Promise<(each: Wanted) => boolean> => {
  const users = new Map<string, string[]>();
  for (const { conversationId, user } of wanted)
    if (conversationId !== undefined) users.set(conversationId, [...(users.get(conversationId) ?? []), user]);
  const rows = await Promise.all(
    [...users].map(([conversation, some]) =>
      memberships
        .find({
          ...{ conversation, user: { $in: some }, state: 'member' },
          $or: [{ mutedUntil: null }, { mutedUntil: { $lte: new Date() } }],
        })
        .select({ conversation: 1, user: 1 })
        .lean(),
    ),
  );
  const members = new Set(rows.flat().map(({ conversation, user }) => `${conversation} ${user}`));
  return ({ conversationId, user }) =>
    conversationId === undefined || members.has(`${conversationId} ${user}`);
};
