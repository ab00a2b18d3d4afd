import { limits, type Me, type Message, type MessageValue, newId } from '@parley/shared';
import { ParleyError } from './api/errors.js';
import { type Draft, draftOf, type SendOptions, valueOf } from './draft.js';
import { Emitter } from './emitter.js';
import { History, type HistoryPage } from './history.js';
import type { Storage } from './storage.js';
import { type Deferred, deferred } from './sync/deferred.js';
import { LiveCopy } from './sync/live-copy.js';
import { Outbox } from './sync/outbox.js';
import type { PresenceState, Present } from './sync/presence.js';
import type { ProviderParts, SyncStatus } from './sync/provider.js';
import { type ConversationMessage, Timeline } from './timeline.js';

/** What a conversation tells. */
export interface ConversationEvents {
  readonly messages: readonly ConversationMessage[];
  /** `error`: why it is offline or closed; null otherwise, and when it was closed here. */
  readonly status: { readonly status: SyncStatus; readonly error: ParleyError | null };
  readonly presence: readonly Present[];
  /** The server will not have a message; the draft is what was said, to be put back where it was written. */
  readonly refused: { readonly id: string; readonly draft: Draft; readonly error: ParleyError };
}

export interface ConversationParts extends Omit<ProviderParts, 'events' | 'documentId'> {
  readonly id: string;
  readonly me: Me;
  readonly storage: Storage;
  /** Where the storage keeps what was said here and not stored yet. */
  readonly outboxKey: string;
  readonly fetchHistory: (page: { readonly cursor?: string; readonly limit: number }) => Promise<HistoryPage>;
  readonly onClose: () => void;
}

/**
 * A live conversation: connects by itself, stays connected, and keeps what is said while it is not. Close it when nobody
 * looks any more; what was said and not stored yet then waits in the storage for the next time.
 */
export class Conversation {
  readonly id: string;
  /** Who else is here, and what one shows oneself. */
  readonly presence: { readonly others: readonly Present[]; set(state: PresenceState | null): void };
  readonly #parts: ConversationParts;
  readonly #events = new Emitter<ConversationEvents>();
  readonly #timeline = new Timeline();
  readonly #history: History;
  readonly #outbox: Outbox;
  readonly #copy: LiveCopy;
  readonly #refused = new Map<string, MessageValue>();
  readonly #names = new Map<string, string>();
  #messages: readonly ConversationMessage[] = [];
  #isWindowStale = false;
  #isListStale = true;
  #isTelling = false;
  #error: ParleyError | null = null;
  #synced: Deferred<void> | null = null;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.#learnName(parts.me.id, nameOf(parts.me));
    this.#outbox = new Outbox(parts.storage, parts.outboxKey);
    this.#history = new History({
      fetch: parts.fetchHistory,
      lowestSeq: () => {
        this.#readWindow();
        return this.#timeline.lowestSeq;
      },
      add: (items) => this.#addHistory(items),
    });
    const { tokens, timing, wsUrl, WebSocket } = parts;
    const copy = new LiveCopy({
      outbox: this.#outbox,
      documentId: parts.id,
      tokens,
      timing,
      wsUrl,
      WebSocket,
      events: {
        changed: () => {
          this.#isWindowStale = true;
          this.#changed();
        },
        numbered: (ids, seqs) => this.#numbered(ids, seqs),
        refused: (value, error) => this.#giveBack(value, error),
        presence: () => this.#presenceChanged(),
        status: (status, error) => this.#statusChanged(status, error),
      },
    });
    this.#copy = copy;
    this.presence = {
      get others() {
        return copy.presence.others;
      },
      set: (state) => {
        if (copy.status !== 'closed') copy.presence.set(state);
      },
    };
    void this.#start();
  }

  /** Oldest first; see `ConversationMessage`. The same array until something changes. */
  get messages(): readonly ConversationMessage[] {
    this.#readWindow();
    if (this.#isListStale) {
      this.#isListStale = false;
      this.#messages = this.#timeline.list({
        pending: this.#outbox.values,
        refused: [...this.#refused.values()],
        nameOf: (userId) => this.#names.get(userId),
      });
    }
    return this.#messages;
  }

  get status(): SyncStatus {
    return this.#copy.status;
  }

  /** Why it is offline or closed; null otherwise, and when it was closed here. */
  get error(): ParleyError | null {
    return this.#error;
  }

  /** Calls the listener after every change of `messages`, once for changes made together. Returns what ends that. */
  readonly subscribe = (listener: () => void): (() => void) => this.#events.on('messages', () => listener());

  on<Name extends keyof ConversationEvents>(
    name: Name,
    listener: (event: ConversationEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Says something; offline it waits its turn. `stored` resolves when the server has it on disk and rejects when it will
   * not have it, or when the conversation closes first. Throws INVALID_INPUT for a text that is empty or too long.
   */
  send(text: string, options: SendOptions = {}): { readonly id: string; readonly stored: Promise<void> } {
    if (this.status === 'closed') throw this.#error ?? new ParleyError('CLOSED');
    const sentAt = this.#parts.timing.now();
    const id = newId(sentAt);
    const value = valueOf({ ...options, text }, { id, author: this.#parts.me.id, sentAt });
    const stored = this.#copy.send(value);
    this.#changed();
    return { id, stored };
  }

  /** Takes a refused message out of the list. */
  dismiss(id: string): void {
    if (this.#refused.delete(id)) this.#changed();
  }

  /** Adds about `limit` (1 to 100) older messages; whether there are more still. Rejects with why history could not be read. */
  async loadOlder(limit: number = limits.pageItemsDefault.value): Promise<boolean> {
    return await this.#history.loadOlder(limit);
  }

  /** Resolves when in step with the server, now or next; rejects when it is closed before. */
  whenSynced(): Promise<void> {
    if (this.status === 'online') return Promise.resolve();
    if (this.status === 'closed') return Promise.reject(this.#error ?? new ParleyError('CLOSED'));
    this.#synced ??= deferred<void>();
    return this.#synced.promise;
  }

  /** Leaves, and leaves nothing running. `reason`: what others who wait here are told. */
  close(reason?: ParleyError): void {
    this.#copy.close(reason ?? null);
  }

  async #start(): Promise<void> {
    await this.#outbox.load();
    if (this.status === 'closed') return;
    this.#changed();
    this.#copy.start();
  }

  #addHistory(items: readonly Message[]): void {
    for (const { author } of items) this.#learnName(author.id, author.name);
    this.#timeline.addHistory(items);
    this.#changed();
  }

  #numbered(ids: readonly string[], seqs: readonly number[]): void {
    // Whether the window has jumped shows by the numbers known before.
    this.#readWindow();
    this.#timeline.number(ids, seqs);
    this.#changed();
  }

  #giveBack(value: MessageValue, error: ParleyError): void {
    this.#refused.set(value.id, value);
    this.#changed();
    this.#events.emit('refused', { id: value.id, draft: draftOf(value), error });
  }

  #presenceChanged(): void {
    const { others } = this.presence;
    for (const { user } of others) this.#learnName(user.id, user.name);
    this.#events.emit('presence', others);
  }

  #statusChanged(status: SyncStatus, error: ParleyError | null): void {
    this.#error = error;
    if (status === 'online') this.#synced?.resolve();
    if (status === 'closed') {
      this.#synced?.reject(error ?? new ParleyError('CLOSED'));
      this.#parts.onClose();
    }
    if (status === 'online' || status === 'closed') this.#synced = null;
    this.#events.emit('status', { status, error });
  }

  #learnName(userId: string, name: string): void {
    if (name === '' || this.#names.get(userId) === name) return;
    this.#names.set(userId, name);
    this.#changed();
  }

  /** The list so far stands until a copy has been in step: a fresh one makes nothing vanish. */
  #readWindow(): void {
    if (!this.#isWindowStale) return;
    this.#isWindowStale = false;
    const window = this.#copy.readWindow();
    if (window !== null) this.#timeline.setWindow(window.messages, window.startSeq);
  }

  #changed(): void {
    this.#isListStale = true;
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      const before = this.#told;
      this.#told = this.messages;
      if (this.#told !== before) this.#events.emit('messages', this.#told);
    });
  }

  #told: readonly ConversationMessage[] = [];
}

const nameOf = ({ firstName, lastName, username }: Me): string =>
  `${firstName} ${lastName}`.trim() || (username ?? '');
