// Owns saying where in a document a change stands, for kinds whose content is all directly in roots.
import * as Y from 'yjs';
import type { FreshDelete, FreshItem } from './guard/judged-update.js';

/** The root's name, and the key for an entry of a map. */
export interface RootPlace {
  readonly root: string;
  readonly key: string | null;
}

/** Where the change stands if that is directly in a root of the document; null for what is deeper inside, or hangs nowhere. */
export const rootPlace = (change: FreshItem | FreshDelete): RootPlace | null => {
  if ('item' in change) return placeInRoot(change.item.parent, change.item.parentSub);
  const { place } = change;
  if (place.kind === 'root') return { root: place.name, key: place.key };
  return place.kind === 'type' ? placeInRoot(place.type, place.key) : null;
};

const placeInRoot = (parent: unknown, key: string | null): RootPlace | null =>
  parent instanceof Y.AbstractType && parent._item === null ? { root: Y.findRootTypeKey(parent), key } : null;
