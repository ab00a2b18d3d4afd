// Owns keeping the beginning of a list of the server current from events: what an event names is fetched and put at its place, all that is
// loaded is fetched anew only where events cannot say what changed. One thing is asked at a time, so no late answer undoes a newer one.
import { limits, type ParleyEvent } from '@parley/shared';
import { endsAccess, isSignInError, ParleyError, toParleyError } from '../api/errors.js';
import { waitMs } from '../api/retry.js';
import { Emitter } from '../emitter.js';
import { quietDeferred } from '../sync/deferred.js';
import { fetchPages } from './fetch-pages.js';
import type { LiveList, LiveListParts } from './live-list-ports.js';
import { type Page, Stretch } from './stretch.js';

/** What happens within it is fetched together. */
const TOGETHER_MS = 50;
/** So many keys fit into one address, beside a filter. Where there are more than that for each page, the pages are less to ask for. */
const KEYS_AT_ONCE = 20;

/** Loads the first page at once. */
export class LiveItems<Item> implements LiveList<Item> {
  readonly #parts: LiveListParts<Item>;
  readonly #changes = new Emitter<{ change: undefined }>();
  readonly #stretch: Stretch<Item>;
  readonly #stopListening: () => void;
  /** What happened to them is not in the list yet. */
  readonly #stale = new Set<string>();
  #isAllStale = true;
  #more: ReturnType<typeof quietDeferred<void>> | null = null;
  #isBusy = false;
  #isLoaded = false;
  #isClosed = false;
  /** There is nothing to ask for until an event says that everything may be another way. */
  #isRefused = false;
  #failures = 0;
  #error: ParleyError | null = null;
  #callOff = (): void => undefined;
  #stopRepeating = (): void => undefined;
  #told: readonly unknown[] = [];

  constructor(parts: LiveListParts<Item>) {
    this.#parts = parts;
    this.#stretch = new Stretch(parts);
    // Whatever happens after the stream is ready is told: only what is fetched then stays current.
    this.#stopListening = parts.events.onAny((event) => this.#hear(event));
    this.#told = this.#state;
    if (parts.events.isReady) this.#schedule(0);
  }

  get items(): readonly Item[] {
    return this.#stretch.items;
  }

  get isLoading(): boolean {
    return !this.#isClosed && (!this.#isLoaded || this.#more !== null);
  }

  get hasMore(): boolean {
    return this.#stretch.next !== null;
  }

  get error(): ParleyError | null {
    return this.#error;
  }

  onChange(listener: () => void): () => void {
    return this.#changes.on('change', () => listener());
  }

  loadMore(): Promise<void> {
    if (this.#isClosed) return Promise.reject(this.#error ?? new ParleyError('CLOSED'));
    if (this.#isLoaded && !this.hasMore) return Promise.resolve();
    this.#more ??= quietDeferred();
    const { promise } = this.#more;
    this.#schedule(0);
    this.#tell();
    return promise;
  }

  close(reason?: ParleyError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = reason ?? null;
    this.#stopListening();
    this.#callOff();
    this.#stopRepeating();
    this.#settleMore(reason ?? new ParleyError('CLOSED'));
    this.#parts.onClose();
    this.#tell();
  }

  #hear(event: ParleyEvent): void {
    if (event.type === 'stream.ready') {
      if (this.#isAllStale) this.#schedule(0);
      return;
    }
    const keys = event.type === 'stream.gap' ? 'all' : this.#parts.keysIn(event);
    if (this.#isRefused && keys !== 'all') return;
    if (keys === 'all') this.#isAllStale = true;
    else for (const key of keys) this.#stale.add(key);
    if (keys === 'all' || keys.length > 0) this.#schedule(TOGETHER_MS);
  }

  get #hasWork(): boolean {
    return this.#isAllStale || this.#stale.size > 0 || (this.#isLoaded && this.#more !== null);
  }

  /** Unless something is being asked, whose end looks for more to do. */
  #schedule(ms: number): void {
    if (this.#isClosed || this.#isBusy || !this.#parts.events.isReady || !this.#hasWork) return;
    // While the server is away, the pause that runs stands.
    if (this.#failures > 0) return;
    this.#callOff();
    this.#callOff = this.#parts.timing.after(ms, () => void this.#run());
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    try {
      await this.#step();
      if (this.#isClosed) return;
      this.#failures = 0;
      this.#error = null;
    } catch (reason) {
      if (!this.#isClosed) this.#fail(toParleyError(reason));
    } finally {
      this.#isBusy = false;
      this.#tell();
      this.#schedule(this.#more === null ? TOGETHER_MS : 0);
    }
  }

  async #step(): Promise<void> {
    const pages = 1 + this.items.length / limits.pageItemsMax.value;
    if (this.#isRefused || this.#stale.size > KEYS_AT_ONCE * pages) this.#isAllStale = true;
    if (this.#isAllStale) await this.#loadAnew();
    else if (this.#more !== null) await this.#loadNext();
    else await this.#loadSome([...this.#stale].slice(0, KEYS_AT_ONCE));
  }

  async #loadAnew(): Promise<void> {
    const { pageSize } = this.#parts;
    this.#stale.clear();
    this.#isAllStale = false;
    // From here on: what happens while all of it is fetched is fetched after that.
    this.#isRefused = false;
    let pages: Page<Item>[];
    try {
      pages = await fetchPages(this.#parts.fetchPage, null, Math.max(this.items.length, pageSize));
    } catch (error) {
      if (isForNow(error)) this.#isAllStale = true;
      throw error;
    }
    if (this.#isClosed) return;
    this.#stretch.replace(pages);
    this.#isLoaded = true;
    this.#repeat();
  }

  async #loadNext(): Promise<void> {
    const cursor = this.#stretch.next;
    if (cursor !== null) {
      const pages = await fetchPages(this.#parts.fetchPage, cursor, this.#parts.pageSize);
      if (this.#isClosed) return;
      this.#stretch.append(pages);
    }
    this.#settleMore(null);
  }

  async #loadSome(keys: string[]): Promise<void> {
    for (const key of keys) this.#stale.delete(key);
    try {
      const items = await this.#parts.fetchSome(keys);
      if (!this.#isClosed) this.#stretch.patch(keys, items);
    } catch (error) {
      if (isForNow(error)) for (const key of keys) this.#stale.add(key);
      throw error;
    }
  }

  #repeat(): void {
    const { everyMs, timing } = this.#parts;
    this.#stopRepeating();
    if (everyMs === undefined) return;
    this.#stopRepeating = timing.after(everyMs, () => {
      this.#isAllStale = true;
      this.#schedule(0);
    });
  }

  #fail(error: ParleyError): void {
    this.#error = error;
    if (error.retry === 'later') {
      this.#failures += 1;
      const ms = waitMs(error, this.#failures, this.#parts.timing);
      this.#callOff = this.#parts.timing.after(ms, () => void this.#run());
      return;
    }
    this.#failures = 0;
    this.#isLoaded = true;
    this.#isRefused = true;
    // That everything may be another way, which came meanwhile, stands.
    this.#stale.clear();
    if (endsAccess(error) || isSignInError(error)) this.#stretch.clear();
    this.#settleMore(error);
  }

  #settleMore(error: ParleyError | null): void {
    const more = this.#more;
    this.#more = null;
    if (error === null) more?.resolve();
    else more?.reject(error);
  }

  get #state(): readonly unknown[] {
    return [this.items, this.isLoading, this.hasMore, this.error];
  }

  #tell(): void {
    const state = this.#state;
    if (state.every((part, at) => part === this.#told[at])) return;
    this.#told = state;
    this.#changes.emit('change', undefined);
  }
}

const isForNow = (error: unknown): boolean => toParleyError(error).retry === 'later';
