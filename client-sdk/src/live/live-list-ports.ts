import type { ParleyEvent } from '@parley/shared';
import type { ParleyError } from '../api/errors.js';
import type { EventStream } from '../events/event-stream.js';
import type { Timing } from '../timing.js';
import type { FetchPage } from './fetch-pages.js';
import type { StretchParts } from './stretch.js';

/**
 * The beginning of a list, kept as the server has it until it is closed. What lies behind the pages loaded so far stays out, also what
 * moves there. Ends with the session, and `error` says so.
 */
export interface LiveList<Item> {
  /** Never changed in place: another array whenever something in it is another, with the same objects for what is the same. */
  readonly items: readonly Item[];
  /** The first page, or the next, is on its way. */
  readonly isLoading: boolean;
  /** Something followed when the end was last asked for; it may have come in or gone since. `loadMore` finds out. */
  readonly hasMore: boolean;
  /** Why it is not current, or not any more: NETWORK and the like go by themselves, NOT_FOUND once one may see it again. */
  readonly error: ParleyError | null;
  /** Told of every change of what stands above. Returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Resolves once the next page is in the list, or there is none. Rejects where it is closed or refused first. */
  loadMore(): Promise<void>;
  close(): void;
}

/** What a list consists of, and how it is asked for. */
export interface LiveListSource<Item> extends StretchParts<Item> {
  readonly fetchPage: FetchPage<Item>;
  /** Those of them that belong to the list; some twenty at once. */
  readonly fetchSome: (keys: string[]) => Promise<readonly Item[]>;
  /** Which items an event may change, bring or take; `all` where it cannot say. */
  readonly keysIn: (event: ParleyEvent) => readonly string[] | 'all';
  /** Items of the first page, and of each that follows. */
  readonly pageSize: number;
  /** For lists that time alone changes: so often everything that is loaded is fetched anew. */
  readonly everyMs?: number;
}

export interface LiveListParts<Item> extends LiveListSource<Item> {
  readonly events: Pick<EventStream, 'isReady' | 'onAny'>;
  readonly timing: Timing;
  readonly onClose: () => void;
}
