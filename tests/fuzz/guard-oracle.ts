// Says of a conversation before and after one update whether its sender was allowed to do that. Looks at plain JSON alone and shares
// no code with the guard: what two people wrote from the same rules.
import { isDeepStrictEqual } from 'node:util';
import * as Y from 'yjs';

type Json = Record<string, unknown>;

interface SegmentView {
  readonly messages: Json[];
  readonly edits: Record<string, Json>;
  readonly reactions: Record<string, Json>;
}

export interface View {
  readonly roots: string[];
  readonly meta: unknown;
  readonly segments: SegmentView[];
}

/** Everything there is to see, from a copy that was made of bytes. */
export const viewOf = (state: Uint8Array): View => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  const segments = doc.getArray('segments').toJSON() as SegmentView[];
  const meta: unknown = doc.getMap('meta').toJSON();
  return { roots: [...doc.share.keys()].sort(), meta, segments };
};

export interface Actor {
  readonly user: string;
  readonly isAdmin: boolean;
}

/** What the actor did and may not; nothing when all of it is legal. */
export const offences = (before: View, after: View, actor: Actor): string[] => {
  const found: string[] = [];
  if (!isDeepStrictEqual(before.roots, after.roots)) found.push(`roots became ${after.roots.join()}`);
  if (!isDeepStrictEqual(before.meta, after.meta)) found.push('meta has changed');
  // The server may open one segment more.
  const opened = after.segments.slice(before.segments.length);
  if (opened.length > 1 || after.segments.length < before.segments.length)
    found.push('segments have changed');
  const deleted = new Set<unknown>();
  for (const [at, segment] of before.segments.entries()) {
    const now = after.segments[at];
    if (now === undefined) continue;
    found.push(...ofMessages(segment.messages, now.messages, actor, deleted));
  }
  for (const [at, now] of after.segments.entries()) {
    const segment = before.segments[at] ?? { messages: [], edits: {}, reactions: {} };
    if (segment.messages.length === 0 && opened.includes(now))
      found.push(...ofMessages([], now.messages, actor, deleted));
    found.push(...ofEdits(segment, now, actor, deleted), ...ofReactions(segment, now, actor, deleted));
  }
  const ids = after.segments.flatMap(({ messages }) => messages.map(({ id }) => id));
  if (new Set(ids).size !== ids.length) found.push('an id stands twice');
  return found;
};

/** What stood keeps its order and its words; what is new is the actor's. Where it stands is Yjs' affair: others wrote meanwhile. */
const ofMessages = (
  before: Json[],
  after: Json[],
  { user, isAdmin }: Actor,
  deleted: Set<unknown>,
): string[] => {
  const found: string[] = [];
  const known = new Map(before.map((message) => [message.id, message]));
  const left = after.filter(({ id }) => known.has(id));
  const gone = before.filter(({ id }) => !left.some((message) => message.id === id));
  for (const message of gone) {
    deleted.add(message.id);
    if (message.author !== user && !isAdmin) found.push(`deletes a message of ${String(message.author)}`);
  }
  const stays = before.filter(({ id }) => !deleted.has(id));
  if (!isDeepStrictEqual(stays, left)) found.push('what was said has changed');
  for (const message of after) {
    if (known.has(message.id)) continue;
    if (message.author !== user) found.push(`speaks as ${String(message.author)}`);
    if (message.v !== 1 || message.type !== 'message' || typeof message.text !== 'string')
      found.push('is no message');
  }
  return found;
};

const changesOf = (
  before: Record<string, Json>,
  after: Record<string, Json>,
): [string, Json | undefined, Json | undefined][] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((key): [string, Json | undefined, Json | undefined] => [key, before[key], after[key]])
    .filter(([, was, is]) => !isDeepStrictEqual(was, is));

const ofEdits = (
  before: SegmentView,
  after: SegmentView,
  { user }: Actor,
  deleted: ReadonlySet<unknown>,
): string[] =>
  changesOf(before.edits, after.edits).flatMap(([key, was, is]) => {
    // They go with their message.
    if (is === undefined && deleted.has(key)) return [];
    const message = after.messages.find(({ id }) => id === key);
    if (message === undefined) return is === undefined ? [] : ['edits what is not there'];
    if (message.author !== user) return [`edits a message of ${String(message.author)}`];
    if (is !== undefined && (is.author !== user || is.message !== key))
      return ['an edit is not its author’s'];
    return was !== undefined && was.author !== user ? ['takes an edit of another back'] : [];
  });

const ofReactions = (
  before: SegmentView,
  after: SegmentView,
  { user }: Actor,
  deleted: ReadonlySet<unknown>,
): string[] =>
  changesOf(before.reactions, after.reactions).flatMap(([key, was, is]) => {
    const [message, whose] = key.split(':');
    if (is === undefined && deleted.has(message)) return [];
    if (whose !== user) return [`touches the reaction ${key}`];
    if (is !== undefined && (is.user !== user || is.message !== message))
      return [`the reaction ${key} says something else`];
    if (is !== undefined && !after.messages.some(({ id }) => id === message))
      return ['reacts to what is not there'];
    return was !== undefined && was.user !== user ? ['takes a reaction of another back'] : [];
  });
