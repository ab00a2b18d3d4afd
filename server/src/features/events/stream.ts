// Owns one stream of events: what was missed, then what happens, each once and in order, and who of one's friends is here.
import type { ParleyEvent } from '@parley/shared';
import { type CatchUpParts, readStretch } from './catch-up.js';
import type { EventRow } from './event.model.js';
import type { EventLog } from './event-log.js';
import { FriendsHere, type FriendsHereParts } from './friends-here.js';
import type { Listener, Listeners, OnLeft, Places } from './listeners.js';

export interface StreamParts extends CatchUpParts, FriendsHereParts {
  readonly eventLog: EventLog;
  readonly listeners: Listeners;
  /** Where somebody is now, and since when. */
  placesOf(userId: string): Promise<Places>;
}

/** An event with the place where a stream goes on after it. */
export interface StreamItem {
  readonly id: string;
  readonly event: ParleyEvent;
}

interface Wanted {
  readonly userId: string;
  /** The position of the last event that was heard; null for one who begins. */
  readonly after: number | null;
  readonly ended: AbortSignal;
  readonly onLeft?: OnLeft;
}

/** So often one who hears nothing is told how far the log is, or their place in it would be forgotten. */
const STILL_EVERY_MS = 300_000;

/** Ends when the signal is aborted. */
export async function* streamEvents(
  parts: StreamParts,
  { userId, after, ended, onLeft }: Wanted,
): AsyncGenerator<StreamItem, void> {
  const { eventLog, listeners } = parts;
  const listener = listeners.enter(userId, onLeft);
  const friends = new FriendsHere(parts, userId, () => listener.wake());
  const findPlaces = () => listeners.place(listener, () => parts.placesOf(userId));
  const tell = async function* (row: EventRow): AsyncGenerator<StreamItem, void> {
    if (row.event.type === 'friend.changed') friends.look();
    // Some of their comings and goings may be what was never told.
    if (row.event.type === 'stream.gap') await findPlaces();
    yield item(row._id, row.event);
  };
  try {
    let position = after ?? eventLog.tail;
    await findPlaces();
    if (position > eventLog.tail) {
      position = eventLog.tail;
      yield item(position, { type: 'stream.gap' });
    }
    yield item(position, { type: 'stream.ready' });
    friends.look();
    while (!ended.aborted) {
      if (listener.isBehind) {
        const stretch = await readStretch(parts, listener, position);
        position = stretch.upTo;
        // Whatever comes from now on is kept for it: nothing is lost in between, and nothing told twice.
        if (position === eventLog.tail) listener.isBehind = false;
        if (stretch.isGap) yield item(position, { type: 'stream.gap' });
        for (const row of stretch.rows) yield* tell(row);
        continue;
      }
      for (const row of listener.take()) {
        position = row._id;
        yield* tell(row);
      }
      for (const presence of friends.take()) yield item(position, { type: 'presence.changed', ...presence });
      const isStill = !listener.isBehind && !(await hasNews(listener, friends, ended));
      if (!isStill || ended.aborted) continue;
      position = eventLog.tail;
      yield item(position, { type: 'stream.still' });
    }
  } finally {
    friends.close();
    listeners.leave(listener);
  }
}

const item = (position: number, event: ParleyEvent): StreamItem => ({ id: String(position), event });

/** Resolves once there is something to tell, or nothing more to wait for; with false after a long time without either. */
const hasNews = async (listener: Listener, friends: FriendsHere, ended: AbortSignal): Promise<boolean> => {
  if (listener.pending.length > 0 || friends.hasNews || ended.aborted) return true;
  return await new Promise<boolean>((resolve) => {
    const done = (isNews: boolean): void => {
      clearTimeout(still);
      ended.removeEventListener('abort', woken);
      listener.wake = () => undefined;
      resolve(isNews);
    };
    const woken = (): void => done(true);
    const still = setTimeout(() => done(false), STILL_EVERY_MS);
    still.unref();
    listener.wake = woken;
    ended.addEventListener('abort', woken);
  });
};
