import {
  type Deferred,
  type DocumentAccess,
  limits,
  type Me,
  type Message,
  type MessageRef,
  type MessageValue,
  newId,
} from '@parley/shared';
import { ParleyError } from '../api/errors.js';
import { Emitter } from '../emitter.js';
import type { Storage } from '../storage/storage.js';
import { quietDeferred } from '../sync/deferred.js';
import type { PresenceState, Present } from '../sync/presence.js';
import type { ProviderParts, SyncStatus } from '../sync/provider-ports.js';
import { ChangeQueue } from './change-queue.js';
import { readOnly } from './delivery.js';
import { type Draft, draftOf, messageOf, type SendOptions } from './draft.js';
import { type HistoryPage, HistoryPager } from './history.js';
import { LiveCopy } from './live-copy.js';
import type { ConversationMessage } from './message.js';
import { checkedChange, type MessageChange } from './message-change.js';
import { MessageView } from './message-view.js';
import { Outbox } from './outbox.js';

/** What a conversation tells. */
export interface ConversationEvents {
  readonly messages: readonly ConversationMessage[];
  /** `error`: why it is offline or closed; null otherwise, and when it was closed here. */
  readonly status: { readonly status: SyncStatus; readonly error: ParleyError | null };
  readonly presence: readonly Present[];
  /** What one may do here is another thing now. */
  readonly access: DocumentAccess;
  /**
   * The server will not have a message, or one may no longer be here; the draft is what was said, to be put back where it was
   * written. Until it is dismissed the message stays in the list as `refused`, over restarts too.
   */
  readonly refused: { readonly id: string; readonly draft: Draft; readonly error: ParleyError };
  /** The server will not have a change of a message, or one may no longer be here; the message is shown without it again. */
  readonly changeRefused: { readonly change: MessageChange; readonly error: ParleyError };
}

export interface ConversationParts extends Omit<ProviderParts, 'events' | 'documentId'> {
  readonly id: string;
  readonly me: Me;
  readonly storage: Storage;
  /** Where the storage keeps what was said here and not stored yet. */
  readonly outboxKey: string;
  /** Where it keeps changes of messages that are not in history yet. */
  readonly changesKey: string;
  readonly fetchHistory: (page: {
    readonly fromSeq?: number;
    readonly limit: number;
  }) => Promise<HistoryPage>;
  /** Up to which message one has deleted the conversation for oneself. */
  readonly fetchSinceSeq: () => Promise<number>;
  readonly changeMessage: (change: MessageChange) => Promise<Message>;
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
  readonly #view: MessageView;
  readonly #history: HistoryPager;
  readonly #outbox: Outbox;
  readonly #changes: ChangeQueue;
  readonly #copy: LiveCopy;
  #error: ParleyError | null = null;
  #synced: Deferred<void> | null = null;
  #knowsSince = false;

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.#outbox = new Outbox(parts.storage, parts.outboxKey);
    this.#view = new MessageView({
      readWindow: () => this.#copy.readWindow(),
      pending: () => this.#outbox.values,
      refused: () => this.#outbox.givenBack,
      changes: () => this.#changes.shown,
      me: parts.me.id,
      doubtful: (ids) => queueMicrotask(() => this.#history.changed(ids)),
      tell: (messages) => this.#events.emit('messages', messages),
    });
    this.#changes = new ChangeQueue({
      storage: parts.storage,
      storageName: parts.changesKey,
      timing: parts.timing,
      carryOut: parts.changeMessage,
      isUnsent: (id) => this.#outbox.has(id),
      changed: () => this.#view.changesChanged(),
      // The document tells what becomes of messages in its window; those behind it nobody else would tell of.
      done: (message) => this.#view.changeHistory(message),
      refused: (change, error) => this.#events.emit('changeRefused', { change, error }),
    });
    this.#view.learnName(parts.me.id, nameOf(parts.me));
    this.#history = new HistoryPager({
      fetch: parts.fetchHistory,
      lowestSeq: () => this.#view.lowestSeq,
      add: (items) => this.#view.addHistory(items),
      rowOf: (id) => this.#view.rowBehind(id),
      change: (item) => this.#view.changeHistory(item),
      timing: parts.timing,
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
        changed: () => this.#sourceChanged(),
        numbered: (ids, seqs) => this.#view.numbered(ids, seqs),
        historyChanged: (ids) => this.#history.changed(ids),
        refused: (value, error) => this.#giveBack(value, error),
        presence: () => this.#presenceChanged(),
        access: (access) => this.#events.emit('access', access),
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
    return this.#view.messages;
  }

  get status(): SyncStatus {
    return this.#copy.status;
  }

  /** What one may do here, as the server last said; null until it has. With `read` nothing can be said. */
  get access(): DocumentAccess | null {
    return this.#copy.access;
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
   * not have it, or when the conversation closes first. Throws INVALID_INPUT for a text that is empty or too long, FORBIDDEN
   * where one may only read.
   */
  send(text: string, options: SendOptions = {}): { readonly id: string; readonly stored: Promise<void> } {
    if (this.status === 'closed') throw this.#error ?? new ParleyError('CLOSED');
    if (this.access === 'read') throw readOnly();
    const sentAt = this.#parts.timing.now();
    const id = newId(sentAt);
    const value = messageOf({ ...options, text }, { id, author: this.#parts.me.id, sentAt });
    const stored = this.#copy.send(value);
    this.#view.sourceChanged();
    return { id, stored };
  }

  /**
   * Gives one's own message another text; mentions that are not named again are gone. These four work on every message, in the
   * window, long gone from it or not sent yet. They show at once, offline they wait their turn, also over a restart; they resolve
   * once they are in history, reject with what speaks against them, and with CLOSED where the conversation closes first.
   */
  async edit(id: string, text: string, mentions?: readonly string[]): Promise<void> {
    const said = { text, ...(mentions && { mentions: [...mentions] }) };
    await this.#change({ act: 'edit', input: { ...this.#ref(id), ...said }, at: this.#parts.timing.now() });
  }

  /** Empties a message for good: one's own, or as an admin anybody's. */
  async delete(id: string): Promise<void> {
    await this.#change({ act: 'delete', input: this.#ref(id), at: this.#parts.timing.now() });
  }

  /** Adds one's own emoji to a message. */
  async react(id: string, emoji: string): Promise<void> {
    await this.#change({ act: 'react', input: { ...this.#ref(id), emoji }, at: this.#parts.timing.now() });
  }

  /** Takes it back. */
  async unreact(id: string, emoji: string): Promise<void> {
    await this.#change({ act: 'unreact', input: { ...this.#ref(id), emoji }, at: this.#parts.timing.now() });
  }

  /** Takes a refused message out of the list. */
  dismiss(id: string): void {
    if (!this.#outbox.givenBack.some((value) => value.id === id)) return;
    void this.#outbox.remove(id);
    this.#view.dismiss(id);
  }

  /** Adds about `limit` (1 to 100) older messages; whether there are more still. Rejects with why history could not be read. */
  async loadOlder(limit: number = limits.pageItemsDefault.value): Promise<boolean> {
    return await this.#history.loadOlder(limit);
  }

  /** Resolves when in step with the server, now or next; rejects when it is closed before. */
  whenSynced(): Promise<void> {
    if (this.status === 'online') return Promise.resolve();
    if (this.status === 'closed') return Promise.reject(this.#error ?? new ParleyError('CLOSED'));
    this.#synced ??= quietDeferred<void>();
    return this.#synced.promise;
  }

  /** Leaves, and leaves nothing running. `reason`: what others who wait here are told. */
  close(reason?: ParleyError): void {
    this.#copy.close(reason ?? null);
  }

  #ref(id: string): MessageRef {
    return { conversationId: this.id, id };
  }

  async #change(change: MessageChange): Promise<void> {
    if (this.status === 'closed') throw this.#error ?? new ParleyError('CLOSED');
    await this.#changes.add(checkedChange(change));
  }

  /** The document or the outbox: what was said may have become a message that can be changed. */
  #sourceChanged(): void {
    this.#view.sourceChanged();
    this.#changes.wake();
  }

  async #start(): Promise<void> {
    // First what was said: its changes wait until it is stored.
    await this.#outbox.load();
    await this.#changes.load();
    if (this.status === 'closed') return;
    this.#view.sourceChanged();
    void this.#learnSince();
    this.#copy.start();
  }

  /** Asked once; where it cannot be now, with the next connection. */
  async #learnSince(): Promise<void> {
    if (this.#knowsSince) return;
    this.#knowsSince = true;
    try {
      this.#view.hideUpTo(await this.#parts.fetchSinceSeq());
    } catch {
      this.#knowsSince = false;
    }
  }

  #giveBack(value: MessageValue, error: ParleyError): void {
    this.#view.sourceChanged();
    this.#events.emit('refused', { id: value.id, draft: draftOf(value), error });
  }

  #presenceChanged(): void {
    const { others } = this.presence;
    for (const { user } of others) this.#view.learnName(user.id, user.name);
    this.#events.emit('presence', others);
  }

  #statusChanged(status: SyncStatus, error: ParleyError | null): void {
    this.#error = error;
    if (status === 'online') {
      this.#synced?.resolve();
      this.#changes.tryAgain();
      void this.#learnSince();
    }
    if (status === 'closed') {
      this.#changes.close(error);
      this.#synced?.reject(error ?? new ParleyError('CLOSED'));
      this.#history.close();
      this.#parts.onClose();
    }
    if (status === 'online' || status === 'closed') this.#synced = null;
    this.#events.emit('status', { status, error });
  }
}

const nameOf = ({ firstName, lastName, username }: Me): string =>
  `${firstName} ${lastName}`.trim() || (username ?? '');
