// Owns a live conversation as its kind sees it: judging, carrying out, keeping the window.
// Does not own the rules themselves (rules.ts) nor history (project.ts).
import {
  AppError,
  CONVERSATION_MODEL,
  type EditValue,
  editValueSchema,
  limits,
  reactionKey,
} from '@parley/shared';
import type * as Y from 'yjs';
import type {
  ActorFacts,
  DocumentPlace,
  DocumentView,
  JudgedUpdate,
  Projected,
  ServerClients,
  Verdict,
} from '../../../sync/index.js';
import { refuse } from '../../../sync/ports.js';
import type { KnownFile } from '../../files/index.js';
import { AttachmentBook } from './attachments.js';
import type { ConversationChange, ConversationCommand } from './changes.js';
import { isOneTooMany, judgeConversation, type Step } from './rules.js';
import {
  appendValue,
  dropOldestSegment,
  indexOfStruct,
  openSegment,
  readSegments,
  removeAt,
  setEntry,
  writeWindow,
} from './segments.js';
import { SlowMode } from './slow-mode.js';
import { type Segment, WindowIndex } from './window-index.js';

export interface WindowOptions {
  /** The live document holds at least this many of the newest messages. */
  readonly windowMessages: number;
  /** A segment with so many messages is full; the next one is opened. */
  readonly segmentMessages: number;
}

type Later = Exclude<ConversationChange, { type: 'message' }>;

/** The window grows to so many times its size where old segments hold new messages. */
const MOST_WINDOWS = 2;
/** A segment of long texts is full early, so that the window can be cut finely. */
const SEGMENT_BYTES = limits.windowBytes.value / 8;

/** What a view begins with. `files`: what the store knows of files of the conversation. */
interface OpenedAt {
  readonly options: WindowOptions;
  readonly position: number;
  readonly startSeq: number;
  readonly files?: readonly KnownFile[];
}

/** How a procedure is told that C9 speaks against it. */
const filesRefused = {
  rule: 'C9',
  fields: { files: ['must be yours, of this conversation and in no message'] },
};

export class ConversationView implements DocumentView<ConversationChange, ConversationCommand> {
  readonly slow = new SlowMode();
  readonly #doc: Y.Doc;
  readonly #conversation: string;
  readonly #clients: ServerClients;
  readonly #options: WindowOptions;
  readonly #index = new WindowIndex();
  readonly #files: AttachmentBook;
  /** Segments that got a message in the batch under way. */
  readonly #touched = new Set<Segment>();
  readonly #repeated = new Set<string>();
  /** Segments that take nothing in any more, and go as soon as history holds them. The oldest ones. */
  readonly #leaving = new Set<Segment>();
  #startSeq: number;

  constructor(
    doc: Y.Doc,
    { documentId, clients }: DocumentPlace,
    { options, position, startSeq, files = [] }: OpenedAt,
  ) {
    this.#doc = doc;
    this.#conversation = documentId;
    this.#clients = clients;
    this.#options = options;
    this.#startSeq = startSeq;
    for (const types of readSegments(doc)) this.#index.addSegment(types, position);
    this.#files = new AttachmentBook(files);
    // History may not hold them yet.
    for (const id of this.#index.ids()) {
      const known = this.#index.find(id);
      if (known !== undefined) this.#files.put(known.value);
    }
  }

  /** Ids of the messages in the window. */
  get ids(): string[] {
    return this.#index.ids();
  }

  inspect(update: JudgedUpdate, facts: ActorFacts): Verdict<ConversationChange> {
    const steps = judgeConversation(this.#index, this.#files, update, facts);
    if (!Array.isArray(steps)) return steps;
    const { userId } = facts.actor;
    const isPaced = this.slow.isOn && facts.access !== 'admin';
    const said = isPaced ? steps.filter((step) => step.type === 'message' && !step.repeated).length : 0;
    const waitMs = this.slow.waitFor(userId, said, facts.atMs);
    if (waitMs > 0)
      return refuse('C16', `the next message in ${Math.ceil(waitMs / 1_000)} s`, 'TOO_MANY_REQUESTS');
    return {
      ok: true,
      settle: () => {
        if (said > 0) this.slow.note(userId, facts.atMs);
        return steps.flatMap((step) => this.#settle(step, userId));
      },
    };
  }

  perform(command: ConversationCommand): readonly ConversationChange[] {
    switch (command.type) {
      case 'append':
        return this.#performAppend(command);
      case 'settle':
        return [];
      case 'cut':
        this.#closeSegments();
        return [];
      case 'assertGone':
        this.#assertGone(command.upToSeq);
        return [];
      case 'erase':
        this.#erase(command.upToSeq);
        return [];
      case 'slow':
        this.slow.set(command.slowModeMs, Date.now());
        return [];
      case 'offerFile':
        this.#files.offer(command.file);
        return [];
      case 'withdrawFile':
        this.#files.withdraw(command.id);
        return [];
      default:
        return this.#change(command);
    }
  }

  #performAppend({
    value,
    isPaced = false,
  }: Extract<ConversationCommand, { type: 'append' }>): ConversationChange[] {
    const known = this.#index.find(value.id);
    if (known !== undefined && known.value.author === value.author) return [];
    if (known !== undefined || this.#index.wasDeleted(value.id)) throw new AppError('MESSAGE_ID_TAKEN');
    if (!this.#files.mayHold(value)) throw new AppError('UPDATE_REFUSED', { details: filesRefused });
    if (isPaced) this.#pace(value.author, Date.now());
    this.#append(value);
    return [{ type: 'message', value }];
  }

  #pace(author: string, nowMs: number): void {
    const waitMs = this.slow.waitFor(author, 1, nowMs);
    if (waitMs > 0)
      throw new AppError('TOO_MANY_REQUESTS', {
        details: { rule: 'C16', retryAfterSeconds: Math.ceil(waitMs / 1_000) },
      });
    this.slow.note(author, nowMs);
  }

  /** Whatever is there now is on its way out; what comes goes into a segment after it. */
  #closeSegments(): void {
    for (const segment of this.#index.segments) if (segment.ids.size > 0) this.#leaving.add(segment);
    if (this.#leaving.has(this.#index.last)) this.#index.addSegment(openSegment(this.#doc, this.#clients), 0);
  }

  #assertGone(upToSeq: number): void {
    const stays = this.#index.segments.some(({ ids, minSeq }) => ids.size > 0 && minSeq <= upToSeq);
    if (stays) throw new AppError('UNAVAILABLE', { logMessage: 'what was said is still in the document' });
  }

  /** Segments that hold nothing newer go as a whole; of the others the messages are taken out. */
  #erase(upToSeq: number): void {
    for (const segment of this.#index.segments) {
      const known = [...segment.ids].flatMap((id) => this.#index.find(id) ?? []);
      const erased = known.filter(({ seq }) => seq !== null && seq <= upToSeq);
      for (const { value } of erased) this.#takeOut(value.id);
      if (erased.length === known.length && segment !== this.#index.last) this.#leaving.add(segment);
    }
    if (upToSeq >= this.#startSeq) this.#startAt(upToSeq + 1);
  }

  /** Beyond the window there is nothing to do here: the change alone tells history. */
  #change(change: Later): readonly ConversationChange[] {
    const id = change.type === 'delete' ? change.message : change.value.message;
    if (this.#index.wasDeleted(id)) throw new AppError('NOT_FOUND');
    const segment = this.#index.find(id)?.segment;
    if (segment === undefined) return [change];
    if (change.type === 'delete') this.#takeOut(id);
    else if (change.type === 'edit') {
      setEntry(this.#doc, this.#clients, { map: segment.edits, key: id, value: change.value });
      segment.bytes += Buffer.byteLength(change.value.text);
    } else {
      const key = reactionKey(change.value);
      // Asked for many at once, each was allowed by what history held then.
      if (change.type === 'react' && isOneTooMany(change.value, segment))
        throw new AppError('UPDATE_REFUSED');
      if (change.type === 'unreact') segment.reactions.delete(key);
      else setEntry(this.#doc, this.#clients, { map: segment.reactions, key, value: change.value });
    }
    return [change];
  }

  tidy(position: number, projectedPosition: number): void {
    for (const segment of this.#touched) segment.lastPosition = position;
    this.#touched.clear();
    this.#removeRepeated();
    if (this.#isLastFull()) this.#index.addSegment(openSegment(this.#doc, this.#clients), position);
    let startSeq = this.#startSeq;
    while (this.#canDropOldest(projectedPosition)) {
      dropOldestSegment(this.#doc);
      const segment = this.#index.dropOldest();
      if (segment !== undefined) this.#leaving.delete(segment);
      startSeq = Math.max(startSeq, (segment?.maxSeq ?? 0) + 1);
    }
    if (startSeq > this.#startSeq) this.#startAt(startSeq);
  }

  /** From that number on every message is in the document. */
  #startAt(startSeq: number): void {
    this.#startSeq = startSeq;
    writeWindow(this.#doc, this.#clients, { conversation: this.#conversation, startSeq });
  }

  isUntidy(projectedPosition: number): boolean {
    return this.#repeated.size > 0 || this.#isLastFull() || this.#canDropOldest(projectedPosition);
  }

  learn(projected: Projected): void {
    for (const { id, seq } of projected.sequenced) this.#index.number(id, seq);
    for (const id of projected.repeated) if (this.#index.find(id) !== undefined) this.#repeated.add(id);
  }

  sequenced(): { ids: string[]; seqs: number[] } {
    return this.#index.sequenced();
  }

  #isLastFull(): boolean {
    const { ids, bytes } = this.#index.last;
    return ids.size >= this.#options.segmentMessages || bytes >= SEGMENT_BYTES;
  }

  /** Only what is in history may go, and only while enough that is newer stays, or too much would. */
  #canDropOldest(projectedPosition: number): boolean {
    const [oldest, ...others] = this.#index.segments;
    if (oldest === undefined || others.length === 0 || this.#touched.has(oldest)) return false;
    if (oldest.lastPosition > projectedPosition) return false;
    if (this.#leaving.has(oldest)) return true;
    if (this.#index.bytes > limits.windowBytes.value) return true;
    const { windowMessages } = this.#options;
    const staying = this.#index.size - oldest.ids.size;
    if (staying < windowMessages) return false;
    // Who was away writes where the end was then: an old segment may hold the newest messages. Nobody keeps it for ever by that.
    if (staying >= windowMessages * MOST_WINDOWS) return true;
    const newer = others.filter(({ minSeq }) => minSeq > oldest.maxSeq);
    return newer.reduce((sum, { ids }) => sum + ids.size, 0) >= windowMessages;
  }

  #append(value: Extract<Step, { type: 'message' }>['value']): void {
    const home = this.#index.last;
    appendValue(this.#doc, this.#clients, { messages: home.messages, value });
    this.#index.add(value, home);
    this.#files.put(value);
    this.#touched.add(home);
  }

  #settle(step: Step, userId: string): ConversationChange[] {
    switch (step.type) {
      case 'message':
        return this.#settleMessage(step);
      case 'delete':
        this.#forget(step.id);
        return [{ type: 'delete', message: step.id, by: userId }];
      case 'edit':
        return [{ type: 'edit', value: this.#settleEdit(step) }];
      case 'unedit': {
        const value = this.#shownEdit(step.id, step.home);
        return value === null ? [] : [{ type: 'edit', value }];
      }
      case 'reaction':
        return [{ type: this.#settleReaction(step) ? 'react' : 'unreact', value: step.value }];
    }
  }

  /** Of two edits made at once the document keeps one; history follows the document. */
  #settleEdit({ value, home, stray }: Extract<Step, { type: 'edit' }>): EditValue {
    stray?.edits.delete(value.message);
    const known = this.#index.find(value.message);
    if (home !== null && known?.segment === home) {
      home.bytes += Buffer.byteLength(value.text);
      return this.#shownEdit(value.message, home) ?? value;
    }
    // It came late, and its message was brought home: it goes where that is now.
    if (known?.value.author === value.author) {
      setEntry(this.#doc, this.#clients, { map: known.segment.edits, key: value.message, value });
    }
    return value;
  }

  /** Whether the reaction stands. */
  #settleReaction({ value, home, stray }: Extract<Step, { type: 'reaction' }>): boolean {
    const key = reactionKey(value);
    stray?.reactions.delete(key);
    const known = this.#index.find(value.message);
    if (home !== null && known?.segment === home) return home.reactions.has(key);
    if (known !== undefined) setEntry(this.#doc, this.#clients, { map: known.segment.reactions, key, value });
    return true;
  }

  /** What the document shows of a message now, as an edit; its first text where nothing lies over it. */
  #shownEdit(id: string, segment: Segment): EditValue | null {
    const kept = editValueSchema.safeParse(segment.edits.get(id));
    if (kept.success) return kept.data;
    const known = this.#index.find(id);
    if (known === undefined) return null;
    const { author, text, mentions, sentAt } = known.value;
    const bare: EditValue = {
      v: CONVERSATION_MODEL,
      type: 'edit',
      message: id,
      author,
      text,
      editedAt: sentAt,
    };
    return mentions === undefined ? bare : { ...bare, mentions };
  }

  /** A deleted message takes its edits and reactions along. */
  #forget(id: string): void {
    const segment = this.#index.find(id)?.segment;
    this.#index.remove(id);
    if (segment === undefined) return;
    segment.edits.delete(id);
    for (const key of [...segment.reactions.keys()]) {
      if (key.startsWith(`${id}:`)) segment.reactions.delete(key);
    }
  }

  #settleMessage(step: Extract<Step, { type: 'message' }>): ConversationChange[] {
    const { value, home, repeated, client, clock } = step;
    if (repeated) {
      if (home !== null) this.#removeStruct(home, client, clock);
      return [];
    }
    if (home === null || this.#leaving.has(home)) {
      // Its segment left the window while the author was away, or is about to: it goes where new messages go, as its author wrote it.
      if (home !== null) this.#removeStruct(home, client, clock);
      this.#append(value);
    } else {
      this.#index.add(value, home);
      this.#files.put(value);
      this.#touched.add(home);
    }
    return [{ type: 'message', value }];
  }

  #removeStruct(segment: Segment, client: number, clock: number): void {
    const at = indexOfStruct(segment.messages, client, clock);
    if (at !== null) removeAt(segment.messages, at);
  }

  /** What history held already when it came into the document again does not stay there. */
  #removeRepeated(): void {
    for (const id of this.#repeated) this.#takeOut(id);
    this.#repeated.clear();
  }

  #takeOut(id: string): void {
    const segment = this.#index.find(id)?.segment;
    if (segment === undefined) return;
    const at = segment.messages.toArray().findIndex((value) => isMessageWithId(value, id));
    if (at >= 0) removeAt(segment.messages, at);
    this.#forget(id);
  }
}

const isMessageWithId = (value: unknown, id: string): boolean =>
  typeof value === 'object' && value !== null && 'id' in value && value.id === id;
