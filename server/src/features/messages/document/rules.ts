// Owns the rules of a conversation's document: what a member may write where. Pure.
// Rules C1 to C10 of docs/sync-spec.md; the general ones (G) have been checked before.
import {
  CONVERSATION_MODEL,
  type EditValue,
  editValueSchema,
  limits,
  type MessageValue,
  messageValueSchema,
  type ReactionValue,
  reactionKey,
  reactionValueSchema,
} from '@parley/shared';
import * as Y from 'yjs';
import type { z } from 'zod';
import type {
  ActorFacts,
  FreshDelete,
  FreshItem,
  JudgedUpdate,
  Place,
  Refused,
} from '../../../sync/index.js';
import { refuse } from '../../../sync/ports.js';
import type { AttachmentBook } from './attachments.js';
import type { Part, Segment, WindowIndex } from './window-index.js';

/**
 * One accepted piece of an update, in the order it happened. `home` is null where the segment, or the message that was meant,
 * is no longer there; `stray` is then the segment in which something lies that belongs to nothing.
 */
export type Step =
  | {
      readonly type: 'message';
      readonly value: MessageValue;
      readonly home: Segment | null;
      /** The message stands in the window already: this copy of it goes. */
      readonly repeated: boolean;
      readonly client: number;
      readonly clock: number;
    }
  | {
      readonly type: 'edit';
      readonly value: EditValue;
      readonly home: Segment | null;
      readonly stray?: Segment;
    }
  | {
      readonly type: 'reaction';
      readonly value: ReactionValue;
      readonly home: Segment | null;
      readonly stray?: Segment;
    }
  /** What lay under the message's edits may have been overwritten by nothing. */
  | { readonly type: 'unedit'; readonly id: string; readonly home: Segment }
  | { readonly type: 'delete'; readonly id: string };

type Steps = Step[] | Refused;

/** Judges an update by the rules of conversations; returns what it does, or the first rule it breaks. */
export const judgeConversation = (
  index: WindowIndex,
  files: AttachmentBook,
  update: JudgedUpdate,
  facts: ActorFacts,
): Steps => {
  const steps: Step[] = [];
  const judging: Judging = {
    index,
    files,
    taken: new Set(),
    update,
    facts,
    brought: new Map(),
    reacted: new Map(),
    left: limits.updateMessages.value,
  };
  for (const item of update.items) {
    const found = judgeItem(item, judging);
    if (!Array.isArray(found)) return found;
    steps.push(...found);
  }
  const setKeys = keysSetBy(update);
  for (const gone of update.deletes) {
    judging.left -= gone.length;
    if (judging.left < 0) return refuse('G8', 'too many messages in one update', 'TOO_LARGE');
    const found = judgeDelete(index, setKeys, gone, facts);
    if (!Array.isArray(found)) return found;
    steps.push(...found);
  }
  return steps;
};

/** The message that an edit or a reaction means. */
interface Target {
  readonly segment: Segment | null;
  readonly author: string;
  readonly isSystem: boolean;
}

/** One update under judgement. */
interface Judging {
  readonly index: WindowIndex;
  readonly files: AttachmentBook;
  /** Files of messages that it has brought so far. */
  readonly taken: Set<string>;
  readonly update: JudgedUpdate;
  readonly facts: ActorFacts;
  /** Messages that it has brought so far, and where each is. */
  readonly brought: Map<string, Target>;
  /** How many reactions its author would have on a message, where one was added. */
  readonly reacted: Map<string, number>;
  /** How many values it may still hold, and delete. */
  left: number;
}

const judgeItem = (item: FreshItem, judging: Judging): Steps => {
  const { index, update, facts, brought } = judging;
  const { place, content } = item;
  const at = place.kind === 'type' ? index.partOf(place.type) : undefined;
  if (place.kind !== 'gone') {
    if (at === undefined)
      return refuse('C1', 'only messages, edits and reactions of a segment can be written');
    if ((place.key === null) !== (at.part === 'messages'))
      return refuse('C1', 'a list takes no key, a map needs one');
    // Values that were replaced before they were sent merge into one run of nothing.
    if (place.key !== null && item.length !== 1 && content.kind !== 'deleted') {
      return refuse('C1', 'a key holds one value');
    }
    if (item.rightOrigin !== null && place.key !== null)
      return refuse('C2', 'a key has no place before another');
  }
  if (content.kind === 'deleted') return judgeNothing(place, at, judging);
  if (content.kind !== 'any') return refuse('C3', `${content.kind} has no place in a conversation`);
  const key = place.kind === 'gone' ? null : place.key;
  const steps: Step[] = [];
  for (let offset = item.offset; offset < content.values.length; offset += 1) {
    const clock = item.id.clock + offset;
    if (update.takesBack(item.id.client, clock)) {
      const nothing = judgeNothing(place, at, judging);
      if (!Array.isArray(nothing)) return nothing;
      steps.push(...nothing);
      continue;
    }
    // Counted before it is judged: refusing much costs little.
    judging.left -= 1;
    if (judging.left < 0) return refuse('G8', 'too many messages in one update', 'TOO_LARGE');
    const value = content.values[offset];
    const judged = judgeValue(value, at?.part ?? partByTag(value), {
      index,
      files: judging.files,
      taken: judging.taken,
      facts,
      brought,
      reacted: judging.reacted,
      key,
      home: at?.segment ?? null,
      client: item.id.client,
      clock,
    });
    if ('ok' in judged) return judged;
    // What is only done again, after it was undone, stands where it stood, and goes.
    if (item.rightOrigin !== null && at !== undefined && !(judged.type === 'message' && judged.repeated)) {
      return refuse('C2', 'messages are appended, not put before others');
    }
    if (judged.type === 'message') {
      if (brought.has(judged.value.id)) return refuse('C5', 'one message id twice in one update');
      brought.set(judged.value.id, { segment: judged.home, author: judged.value.author, isSystem: false });
    }
    steps.push(judged);
  }
  return steps;
};

/**
 * Something that was written and taken back before it was sent. In a list that is nothing. Under a key it still takes the
 * place of what lay there, so the key must be one's own.
 */
const judgeNothing = (
  place: Place,
  at: { segment: Segment; part: Part } | undefined,
  judging: Judging,
): Steps => {
  if (place.kind === 'gone' || place.key === null || at === undefined) return [];
  const { userId } = judging.facts.actor;
  if (at.part === 'reactions') {
    const value = reactionOfKey(place.key);
    if (value?.user !== userId) return refuse('C7', 'a reaction is your own');
    return [{ type: 'reaction', value, home: at.segment }];
  }
  const known = judging.index.find(place.key);
  if (known !== undefined && known.value.author !== userId)
    return refuse('C6', 'only its author edits a message');
  return known === undefined ? [] : [{ type: 'unedit', id: place.key, home: at.segment }];
};

const reactionOfKey = (key: string): ReactionValue | null => {
  const [message, user, ...emoji] = key.split(':');
  const value = { v: CONVERSATION_MODEL, type: 'reaction', message, user, emoji: emoji.join(':') };
  const parsed = reactionValueSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
};

interface ValueContext {
  readonly index: WindowIndex;
  readonly files: AttachmentBook;
  readonly taken: Judging['taken'];
  readonly facts: ActorFacts;
  readonly brought: Judging['brought'];
  readonly reacted: Judging['reacted'];
  readonly key: string | null;
  readonly home: Segment | null;
  readonly client: number;
  readonly clock: number;
}

/** Where the segment is gone, a value itself tells what it is. */
const partByTag = (value: unknown): Part | null => {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  if (value.type === 'message') return 'messages';
  if (value.type === 'edit') return 'edits';
  return value.type === 'reaction' ? 'reactions' : null;
};

const judgeValue = (value: unknown, part: Part | null, context: ValueContext): Step | Refused => {
  if (part === 'messages') return judgeMessage(value, context);
  if (part === 'edits') return judgeEdit(value, context);
  if (part === 'reactions') return judgeReaction(value, context);
  return refuse('C10', 'what comes late must say what it is');
};

const badShape = (error: z.ZodError): Refused => {
  const issue = error.issues[0];
  return refuse('C3', `${issue?.path.join('.') || 'value'}: ${issue?.message ?? 'has another shape'}`);
};

const judgeMessage = (raw: unknown, context: ValueContext): Step | Refused => {
  const { index, files, taken, facts, home, client, clock } = context;
  const parsed = messageValueSchema.safeParse(raw);
  if (!parsed.success) return badShape(parsed.error);
  const value = parsed.data;
  if (value.author !== facts.actor.userId) return refuse('C4', 'author must be you');
  if (value.system !== undefined) return refuse('C15', 'what happened here is said by the server');
  const known = index.find(value.id);
  if (known !== undefined && known.value.author !== value.author)
    return refuse('C5', 'that message id is taken');
  // Sent again, or done again after it was undone: what was said first stays, and so does its deletion.
  const repeated = known !== undefined || index.wasDeleted(value.id);
  if (!repeated && !files.mayHold(value, taken))
    return refuse('C9', 'a file must be yours, of this conversation and in no message');
  for (const file of value.files ?? []) taken.add(file);
  return { type: 'message', value, home, repeated, client, clock };
};

/** The message of that id, in the window or in this very update. */
const targetOf = ({ index, brought }: ValueContext, id: string): Target | undefined => {
  const known = index.find(id);
  if (known === undefined) return brought.get(id);
  const { author, system } = known.value;
  return { segment: known.segment, author, isSystem: system !== undefined };
};

const judgeEdit = (raw: unknown, context: ValueContext): Step | Refused => {
  const { facts, key, home } = context;
  const parsed = editValueSchema.safeParse(raw);
  if (!parsed.success) return badShape(parsed.error);
  const value = parsed.data;
  if (value.author !== facts.actor.userId) return refuse('C6', 'only its author edits a message');
  if (home === null) return { type: 'edit', value, home };
  if (key !== value.message) return refuse('C6', 'an edit lies under the id of its message');
  const target = targetOf(context, value.message);
  // Deleted while its author was writing: honest, and without effect.
  if (target === undefined) return { type: 'edit', value, home: null, stray: home };
  if (target.segment !== home) return refuse('C6', 'an edit lies in the segment of its message');
  if (target.author !== facts.actor.userId || target.isSystem)
    return refuse('C6', 'only its author edits a message, and nobody what the server says');
  return { type: 'edit', value, home };
};

const judgeReaction = (raw: unknown, context: ValueContext): Step | Refused => {
  const { facts, key, home } = context;
  const parsed = reactionValueSchema.safeParse(raw);
  if (!parsed.success) return badShape(parsed.error);
  const value = parsed.data;
  if (value.user !== facts.actor.userId) return refuse('C7', 'a reaction is your own');
  if (home === null) return { type: 'reaction', value, home };
  if (key !== reactionKey(value)) return refuse('C7', 'a reaction lies under its own key');
  const target = targetOf(context, value.message);
  if (target === undefined) return { type: 'reaction', value, home: null, stray: home };
  if (target.segment !== home) return refuse('C7', 'a reaction lies in the segment of its message');
  if (isOneTooMany(value, home, context.reacted)) return refuse('C7', 'too many reactions of one person');
  return { type: 'reaction', value, home };
};

/** Whether the person would have too many reactions on the message. `reacted`: counts beyond those in the segment, kept here. */
export const isOneTooMany = (
  value: ReactionValue,
  home: Segment,
  reacted: Map<string, number> = new Map(),
): boolean => {
  if (home.reactions.has(reactionKey(value))) return false;
  const prefix = `${value.message}:${value.user}:`;
  const before =
    reacted.get(prefix) ?? [...home.reactions.keys()].filter((key) => key.startsWith(prefix)).length;
  reacted.set(prefix, before + 1);
  return before >= limits.reactionsPerPerson.value;
};

const judgeDelete = (
  index: WindowIndex,
  setKeys: KeysByType,
  gone: FreshDelete,
  facts: ActorFacts,
): Steps => {
  const { item } = gone;
  const at = item.parent instanceof Y.AbstractType ? index.partOf(item.parent) : undefined;
  if (at === undefined || !(item.content instanceof Y.ContentAny)) {
    return refuse('C8', 'segments, meta and their parts are the server’s');
  }
  const values: unknown[] = item.content.arr.slice(gone.offset, gone.offset + gone.length);
  if (at.part === 'messages') return judgeMessageDeletes(values, facts);
  if (at.part === 'reactions') return judgeReactionDeletes(values, facts, at.segment);
  const id = item.parentSub ?? '';
  // Setting a key again deletes what lay there: that was judged with what is set.
  if (setKeys.get(item.parent)?.has(id) === true) return [];
  const edit = editValueSchema.safeParse(values[0]);
  if (!edit.success || edit.data.author !== facts.actor.userId)
    return refuse('C8', 'an edit is its author’s');
  return [{ type: 'unedit', id, home: at.segment }];
};

const judgeMessageDeletes = (values: readonly unknown[], facts: ActorFacts): Steps => {
  const steps: Step[] = [];
  for (const value of values) {
    const parsed = messageValueSchema.safeParse(value);
    if (!parsed.success) return refuse('C8', 'that is no message');
    if ((parsed.data.author !== facts.actor.userId || parsed.data.system) && facts.access !== 'admin') {
      return refuse(
        'C8',
        'only its author or an admin deletes a message, and only an admin what the server says',
      );
    }
    steps.push({ type: 'delete', id: parsed.data.id });
  }
  return steps;
};

const judgeReactionDeletes = (values: readonly unknown[], facts: ActorFacts, home: Segment): Steps => {
  const steps: Step[] = [];
  for (const value of values) {
    const parsed = reactionValueSchema.safeParse(value);
    if (!parsed.success || parsed.data.user !== facts.actor.userId)
      return refuse('C8', 'a reaction is its owner’s');
    steps.push({ type: 'reaction', value: parsed.data, home });
  }
  return steps;
};

/** Keys of maps that an update sets, by the map. */
type KeysByType = ReadonlyMap<unknown, ReadonlySet<string>>;

const keysSetBy = (update: JudgedUpdate): KeysByType => {
  const keys = new Map<unknown, Set<string>>();
  for (const { place } of update.items) {
    if (place.kind !== 'type' || place.key === null) continue;
    const ofType = keys.get(place.type) ?? new Set<string>();
    ofType.add(place.key);
    keys.set(place.type, ofType);
  }
  return keys;
};
