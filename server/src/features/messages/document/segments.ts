// Owns the parts of a conversation's document that only the server writes: segments, meta, and what it puts into them.
import { CONVERSATION_MODEL, conversationKeys, type WindowMeta } from '@parley/shared';
import * as Y from 'yjs';
import type { ServerClients } from '../../../sync/index.js';

/** The three shared types of one segment. */
export interface SegmentTypes {
  readonly messages: Y.Array<unknown>;
  readonly edits: Y.Map<unknown>;
  readonly reactions: Y.Map<unknown>;
}

const as = <T>(doc: Y.Doc, client: number, body: () => T): T => {
  const before = doc.clientID;
  doc.clientID = client;
  try {
    return body();
  } finally {
    doc.clientID = before;
  }
};

const segmentsOf = (doc: Y.Doc): Y.Array<Y.Map<unknown>> => doc.getArray(conversationKeys.segments);

/** The segments of a document, oldest first. Throws when one lacks a part: only the server makes them, whole. */
export const readSegments = (doc: Y.Doc): SegmentTypes[] =>
  segmentsOf(doc).map((segment) => {
    const messages = segment.get(conversationKeys.messages);
    const edits = segment.get(conversationKeys.edits);
    const reactions = segment.get(conversationKeys.reactions);
    if (!(messages instanceof Y.Array) || !(edits instanceof Y.Map) || !(reactions instanceof Y.Map)) {
      throw new TypeError('a segment is not whole');
    }
    return { messages, edits, reactions };
  });

/**
 * Adds an empty segment at the end. Segments have a client id of their own, what is inside another, meta a third: only
 * neighbours by one client id merge, and so what has left the window shrinks to a few bytes.
 */
export const openSegment = (doc: Y.Doc, clients: ServerClients): SegmentTypes => {
  const segment = new Y.Map<unknown>();
  as(doc, clients.structure, () => segmentsOf(doc).push([segment]));
  const types = {
    messages: new Y.Array<unknown>(),
    edits: new Y.Map<unknown>(),
    reactions: new Y.Map<unknown>(),
  };
  as(doc, clients.content, () => {
    segment.set(conversationKeys.messages, types.messages);
    segment.set(conversationKeys.edits, types.edits);
    segment.set(conversationKeys.reactions, types.reactions);
  });
  return types;
};

/** Drops the oldest segment with all that is in it. */
export const dropOldestSegment = (doc: Y.Doc): void => segmentsOf(doc).delete(0, 1);

/** Appends a value on somebody's behalf. */
export const appendValue = (
  doc: Y.Doc,
  clients: ServerClients,
  { messages, value }: { messages: Y.Array<unknown>; value: object },
): void => as(doc, clients.content, () => messages.push([value]));

/** Sets an entry on somebody's behalf. */
export const setEntry = (
  doc: Y.Doc,
  clients: ServerClients,
  { map, key, value }: { map: Y.Map<unknown>; key: string; value: object },
): void =>
  as(doc, clients.content, () => {
    map.set(key, value);
  });

/** Writes where the window starts. */
export const writeWindow = (
  doc: Y.Doc,
  clients: ServerClients,
  { conversation, startSeq }: { conversation: string; startSeq: number },
): void => {
  const value: WindowMeta = { v: CONVERSATION_MODEL, conversation, startSeq };
  as(doc, clients.meta, () => doc.getMap(conversationKeys.meta).set(conversationKeys.window, value));
};

/** Writes what a document shows into an empty one: the segments with what still stands in them, and the window. */
export const copyWindow = (
  from: Y.Doc,
  to: Y.Doc,
  clients: ServerClients,
  window: { conversation: string; startSeq: number },
): void => {
  writeWindow(to, clients, window);
  for (const segment of readSegments(from)) {
    const fresh = openSegment(to, clients);
    as(to, clients.content, () => {
      fresh.messages.push(segment.messages.toArray());
      for (const [key, value] of segment.edits.entries()) fresh.edits.set(key, value);
      for (const [key, value] of segment.reactions.entries()) fresh.reactions.set(key, value);
    });
  }
};

/**
 * Takes one element out. Yjs remembers places in a list to find others from there, and forgets them only after a transaction: what came
 * from somebody else in the same one has moved them by then.
 */
export const removeAt = (list: Y.Array<unknown>, index: number): void => {
  list._searchMarker?.splice(0);
  list.delete(index, 1);
};

/** The index in the list of the element that came as this client's `clock`, or null when it is gone. */
export const indexOfStruct = (list: Y.Array<unknown>, client: number, clock: number): number | null => {
  let index = 0;
  for (let item = list._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    if (item.id.client === client && clock >= item.id.clock && clock < item.id.clock + item.length) {
      return index + clock - item.id.clock;
    }
    index += item.length;
  }
  return null;
};
