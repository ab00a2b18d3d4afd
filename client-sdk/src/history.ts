// Owns reading history: which page comes next, one fetch at a time, and reading again what has changed.
import type { Message } from '@parley/shared';
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
}

export class HistoryPager {
  readonly #parts: HistoryParts;
  #loading: Promise<boolean> | null = null;
  /** Ids that are another thing now than what is here. */
  readonly #stale = new Set<string>();
  #refreshing: Promise<void> | null = null;

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

  /** These are another thing now: those of them that are here are read again. What cannot be read just now stays as it was. */
  changed(ids: readonly string[]): void {
    for (const id of ids) if (this.#parts.rowOf(id) !== undefined) this.#stale.add(id);
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
  }

  async #refresh(): Promise<void> {
    for (const id of this.#stale) {
      this.#stale.delete(id);
      const row = this.#parts.rowOf(id);
      if (row === undefined || row.seq === null) continue;
      const page = await this.#parts.fetch({ fromSeq: row.seq + 1, limit: 1 }).catch(() => null);
      // What one has changed oneself meanwhile may be newer than what was read.
      if (this.#parts.rowOf(id) !== row) this.#stale.add(id);
      else for (const item of page?.items ?? []) if (item.id === id) this.#parts.change(item);
    }
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
