// Owns paging back through history: which page comes next, and one fetch at a time.
import type { Message } from '@parley/shared';

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
}

export class HistoryPager {
  readonly #parts: HistoryParts;
  #loading: Promise<boolean> | null = null;

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
