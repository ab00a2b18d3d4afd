// Owns a live pad as its kind sees it. Does not own the rules (rules.ts) nor how large it is (pad-size.ts).
import type * as Y from 'yjs';
import type { DocumentView, JudgedUpdate, Verdict } from '../../../sync/index.js';
import { PadSize } from './pad-size.js';
import { judgePad } from './rules.js';

/** How exactly `updatedAt` is kept. */
const TELL_EVERY_MS = 60_000;

/** Somebody has edited it; told once in a while. */
export interface PadChange {
  readonly type: 'edited';
}

export class PadView implements DocumentView<PadChange> {
  readonly #doc: Y.Doc;
  readonly #size: PadSize;
  #toldAt = -TELL_EVERY_MS;

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#size = new PadSize(doc);
  }

  inspect(update: JudgedUpdate): Verdict<PadChange> {
    const refused = judgePad(this.#doc, this.#size, update);
    if (refused !== null) return refused;
    const weight = this.#size.weigh(update);
    return { ok: true, settle: () => this.#settle(weight) };
  }

  tidy(): void {
    this.#size.batchEnds();
  }

  #settle(weight: ReturnType<PadSize['weigh']>): PadChange[] {
    this.#size.changed(weight);
    if (performance.now() - this.#toldAt < TELL_EVERY_MS) return [];
    this.#toldAt = performance.now();
    return [{ type: 'edited' }];
  }
}
