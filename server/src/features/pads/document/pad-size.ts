// Owns how large a pad's encoded state is: exactly where it matters, and otherwise a bound that costs nothing to keep.
import * as Y from 'yjs';
import type { FreshDelete, JudgedUpdate } from '../../../sync/index.js';

/** What an update does to the size, before it is applied. */
export interface Weight {
  /** At most so many bytes more. */
  readonly adds: number;
  /** At least so many bytes go; until the batch ends they still stand in the encoded state. */
  readonly frees: number;
}

/** What cutting an item in two costs at most: the head of the second half, with what it hangs on. */
const CUT_BYTES = 24;

export class PadSize {
  readonly #doc: Y.Doc;
  /** No less than what the state takes. */
  #atMost = Number.POSITIVE_INFINITY;
  /** Measured, and nothing has changed since. */
  #isExact = false;
  /** Deleted in the batch under way. */
  #freed = 0;

  constructor(doc: Y.Doc) {
    this.#doc = doc;
  }

  /** Whether so many more bytes fit. Measures where the bound does not tell, and never twice without a change in between. */
  fits(adds: number, maxBytes: number): boolean {
    if (this.#atMost + adds > maxBytes && !this.#isExact) this.#measure();
    return this.#atMost + adds <= maxBytes;
  }

  weigh(update: JudgedUpdate): Weight {
    const frees = update.deletes.reduce((sum, each) => sum + bytesIn(each), 0);
    return { adds: update.bytes + CUT_BYTES * update.items.length + cutBytesOf(update), frees };
  }

  /** The update is applied. */
  changed({ adds, frees }: Weight): void {
    this.#atMost += adds;
    this.#freed += frees;
    this.#isExact = false;
  }

  /** What was deleted is let go. */
  batchEnds(): void {
    if (this.#freed > 0) this.#isExact = false;
    this.#freed = 0;
  }

  #measure(): void {
    this.#atMost = Y.encodeStateAsUpdate(this.#doc).length - this.#freed;
    this.#isExact = true;
  }
}

/** What it takes at most that the deletes cut through the middle of items. */
export const cutBytesOf = ({ deletes }: JudgedUpdate): number =>
  CUT_BYTES *
  deletes.reduce(
    (cuts, { item, offset, length }) => cuts + (offset > 0 ? 1 : 0) + (offset + length < item.length ? 1 : 0),
    0,
  );

const bytesIn = ({ item: { content }, offset, length }: FreshDelete): number => {
  if (content instanceof Y.ContentString)
    return Buffer.byteLength(content.str.slice(offset, offset + length));
  return content instanceof Y.ContentBinary ? content.content.byteLength : 0;
};
