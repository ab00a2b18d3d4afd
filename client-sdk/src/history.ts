// Owns paging back through history: which page comes next, and one fetch at a time.
import { limits, type Message } from '@parley/shared';

/** A page of history, ascending; `nextCursor` goes on towards older ones, null at the beginning. */
export interface HistoryPage {
  readonly items: readonly Message[];
  readonly nextCursor: string | null;
}

export interface HistoryParts {
  readonly fetch: (page: { readonly cursor?: string; readonly limit: number }) => Promise<HistoryPage>;
  /** From which number on everything is here; null while nothing is known. */
  readonly lowestSeq: () => number | null;
  readonly add: (items: readonly Message[]) => void;
}

export class HistoryPager {
  readonly #parts: HistoryParts;
  /** Where the last page ended, and how to go on from there. */
  #place: { readonly lowest: number; readonly cursor: string } | null = null;
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
    let cursor = this.#place !== null && this.#place.lowest === lowest ? this.#place.cursor : undefined;
    const found: Message[] = [];
    for (;;) {
      // Cursors are the server's own: to get before the window, its stretch has to be paged over, in the largest steps.
      const isSkipping = lowest !== null && cursor === undefined;
      const page: HistoryPage = await this.#parts.fetch({
        limit: isSkipping || found.length > 0 ? limits.pageItemsMax.value : limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.unshift(...page.items);
      const first = page.items[0];
      if (page.nextCursor === null || first === undefined) break;
      this.#place = { lowest: first.seq, cursor: page.nextCursor };
      if (found.filter(({ seq }) => lowest === null || seq < lowest).length >= limit) break;
      cursor = page.nextCursor;
    }
    // The window came, or jumped, while we asked: what was found may no longer join what is here.
    if (this.#parts.lowestSeq() !== lowest) return await this.#load(limit);
    this.#parts.add(found);
    const first = found[0];
    return first !== undefined && first.seq > 1;
  }
}
