// Owns reading history: which page comes next, one fetch at a time, and reading again what has changed.
import type { Message } from '@parley/shared';
import type { Timing } from '../timing.js';
import type { Row } from './message.js';

/** A page of history, ascending; `nextCursor` is null where it reaches the first message. */
export interface HistoryPage {
  readonly items: readonly Message[];
  readonly nextCursor: string | null;
}

export interface HistoryParts {
  /** Older messages, from right below `fromSeq`, or from the newest. */
  readonly fetch: (page: { readonly fromSeq?: number; readonly limit: number }) => Promise<HistoryPage>;
  /** From which number on everything is here; null while nothing is known. */
  readonly lowestSeq: () => number | null;
  readonly add: (items: readonly Message[]) => void;
  /** A message that is here from history; the same object until it changes. */
  readonly rowOf: (id: string) => Row | undefined;
  readonly change: (item: Message) => void;
  readonly timing: Pick<Timing, 'after'>;
}

/** Messages read again in one fetch, and how long after one the next begins: others may change much and often. */
const MAX_AGAIN = 100;
const AGAIN_EVERY_MS = 1_000;

export class HistoryPager {
  readonly #parts: HistoryParts;
  #loading: Promise<boolean> | null = null;
  /** Ids that are another thing now than what is here. */
  readonly #stale = new Set<string>();
  #refreshing = false;
  #cancel: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** Adds older messages, `limit` of them where there are as many; whether there may be more. Calls at the same time share one fetch. */
  loadOlder(limit: number): Promise<boolean> {
    this.#loading ??= this.#load(limit).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  /**
   * These are another thing now: those of them that are here are read again, neighbours together, at no great pace. What cannot be
   * read just now stays as it was.
   */
  changed(ids: readonly string[]): void {
    for (const id of ids) if (this.#parts.rowOf(id) !== undefined) this.#stale.add(id);
    if (!this.#refreshing) void this.#refresh();
  }

  /** Reads nothing again any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  async #refresh(): Promise<void> {
    const rows = [...this.#stale].flatMap((id) => this.#parts.rowOf(id) ?? []);
    const newest = Math.max(0, ...rows.map(({ seq }) => seq ?? 0));
    if (newest === 0) {
      this.#stale.clear();
      return;
    }
    this.#refreshing = true;
    const some = rows.filter(({ seq }) => seq !== null && seq > newest - MAX_AGAIN);
    for (const { id } of some) this.#stale.delete(id);
    const limit = newest + 1 - Math.min(...some.map(({ seq }) => seq ?? newest));
    const page = await this.#parts.fetch({ fromSeq: newest + 1, limit }).catch(() => null);
    if (this.#isClosed) return;
    const items = new Map(page?.items.map((item) => [item.id, item]));
    for (const row of some) {
      const item = items.get(row.id);
      if (item === undefined) continue;
      // What one has changed oneself meanwhile may be newer than what was read.
      if (this.#parts.rowOf(row.id) === row) this.#parts.change(item);
      else this.#stale.add(row.id);
    }
    this.#cancel = this.#parts.timing.after(AGAIN_EVERY_MS, () => {
      this.#refreshing = false;
      void this.#refresh();
    });
  }

  async #load(limit: number): Promise<boolean> {
    const lowest = this.#parts.lowestSeq();
    if (lowest !== null && lowest <= 1) return false;
    const page = await this.#parts.fetch({ limit, ...(lowest === null ? {} : { fromSeq: lowest }) });
    // The window came, or jumped, while we asked: what was found may no longer join what is here.
    if (this.#parts.lowestSeq() !== lowest) return await this.#load(limit);
    this.#parts.add(page.items);
    return page.nextCursor !== null;
  }
}
