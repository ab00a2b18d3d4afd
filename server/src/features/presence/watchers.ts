// Owns telling those who watch people what has become of them. One look at a time goes through whatever is due, for many watchers
// together, and a watcher that is slow finds the newest of each person and nothing older: memory stays what was asked for.
import type { Presence } from '@parley/shared';
import { inTime } from '../../platform/in-time.js';
import type { Logger } from '../../platform/logger.js';
import type { Pair } from '../friends/index.js';

export interface WatchersOptions {
  readonly log: Logger;
  /** What each viewer may know of each subject, in the order of the pairs. */
  look(pairs: readonly Pair[]): Promise<Presence[]>;
}

interface Watcher {
  readonly viewerId: string;
  readonly userIds: ReadonlySet<string>;
  /** What it was told last. */
  readonly told: Map<string, string>;
  /** What it has not fetched yet, the newest of each. */
  readonly pending: Map<string, Presence>;
  wake(): void;
}

/** Pairs of one look; a watcher's people come together. */
const MAX_PAIRS = 1_000;
const RETRY_MS = 1_000;

export class Watchers {
  readonly #options: WatchersOptions;
  /** By whom they watch. */
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #due = new Map<Watcher, Set<string>>();
  #looking = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: WatchersOptions) {
    this.#options = options;
  }

  /** What of these people one may know: all of them first, then whoever is another way. Ends when the signal is aborted. */
  async *watch(
    viewerId: string,
    userIds: readonly string[],
    ended: AbortSignal,
  ): AsyncGenerator<Presence[], void> {
    const watcher = this.#enter(viewerId, userIds);
    try {
      while (!ended.aborted) {
        await news(watcher, ended);
        const items = [...watcher.pending.values()];
        watcher.pending.clear();
        if (items.length > 0) yield items;
      }
    } finally {
      this.#leave(watcher);
    }
  }

  /** Something about these people may be another way now. */
  changed(userIds: readonly string[]): void {
    for (const userId of userIds) {
      for (const watcher of this.#watchers.get(userId) ?? []) this.#dueOf(watcher).add(userId);
    }
    void this.#lookThrough();
  }

  /** Anything may be another way now. */
  allChanged(): void {
    for (const [userId, those] of this.#watchers) {
      for (const watcher of those) this.#dueOf(watcher).add(userId);
    }
    void this.#lookThrough();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#due.clear();
  }

  #enter(viewerId: string, userIds: readonly string[]): Watcher {
    const watcher: Watcher = {
      viewerId,
      userIds: new Set(userIds),
      told: new Map(),
      pending: new Map(),
      wake: () => undefined,
    };
    for (const userId of watcher.userIds) {
      this.#watchers.set(userId, (this.#watchers.get(userId) ?? new Set()).add(watcher));
    }
    this.#due.set(watcher, new Set(watcher.userIds));
    void this.#lookThrough();
    return watcher;
  }

  #leave(watcher: Watcher): void {
    this.#due.delete(watcher);
    for (const userId of watcher.userIds) {
      const those = this.#watchers.get(userId);
      those?.delete(watcher);
      if (those?.size === 0) this.#watchers.delete(userId);
    }
  }

  #dueOf(watcher: Watcher): Set<string> {
    const due = this.#due.get(watcher) ?? new Set();
    this.#due.set(watcher, due);
    return due;
  }

  async #lookThrough(): Promise<void> {
    if (this.#looking || this.#retry !== undefined) return;
    this.#looking = true;
    try {
      while (this.#due.size > 0) await this.#lookAtSome();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'presence could not be read and is tried again');
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        void this.#lookThrough();
      }, RETRY_MS).unref();
    } finally {
      this.#looking = false;
    }
  }

  async #lookAtSome(): Promise<void> {
    const some = this.#take();
    try {
      const seen = await inTime(this.#options.look(some.map(([{ viewerId }, userId]) => [viewerId, userId])));
      for (const [index, [watcher]] of some.entries()) tell(watcher, seen[index]);
    } catch (error) {
      for (const [watcher, userId] of some) {
        if (this.#watchers.get(userId)?.has(watcher)) this.#dueOf(watcher).add(userId);
      }
      throw error;
    }
  }

  #take(): (readonly [Watcher, string])[] {
    const some: (readonly [Watcher, string])[] = [];
    for (const [watcher, userIds] of this.#due) {
      if (some.length > 0 && some.length + userIds.size > MAX_PAIRS) break;
      this.#due.delete(watcher);
      for (const userId of userIds) some.push([watcher, userId]);
    }
    return some;
  }
}

const tell = (watcher: Watcher, presence: Presence | undefined): void => {
  if (presence === undefined) return;
  const text = JSON.stringify(presence);
  if (watcher.told.get(presence.userId) === text) return;
  watcher.told.set(presence.userId, text);
  watcher.pending.set(presence.userId, presence);
  watcher.wake();
};

/** Resolves once there is something to fetch, or nothing more to wait for. */
const news = async (watcher: Watcher, ended: AbortSignal): Promise<void> => {
  if (watcher.pending.size > 0 || ended.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      ended.removeEventListener('abort', done);
      watcher.wake = () => undefined;
      resolve();
    };
    watcher.wake = done;
    ended.addEventListener('abort', done);
  });
};
