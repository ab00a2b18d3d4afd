// Owns what may not be put into a pad. Its shape is free; how much, how deep and in how many pieces is not.
// Rules F1 to F4 and F6 of docs/sync-spec.md; F5 is the engine's.
import { limits } from '@parley/shared';
import * as Y from 'yjs';
import type { FreshItem, JudgedUpdate, Place, Refused } from '../../../sync/index.js';
import { refuse } from '../../../sync/ports.js';
import { cutBytesOf, type PadSize } from './pad-size.js';

const MAX_BYTES = limits.padBytes.value;
/** As far past the cap as deleting may take a pad: cut in pieces, what stays takes more. */
const DELETING_MAX_BYTES = MAX_BYTES + MAX_BYTES / 4;

/** Null when the update may be taken. */
export const judgePad = (doc: Y.Doc, size: PadSize, update: JudgedUpdate): Refused | null => {
  const depths = new Depths();
  const newRoots = new Set<string>();
  for (const item of update.items) {
    const { content, place } = item;
    if (content.kind === 'doc') return refuse('F1', 'a pad holds no documents of its own');
    if (isUnfit(item)) return refuse('F6', 'nothing can be called __proto__');
    if (place.kind === 'root' && !doc.share.has(place.name)) newRoots.add(place.name);
    if (content.kind === 'type' && depths.of(item) > limits.padDepth.value)
      return refuse('F3', `types stand more than ${limits.padDepth.value} deep in one another`);
  }
  if (newRoots.size > 0 && doc.share.size + newRoots.size > limits.padRoots.value)
    return refuse('F2', `a pad has more than ${limits.padRoots.value} roots`);
  if (update.items.length > 0 && !size.fits(size.weigh(update).adds, MAX_BYTES))
    return refuse('F4', `a pad holds at most ${MAX_BYTES} bytes`, 'TOO_LARGE');
  const cutBytes = cutBytesOf(update);
  if (cutBytes > 0 && !size.fits(cutBytes, DELETING_MAX_BYTES))
    return refuse('F4', 'what is left of such small pieces takes more than they did', 'TOO_LARGE');
  return null;
};

/** Where such a name is assigned as a key of a plain object, as `toJSON` does, it is none. */
const isUnfit = ({ content, place }: FreshItem): boolean => {
  if (content.kind === 'format' && content.key === '__proto__') return true;
  if (place.kind === 'gone') return false;
  return place.key === '__proto__' || (place.kind === 'root' && place.name === '__proto__');
};

/** How deep types stand: one directly in a root is 1 deep. Each is looked up once, however much stands in it. */
class Depths {
  readonly #fresh = new Map<FreshItem, number>();
  readonly #known = new Map<unknown, number>();

  of(item: FreshItem): number {
    const depth = this.#inside(item.place) + 1;
    this.#fresh.set(item, depth);
    return depth;
  }

  /** Of the type that the place is in. */
  #inside(place: Place): number {
    if (place.kind === 'new') return this.#fresh.get(place.holder) ?? 0;
    return place.kind === 'type' ? this.#knownDepth(place.type) : 0;
  }

  #knownDepth(type: unknown): number {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    let depth = 0;
    for (let at = type; at instanceof Y.AbstractType && at._item !== null; at = at._item.parent) depth += 1;
    this.#known.set(type, depth);
    return depth;
  }
}
