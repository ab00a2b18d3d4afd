// Owns what one person may know of whether another is here.
import type { Online, Presence } from '@parley/shared';
import type { Pair, Standings } from '../friends/index.js';
import type { OpenAccount, UsersService } from '../users/index.js';
import type { PresenceModel, PresenceRow } from './presence.model.js';

export interface SightParts {
  readonly presence: PresenceModel;
  readonly users: UsersService;
  readonly standings: Standings;
}

/** What each viewer may know of each subject, in the order of the pairs; three queries, however many there are. */
export const look = async (
  { presence, users, standings }: SightParts,
  pairs: readonly Pair[],
): Promise<Presence[]> => {
  const subjects = [...new Set(pairs.map(([, subject]) => subject))];
  const [rows, accounts, standing] = await Promise.all([
    presence.find({ _id: { $in: subjects } }).lean<PresenceRow[]>(),
    users.open(subjects),
    standings(pairs),
  ]);
  const byId = new Map(rows.map((row) => [row._id, row]));
  return pairs.map(([viewer, subject]) => {
    const [row, account] = [byId.get(subject), accounts.get(subject)];
    const how = viewer === subject ? 'friends' : standing(viewer, subject);
    if (row === undefined || account === undefined || how === 'blocked') return nobody(subject);
    const status = statusOf(row);
    if (status !== 'offline') return { userId: subject, status, lastSeenAt: null };
    const lastSeenAt = tellsLastSeen(account, how === 'friends') ? row.lastSeenAt : null;
    return { userId: subject, status, lastSeenAt };
  });
};

const nobody = (userId: string): Presence => ({ userId, status: 'offline', lastSeenAt: null });

const statusOf = ({ onlineSince, status }: PresenceRow): Presence['status'] =>
  onlineSince === null || status === 'invisible' ? 'offline' : status;

const tellsLastSeen = ({ lastSeen }: OpenAccount, isFriend: boolean): boolean =>
  lastSeen === 'everyone' || (lastSeen === 'friends' && isFriend);

/** Those of the rows, in their order, who may be shown to the viewer in a list of who is here. */
export const listed = async (
  { users, standings }: SightParts,
  viewerId: string,
  rows: readonly PresenceRow[],
): Promise<Online[]> => {
  const others = rows.filter(({ _id }) => _id !== viewerId);
  const ids = others.map(({ _id }) => _id);
  const [accounts, standing] = await Promise.all([
    users.open(ids),
    standings(ids.map((id) => [viewerId, id])),
  ]);
  return others.flatMap((row) => {
    const [account, status, since] = [accounts.get(row._id), statusOf(row), row.onlineSince];
    if (account === undefined || status === 'offline' || since === null) return [];
    const how = standing(viewerId, row._id);
    const mayBeShown = how === 'friends' || (how === 'none' && account.isListed);
    return mayBeShown ? [{ person: account.person, status, since }] : [];
  });
};
