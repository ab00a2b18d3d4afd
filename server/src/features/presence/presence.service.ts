// Owns who is here: joins what is known of this process, of the other nodes and of what people want to be seen of them.
import { limits, type Online, type OwnStatus, type onlineInputSchema, type Presence } from '@parley/shared';
import type { z } from 'zod';
import { decodeCursor, fillPage } from '../../platform/cursor.js';
import { inTime } from '../../platform/in-time.js';
import type { Logger } from '../../platform/logger.js';
import { findByKeys, uncast } from '../../platform/rows.js';
import { timePlace } from '../../platform/time-place.js';
import type { FriendsOf } from '../friends/index.js';
import { allLeft, showAs } from './change-presence.js';
import { Connected } from './connected.js';
import { Follower } from './follow.js';
import type { PresenceRow } from './presence.model.js';
import { listed, look, type SightParts } from './sight.js';
import { Watchers } from './watchers.js';
import { PresenceWriter } from './writer.js';

export interface PresenceParts extends SightParts {
  readonly friendsOf: FriendsOf;
  readonly log: Logger;
  /** How long somebody who is gone is still taken for being here, ms. */
  readonly graceMs: number;
  /** This process among those on one store. */
  readonly node: { readonly id: string; readonly hasOthers: boolean };
}

/** A store that does not answer keeps no server from stopping: the lease ends by itself. */
const CLOSE_MS = 2_000;

type OnlineInput = z.output<typeof onlineInputSchema>;

export interface PresenceService {
  /** Whoever takes people in tells of each connection here. */
  readonly crowd: Pick<Connected, 'came' | 'left'>;
  /** Resolves once others can see that somebody has come, of whom the crowd was told. */
  shown(userId: string): Promise<void>;
  /** Who is here, of those the viewer may see, without the viewer. */
  online(viewerId: string, input: OnlineInput): Promise<{ items: Online[]; nextCursor: string | null }>;
  /** What the viewer may know of each. */
  get(viewerId: string, userIds: readonly string[]): Promise<Presence[]>;
  /** The same, and from then on whatever changes. Ends when the signal is aborted. */
  watch(viewerId: string, userIds: readonly string[], ended: AbortSignal): AsyncIterable<Presence[]>;
  /** The same for somebody's friends as they are now; of very many those whose ids come first. */
  watchFriends(viewerId: string, ended: AbortSignal): AsyncIterable<Presence[]>;
  /** How somebody wants to be seen. */
  status(userId: string): Promise<OwnStatus>;
  setStatus(userId: string, status: OwnStatus): Promise<void>;
  /** What may be known of these people has changed by something else: a block, a friendship, what they let others know. */
  touched(userIds: readonly string[]): Promise<void>;
  /** Nothing is kept of them. */
  forget(userId: string): Promise<void>;
  /** A node that died left these people behind. */
  nodeDied(nodeId: string): Promise<void>;
  /** Everybody who is here is told of again, under this node's new id. */
  tellAgain(): void;
  /** Begins to hear of other nodes. */
  start(): void;
  /** Nobody is here any more. */
  close(): Promise<void>;
}

export const createPresenceService = (parts: PresenceParts): PresenceService => {
  const { presence, log, graceMs, node } = parts;
  const rows = uncast(presence);
  const watchers = new Watchers({ log, look: (pairs) => look(parts, pairs) });
  const writer = new PresenceWriter({
    ...{ presence, log, graceMs },
    node: () => node.id,
    onWritten: (userIds) => watchers.changed(userIds),
  });
  const connected = new Connected({
    graceMs,
    onChange: (userId, isHere) => writer.write(userId, isHere),
  });
  const follower = new Follower({ presence, log, node, watchers });
  const everybodyLeft = async (nodeId: string): Promise<void> => {
    const { filter, update } = allLeft(nodeId);
    await rows.updateMany(filter, update);
  };
  return {
    crowd: connected,
    shown: (userId) => writer.written(userId),
    online: (viewerId, input) => online(parts, viewerId, input),
    get: (viewerId, userIds) =>
      look(
        parts,
        [...new Set(userIds)].map((userId) => [viewerId, userId]),
      ),
    watch: (viewerId, userIds, ended) => watchers.watch(viewerId, userIds, ended),
    watchFriends: async function* (viewerId, ended) {
      const friends = (await parts.friendsOf(viewerId)).slice(0, limits.friendsWatched.value);
      if (friends.length > 0) yield* watchers.watch(viewerId, friends, ended);
    },
    status: async (userId) => (await presence.findById(userId).lean())?.status ?? 'available',
    setStatus: async (userId, status) => {
      const { filter, update } = showAs(userId, status);
      await rows.updateOne(filter, update, { upsert: true });
      watchers.changed([userId]);
    },
    touched: async (userIds) => {
      watchers.changed(userIds);
      if (!node.hasOthers) return;
      await presence.updateMany({ _id: { $in: userIds } }, { $currentDate: { changedAt: true } });
    },
    forget: async (userId) => {
      await presence.deleteOne({ _id: userId });
      watchers.changed([userId]);
    },
    nodeDied: async (nodeId) => {
      await everybodyLeft(nodeId);
      watchers.allChanged();
    },
    tellAgain: () => {
      for (const userId of connected.all()) writer.write(userId, true);
    },
    start: () => follower.start(),
    close: async () => {
      connected.close();
      watchers.close();
      await Promise.all([writer.close(), follower.close()]);
      await inTime(everybodyLeft(node.id), CLOSE_MS);
    },
  };
};

const newest = ({ presence }: PresenceParts, filter: object, count: number): PromiseLike<PresenceRow[]> =>
  presence.find(filter).sort({ onlineSince: -1, _id: -1 }).limit(count).lean<PresenceRow[]>();

const byNewest = (one: PresenceRow, other: PresenceRow): number =>
  Number(other.onlineSince) - Number(one.onlineSince) || (one._id < other._id ? 1 : -1);

type Place = readonly [since: number, id: string];

const LIST = 'presence.online';

const online = async (
  parts: PresenceParts,
  viewerId: string,
  { among, cursor, limit }: OnlineInput,
): Promise<{ items: Online[]; nextCursor: string | null }> => {
  const friends = among === 'friends' ? await parts.friendsOf(viewerId) : null;
  return await fillPage({
    list: LIST,
    limit,
    after: cursor === undefined ? null : decodeCursor<Place>(LIST, timePlace, cursor),
    read: async (after, count) => {
      if (friends === null) return await newest(parts, afterPlace(after), count);
      const some = await findByKeys(friends, (ids) =>
        newest(parts, { $and: [{ _id: { $in: ids } }, afterPlace(after)] }, count),
      );
      return some.sort(byNewest).slice(0, count);
    },
    placeOf: ({ onlineSince, _id }): Place => [onlineSince?.getTime() ?? 0, _id],
    show: (rows) => listed(parts, viewerId, rows),
  });
};

const afterPlace = (after: Place | null): object => {
  if (after === null) return { onlineSince: { $gt: new Date(0) } };
  const [ms, id] = after;
  const onlineSince = new Date(ms);
  return {
    $or: [{ onlineSince: { $lt: onlineSince, $gt: new Date(0) } }, { onlineSince, _id: { $lt: id } }],
  };
};
