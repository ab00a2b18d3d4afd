// Owns the beginning of a list as far as it is loaded: in order, and where it ends. Knows no server.

import type { Order } from './order.js';
import { isSameValue } from './same-value.js';

export interface StretchParts<Item> {
  readonly keyOf: (item: Item) => string;
  readonly order: Order<Item>;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export class Stretch<Item> {
  readonly #parts: StretchParts<Item>;
  #items: readonly Item[] = [];
  #next: string | null = null;
  /** The last item of the last page, as it was: the next page begins after its place, wherever it is by now. */
  #end: Item | null = null;

  constructor(parts: StretchParts<Item>) {
    this.#parts = parts;
  }

  /** The same list as long as it says the same, of items that are the same objects as long as they say the same. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** Where the next page begins; null where everything is loaded. */
  get next(): string | null {
    return this.#next;
  }

  clear(): void {
    this.#end = null;
    this.#next = null;
    this.#set([]);
  }

  /** All that is loaded anew: the first pages, one after the other. */
  replace(pages: readonly Page<Item>[]): void {
    this.#end = null;
    this.#next = null;
    const found = new Map<string, Item>();
    for (const page of pages) this.#add(found, page);
    this.#set([...found.values()]);
  }

  /** The pages that begin at `next`. */
  append(pages: readonly Page<Item>[]): void {
    const found = this.#byKey();
    for (const page of pages) this.#add(found, page);
    this.#set([...found.values()]);
  }

  /** What the server says of these keys: who is not among the items is not in the list. */
  patch(keys: readonly string[], items: readonly Item[]): void {
    const found = this.#byKey();
    for (const key of keys) found.delete(key);
    for (const item of items) found.set(this.#parts.keyOf(item), item);
    this.#set([...found.values()]);
  }

  #byKey(): Map<string, Item> {
    return new Map(this.#items.map((item) => [this.#parts.keyOf(item), item]));
  }

  #add(found: Map<string, Item>, { items, nextCursor }: Page<Item>): void {
    for (const item of items) found.set(this.#parts.keyOf(item), item);
    this.#end = items.at(-1) ?? this.#end;
    this.#next = nextCursor;
  }

  #set(found: readonly Item[]): void {
    const { order, keyOf } = this.#parts;
    const known = this.#byKey();
    const end = this.#next === null ? null : this.#end;
    const items = found
      .filter((item) => end === null || order(item, end) <= 0)
      .sort(order)
      .map((item) => {
        const before = known.get(keyOf(item));
        return before !== undefined && isSameValue(before, item) ? before : item;
      });
    const isSame = items.length === this.#items.length && items.every((item, at) => item === this.#items[at]);
    if (!isSame) this.#items = Object.freeze(items);
  }
}
