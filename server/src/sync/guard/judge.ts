// Owns the rules that hold for every kind of document: whose client ids, no gaps, nothing dangling.
// Does not own the bytes (decode-update.ts) nor what a kind allows where (its view's `inspect`).
import { limits } from '@parley/shared';
import * as Y from 'yjs';
import { type ActorFacts, type Refused, refuse } from '../ports.js';
import { isServerClient } from '../server-clients.js';
import type { DecodedStruct, DecodedUpdate, StructId } from './decode-update.js';
import type { FreshDelete, FreshItem, JudgedUpdate, Place } from './judged-update.js';

type DecodedItem = Extract<DecodedStruct, { kind: 'item' }>;

/**
 * Judges structure and ownership. Pure: reads the document and the facts, changes nothing.
 * Rules G1 to G8 of docs/sync-spec.md.
 */
export const judge = (doc: Y.Doc, update: DecodedUpdate, facts: ActorFacts): JudgedUpdate | Refused => {
  const fresh = freshBlocks(doc, update, facts);
  if ('ok' in fresh) return fresh;
  const ordered = inDependencyOrder(doc, fresh.blocks);
  if (ordered === null) return refuse('G6', 'an item hangs on something that is not there');
  const items = resolvePlaces(doc, ordered);
  if (items === null) return refuse('G6', 'the rest of an item says that it stands elsewhere');
  const deletes = freshDeletes(doc, update, fresh.blocks);
  if ('ok' in deletes) return deletes;
  if (facts.access === 'read' && (items.length > 0 || deletes.existing.length > 0)) {
    return refuse('G1', 'you may read here, not write', 'FORBIDDEN');
  }
  const { newClients } = fresh;
  return { bytes: update.bytes, items, deletes: deletes.existing, newClients, takesBack: deletes.takesBack };
};

interface FreshStruct {
  readonly item: DecodedItem;
  readonly offset: number;
}
type FreshBlocks = ReadonlyMap<number, readonly FreshStruct[]>;

const freshBlocks = (
  doc: Y.Doc,
  update: DecodedUpdate,
  facts: ActorFacts,
): { readonly blocks: FreshBlocks; readonly newClients: number[] } | Refused => {
  const blocks = new Map<number, FreshStruct[]>();
  const newClients: number[] = [];
  let length = 0;
  for (const block of update.blocks) {
    const known = Y.getState(doc.store, block.client);
    if (block.structs.some((struct) => struct.id.clock < known && hangsOnUnknown(doc, struct))) {
      return refuse('G6', 'what is known already does not stand there');
    }
    const last = block.structs.at(-1);
    if (last === undefined || last.id.clock + last.length <= known) continue;
    if (block.clock > known)
      return refuse('G4', `client ${block.client} skips from ${known} to ${block.clock}`);
    if (isServerClient(block.client)) return refuse('G3', `client id ${block.client} is the server's`);
    const owner = facts.ownerOf(block.client);
    if (owner === undefined) newClients.push(block.client);
    if ((owner ?? facts.shownBy(block.client) ?? facts.actor.userId) !== facts.actor.userId) {
      return refuse('G2', `client id ${block.client} is somebody else's`);
    }
    const structs: FreshStruct[] = [];
    for (const struct of block.structs) {
      if (struct.id.clock + struct.length <= known) continue;
      if (struct.kind === 'skip') return refuse('G5', 'a client may not leave structs out');
      const offset = Math.max(0, known - struct.id.clock);
      length += weightOf(struct, offset);
      if (struct.kind !== 'item') {
        structs.push({
          item: nothingAt(block.client, struct.id.clock + offset, struct.length - offset),
          offset: 0,
        });
        continue;
      }
      // Yjs cannot go on from the middle of an item whose first part has been collected; asked again, the client cuts it.
      if (offset > 0 && isCollected(doc, block.client, known - 1))
        return refuse('G4', 'the first part was collected');
      structs.push({ item: struct, offset });
    }
    blocks.set(block.client, structs);
  }
  if (blocks.size > limits.updateClients.value)
    return refuse('G8', 'too many client ids in one update', 'TOO_LARGE');
  if (newClients.length > 0 && facts.clientsOfActor() + newClients.length > limits.clientsPerPerson.value)
    return refuse('G8', 'too many client ids of one person');
  if (length > limits.updateStructs.value)
    return refuse('G8', 'too many elements in one update', 'TOO_LARGE');
  return { blocks, newClients };
};

/** What a client wrote and has collected since: its clocks are taken, and it stands nowhere. */
const nothingAt = (client: number, clock: number, length: number): DecodedItem => ({
  kind: 'item',
  id: { client, clock },
  length,
  origin: null,
  rightOrigin: null,
  parent: null,
  parentSub: null,
  content: { kind: 'deleted', length },
});

/** How much of the bound on elements it uses up: a text is one piece of work, however long, and so is what was deleted. */
const weightOf = (struct: DecodedStruct, offset: number): number =>
  struct.kind === 'item' && struct.content.kind !== 'string' && struct.content.kind !== 'deleted'
    ? struct.length - offset
    : 1;

/**
 * Whether an item that is known already names what nobody made. Yjs makes a root for every name it reads, even on an item that it then
 * passes over: such names would pile up. And it waits for whatever an item hangs on before it sees that it knows the item.
 */
const hangsOnUnknown = (doc: Y.Doc, struct: DecodedStruct): boolean => {
  if (struct.kind !== 'item') return false;
  const { origin, rightOrigin, parent } = struct;
  if (parent !== null && 'root' in parent && !doc.share.has(parent.root)) return true;
  const holder = parent !== null && 'item' in parent ? parent.item : null;
  return [origin, rightOrigin, holder].some(
    (id) => id !== null && id.clock >= Y.getState(doc.store, id.client),
  );
};

const isCollected = (doc: Y.Doc, client: number, clock: number): boolean =>
  !(Y.getItem(doc.store, Y.createID(client, clock)) instanceof Y.Item);

/** The items so that each comes after what it hangs on, or null when something is missing or circular. */
const inDependencyOrder = (doc: Y.Doc, blocks: FreshBlocks): FreshStruct[] | null => {
  const ordered: FreshStruct[] = [];
  const reached = new Map<number, number>();
  const isThere = (id: StructId | null): boolean =>
    id === null || id.clock < (reached.get(id.client) ?? Y.getState(doc.store, id.client));
  const queues = [...blocks.values()].map((structs) => ({ structs, next: 0 }));
  for (let moved = true; moved; ) {
    moved = false;
    for (const queue of queues) {
      for (let head = queue.structs[queue.next]; head !== undefined; head = queue.structs[queue.next]) {
        const { id, origin, rightOrigin, parent, length } = head.item;
        const holder = parent !== null && 'item' in parent ? parent.item : null;
        if (!isThere(origin) || !isThere(rightOrigin) || !isThere(holder)) break;
        reached.set(id.client, id.clock + length);
        ordered.push(head);
        queue.next += 1;
        moved = true;
      }
    }
  }
  return queues.every((queue) => queue.next === queue.structs.length) ? ordered : null;
};

/** Says for each item where Yjs will put it, following the same steps as Yjs's own `Item.getMissing`. */
const resolvePlaces = (doc: Y.Doc, ordered: readonly FreshStruct[]): FreshItem[] | null => {
  const byClient = new Map<number, FreshItem[]>();
  const placeBeside = (id: StructId): Place => {
    const sibling = freshAt(byClient.get(id.client), id.clock);
    return sibling === undefined
      ? placeOf(Y.getItem(doc.store, Y.createID(id.client, id.clock)))
      : sibling.place;
  };
  const placeInside = (id: StructId, key: string | null): Place => {
    const holder = freshAt(byClient.get(id.client), id.clock);
    if (holder !== undefined) {
      return holder.content.kind === 'type' && holder.place.kind !== 'gone'
        ? { kind: 'new', holder, key }
        : GONE;
    }
    const item = Y.getItem(doc.store, Y.createID(id.client, id.clock));
    return item instanceof Y.Item && item.content instanceof Y.ContentType
      ? { kind: 'type', type: item.content.type, key }
      : GONE;
  };
  /** Where the item says that it stands. */
  const placeAsSent = (item: DecodedItem): Place => {
    const beside = [item.origin, item.rightOrigin].filter((id) => id !== null).map(placeBeside);
    if (beside.some((place) => place.kind === 'gone')) return GONE;
    const first = beside[0];
    if (first !== undefined) return first;
    if (item.parent === null) return GONE;
    return 'root' in item.parent
      ? { kind: 'root', name: item.parent.root, key: item.parentSub }
      : placeInside(item.parent.item, item.parentSub);
  };
  /** Null when an item whose first part is known says that it stands elsewhere: Yjs would believe it. */
  const resolve = ({ item, offset }: FreshStruct): Place | null => {
    const sent = placeAsSent(item);
    if (offset === 0) return sent;
    const known = placeBeside({ client: item.id.client, clock: item.id.clock + offset - 1 });
    return isSamePlace(doc, sent, known) ? known : null;
  };
  const items: FreshItem[] = [];
  for (const struct of ordered) {
    const { id, length, content, rightOrigin } = struct.item;
    const place = resolve(struct);
    if (place === null) return null;
    const fresh: FreshItem = { id, length, offset: struct.offset, content, rightOrigin, place };
    items.push(fresh);
    const siblings = byClient.get(id.client);
    if (siblings === undefined) byClient.set(id.client, [fresh]);
    else siblings.push(fresh);
  }
  return items;
};

const isSamePlace = (doc: Y.Doc, sent: Place, known: Place): boolean => {
  if (known.kind !== 'type') return false;
  if (sent.kind === 'root') return doc.share.get(sent.name) === known.type && sent.key === known.key;
  return sent.kind === 'type' && sent.type === known.type && sent.key === known.key;
};

const GONE: Place = { kind: 'gone' };

const placeOf = (struct: Y.Item | Y.AbstractStruct): Place =>
  struct instanceof Y.Item && struct.parent instanceof Y.AbstractType
    ? { kind: 'type', type: struct.parent, key: struct.parentSub }
    : GONE;

/** The item among these (clocks ascending) that covers the clock. */
const freshAt = (items: readonly FreshItem[] | undefined, clock: number): FreshItem | undefined => {
  if (items === undefined) return undefined;
  let low = 0;
  let high = items.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item === undefined) return undefined;
    if (clock < item.id.clock + item.offset) high = middle - 1;
    else if (clock >= item.id.clock + item.length) low = middle + 1;
    else return item;
  }
  return undefined;
};

interface Range {
  readonly from: number;
  readonly to: number;
}

const freshDeletes = (
  doc: Y.Doc,
  update: DecodedUpdate,
  blocks: FreshBlocks,
): { readonly existing: FreshDelete[]; readonly takesBack: JudgedUpdate['takesBack'] } | Refused => {
  const existing: FreshDelete[] = [];
  const taken = new Map<number, Range[]>();
  for (const { client, clock, length } of mergedDeletes(update)) {
    const known = Y.getState(doc.store, client);
    const last = blocks.get(client)?.at(-1)?.item;
    const end = last === undefined ? known : last.id.clock + last.length;
    if (clock + length > end) return refuse('G7', `a delete reaches past what client ${client} ever wrote`);
    if (clock < known) collectLive(doc, client, clock, Math.min(clock + length, known), existing);
    if (clock + length > known) {
      const ranges = taken.get(client) ?? [];
      ranges.push({ from: Math.max(clock, known), to: clock + length });
      taken.set(client, ranges);
    }
  }
  const takesBack = (client: number, clock: number): boolean =>
    taken.get(client)?.some((range) => clock >= range.from && clock < range.to) ?? false;
  return { existing, takesBack };
};

type Delete = DecodedUpdate['deletes'][number];

/** The deletes without overlaps, so that repeating one costs nothing. */
const mergedDeletes = (update: DecodedUpdate): Delete[] => {
  const sorted = update.deletes.toSorted(
    (left, right) => left.client - right.client || left.clock - right.clock,
  );
  const merged: Delete[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last === undefined || last.client !== next.client || last.clock + last.length < next.clock) {
      merged.push(next);
      continue;
    }
    const end = Math.max(last.clock + last.length, next.clock + next.length);
    merged[merged.length - 1] = { client: last.client, clock: last.clock, length: end - last.clock };
  }
  return merged;
};

/** Adds what is still alive in the stretch. Steps over whole structs, so a long dead stretch is cheap. */
const collectLive = (doc: Y.Doc, client: number, from: number, to: number, into: FreshDelete[]): void => {
  const structs = doc.store.clients.get(client);
  if (structs === undefined) return;
  for (let index = Y.findIndexSS(structs, from); index < structs.length; index += 1) {
    const struct = structs[index];
    if (struct === undefined || struct.id.clock >= to) return;
    if (!(struct instanceof Y.Item) || struct.deleted) continue;
    const start = Math.max(from, struct.id.clock);
    const end = Math.min(to, struct.id.clock + struct.length);
    into.push({ item: struct, offset: start - struct.id.clock, length: end - start });
  }
};
