// Owns copying what a document shows into an empty one, whatever shared types it is made of. Does not own when that is done.
import * as Y from 'yjs';
import { writeAs } from './server-clients.js';

type AnyType = Y.Doc['share'] extends Map<string, infer T> ? T : never;

/** A type whose content is still to be copied, and its copy. */
interface Pair {
  readonly from: AnyType;
  readonly to: AnyType;
}

/**
 * Writes everything that stands in `from` into the empty `to`, under one client id: text with its formats, embeds, attributes,
 * types in types, in the same order. Deleted items are left out, and with them who wrote what. Roots need not be of a declared
 * type. Level by level, so that neighbours merge; the work grows with what `from` holds, tombstones included, and no faster.
 */
export const copyDocument = (from: Y.Doc, to: Y.Doc, client: number): void =>
  writeAs(to, client, () =>
    to.transact((transaction) => {
      const pairs: Pair[] = [];
      for (const [name, root] of from.share) {
        if (isShown(root)) pairs.push({ from: root, to: to.get(name) });
      }
      for (const pair of pairs) {
        for (const [{ content }, copy] of copyItems(pair, transaction)) {
          if (content instanceof Y.ContentType && copy.content instanceof Y.ContentType)
            pairs.push({ from: content.type, to: copy.content.type });
        }
      }
    }),
  );

/** Whether anything stands in it: a root that is empty is as good as none. */
const isShown = (type: AnyType): boolean => {
  for (const item of type._map.values()) if (!item.deleted) return true;
  for (let item = type._start; item !== null; item = item.right) if (!item.deleted) return true;
  return false;
};

/** Copies the items of one type, its list in order and its entries by key, and tells each with its copy. */
const copyItems = ({ from, to }: Pair, transaction: Y.Transaction): [Y.Item, Y.Item][] => {
  const copies: [Y.Item, Y.Item][] = [];
  const { store, clientID } = transaction.doc;
  const add = (item: Y.Item, left: Y.Item | null, key: string | null): Y.Item => {
    const id = Y.createID(clientID, Y.getState(store, clientID));
    const copy = new Y.Item(id, left, left?.lastId ?? null, null, null, to, key, item.content.copy());
    copy.integrate(transaction, 0);
    copies.push([item, copy]);
    return copy;
  };
  let last: Y.Item | null = null;
  for (let item = from._start; item !== null; item = item.right) {
    if (!item.deleted) last = add(item, last, null);
  }
  for (const [key, item] of from._map) if (!item.deleted) add(item, null, key);
  return copies;
};
