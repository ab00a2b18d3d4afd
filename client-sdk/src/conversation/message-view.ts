// Owns the list of messages as people see it: when it is made anew, and when somebody is told.
import type { Message, MessageValue } from '@parley/shared';
import type { ConversationMessage, Row } from './message.js';
import type { ShownChange } from './message-change.js';
import { Timeline } from './timeline.js';

export interface MessageViewParts {
  /** What the document holds; null while its copy says nothing yet. */
  readonly readWindow: () => {
    readonly messages: Parameters<Timeline['setWindow']>[0];
    readonly startSeq: number;
  } | null;
  /** Not acknowledged yet, in the order they were said. */
  readonly pending: () => readonly MessageValue[];
  /** The server will not have them. */
  readonly refused: () => readonly MessageValue[];
  /** One's own changes of messages, oldest first. */
  readonly changes: () => readonly ShownChange[];
  /** Whose list it is. */
  readonly me: string;
  /** These are in the list, and may have been deleted: they are to be read again. */
  readonly doubtful: (ids: readonly string[]) => void;
  /** The list is another one; once for changes made together. */
  readonly tell: (messages: readonly ConversationMessage[]) => void;
}

export class MessageView {
  readonly #parts: MessageViewParts;
  readonly #timeline = new Timeline();
  /** Ids that nobody wants to see any more; a copy that can no longer be mended may still hold them. */
  readonly #dismissed = new Set<string>();
  readonly #names = new Map<string, string>();
  #list: readonly ConversationMessage[] = [];
  #told = this.#list;
  /** Messages up to this number are not shown. */
  #hiddenSeq = 0;
  #isWindowStale = false;
  #isListStale = false;
  #isTelling = false;

  constructor(parts: MessageViewParts) {
    this.#parts = parts;
  }

  /** The same array until something changes. */
  get messages(): readonly ConversationMessage[] {
    this.#readWindow();
    if (this.#isListStale) {
      this.#isListStale = false;
      this.#list = this.#timeline.list({
        pending: this.#parts.pending(),
        refused: this.#parts.refused(),
        dismissed: this.#dismissed,
        changes: byMessage(this.#parts.changes()),
        me: this.#parts.me,
        nameOf: (userId) => this.#names.get(userId),
        hiddenSeq: this.#hiddenSeq,
      });
    }
    return this.#list;
  }

  /** From which number on nothing is missing; null while nothing is known. */
  get lowestSeq(): number | null {
    this.#readWindow();
    return this.#timeline.lowestSeq;
  }

  /** The document or the outbox has changed. */
  sourceChanged(): void {
    this.#isWindowStale = true;
    this.#changed();
  }

  /** These are in history, `ids[i]` as number `seqs[i]`. */
  numbered(ids: readonly string[], seqs: readonly number[]): void {
    // Whether the window has jumped shows by the numbers known before.
    this.#readWindow();
    this.#timeline.number(ids, seqs);
    this.#changed();
  }

  addHistory(items: readonly Message[]): void {
    for (const { author } of items) this.learnName(author.id, author.name);
    this.#timeline.addHistory(items);
    this.#changed();
  }

  /** A message that is in the list and no longer in the window; the same object until it changes. */
  rowBehind(id: string): Row | undefined {
    this.#readWindow();
    return this.#timeline.rowBehind(id);
  }

  changeHistory(item: Message): void {
    this.#timeline.changeHistory(item);
    this.#changed();
  }

  /** Messages up to that number are one's own to forget. */
  hideUpTo(seq: number): void {
    if (seq <= this.#hiddenSeq) return;
    this.#hiddenSeq = seq;
    this.#changed();
  }

  /** One's own changes are others. */
  changesChanged(): void {
    this.#changed();
  }

  dismiss(id: string): void {
    this.#dismissed.add(id);
    this.#changed();
  }

  learnName(userId: string, name: string): void {
    if (name === '' || this.#names.get(userId) === name) return;
    this.#names.set(userId, name);
    this.#changed();
  }

  /** The list so far stands until a copy has been in step: a fresh one makes nothing vanish. */
  #readWindow(): void {
    if (!this.#isWindowStale) return;
    this.#isWindowStale = false;
    const window = this.#parts.readWindow();
    if (window === null) return;
    const doubtful = this.#timeline.setWindow(window.messages, window.startSeq);
    if (doubtful.length > 0) this.#parts.doubtful(doubtful);
  }

  #changed(): void {
    this.#isListStale = true;
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      const { messages } = this;
      if (messages === this.#told) return;
      this.#told = messages;
      this.#parts.tell(messages);
    });
  }
}

const byMessage = (changes: readonly ShownChange[]): ReadonlyMap<string, readonly ShownChange[]> => {
  const found = new Map<string, ShownChange[]>();
  for (const shown of changes) {
    const { id } = shown.change.input;
    found.set(id, [...(found.get(id) ?? []), shown]);
  }
  return found;
};
