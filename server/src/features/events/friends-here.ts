// Owns what one stream tells of friends who come and go: the newest of each who is another way than was told.
import type { Presence } from '@parley/shared';
import type { Logger } from '../../platform/logger.js';

export interface FriendsHereParts {
  readonly log: Logger;
  /** How somebody's friends are here: all of them first, then whoever is another way. Ends when the signal is aborted. */
  watchFriends(userId: string, ended: AbortSignal): AsyncIterable<readonly Presence[]>;
}

const RETRY_MS = 1_000;

export class FriendsHere {
  readonly #parts: FriendsHereParts;
  readonly #userId: string;
  readonly #wake: () => void;
  readonly #told = new Map<string, string>();
  readonly #pending = new Map<string, Presence>();
  #current = new AbortController();
  #retry: NodeJS.Timeout | undefined;

  constructor(parts: FriendsHereParts, userId: string, wake: () => void) {
    this.#parts = parts;
    this.#userId = userId;
    this.#wake = wake;
  }

  get hasNews(): boolean {
    return this.#pending.size > 0;
  }

  /** Begins, and begins anew whenever somebody has become a friend or is one no more. */
  look(): void {
    this.close();
    this.#current = new AbortController();
    void this.#follow(this.#current.signal);
  }

  take(): Presence[] {
    const news = [...this.#pending.values()];
    this.#pending.clear();
    return news;
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#current.abort();
  }

  async #follow(ended: AbortSignal): Promise<void> {
    try {
      for await (const some of this.#parts.watchFriends(this.#userId, ended)) {
        for (const presence of some) this.#note(presence);
        if (this.hasNews) this.#wake();
      }
    } catch (error) {
      if (ended.aborted) return;
      this.#parts.log.warn({ err: error }, 'the presence of friends could not be read and is tried again');
      this.#retry = setTimeout(() => this.look(), RETRY_MS).unref();
    }
  }

  #note(presence: Presence): void {
    const before = this.#told.get(presence.userId);
    const now = JSON.stringify(presence);
    // Whoever is not here goes without saying.
    if (before === now || (before === undefined && presence.status === 'offline')) return;
    this.#told.set(presence.userId, now);
    this.#pending.set(presence.userId, presence);
  }
}
