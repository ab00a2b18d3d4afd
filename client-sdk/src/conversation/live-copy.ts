// Owns the local copy of one conversation's document and everything that must change together when it is thrown away:
// the provider, the delivery of what was said, presence. Does not own what people see.
import {
  type DocumentAccess,
  type DocumentMessage,
  type MessageValue,
  type Notice,
  type Refusal,
  readMessages,
  readWindow,
} from '@parley/shared';
import * as Y from 'yjs';
import type { ParleyError } from '../api/errors.js';
import { Presence } from '../sync/presence.js';
import { SyncProvider } from '../sync/provider.js';
import type { ProviderParts, SyncStatus } from '../sync/provider-ports.js';
import { Delivery } from './delivery.js';
import type { Outbox } from './outbox.js';

export interface LiveCopyEvents {
  /** The document, or what is on its way, has changed. */
  changed(): void;
  /** These messages are in history, `ids[i]` as number `seqs[i]`. */
  numbered(ids: readonly string[], seqs: readonly number[]): void;
  /** These are another thing in history now. */
  historyChanged(ids: readonly string[]): void;
  refused(value: MessageValue, error: ParleyError): void;
  presence(): void;
  access(access: DocumentAccess): void;
  status(status: SyncStatus, error: ParleyError | null): void;
}

export interface LiveCopyParts extends Omit<ProviderParts, 'events'> {
  readonly outbox: Outbox;
  readonly events: LiveCopyEvents;
}

/** What the document holds of the conversation. */
export interface Window {
  readonly messages: readonly DocumentMessage[];
  /** Every message from this number on is in it. */
  readonly startSeq: number;
}

export class LiveCopy {
  readonly presence: Presence;
  readonly #events: LiveCopyEvents;
  readonly #provider: SyncProvider;
  readonly #delivery: Delivery;
  #doc = new Y.Doc();
  #access: DocumentAccess | null = null;

  constructor({ outbox, events, ...rest }: LiveCopyParts) {
    this.#events = events;
    this.presence = new Presence(this.#doc, {
      send: (bytes) => this.#provider.sendAwareness(bytes),
      changed: () => events.presence(),
    });
    this.#delivery = new Delivery(this.#doc, {
      outbox,
      frames: () => this.#provider.frames,
      changed: () => events.changed(),
      refused: (value, error) => events.refused(value, error),
    });
    this.#provider = new SyncProvider(this.#doc, {
      ...rest,
      events: {
        connecting: () => this.#delivery.connecting(),
        answered: (nth) => this.#delivery.answered(nth),
        synced: () => this.#synced(),
        stored: (upTo) => this.#delivery.stored(upTo),
        refused: (refusal) => this.#refused(refusal),
        notice: (notice) => this.#notice(notice),
        awareness: (bytes) => this.presence.receive(bytes),
        status: (status, error) => this.#status(status, error),
        restart: (error) => (this.#delivery.sentAway(error) ? this.#startOver() : null),
      },
    });
    this.#doc.on('update', this.#onUpdate);
  }

  get status(): SyncStatus {
    return this.#provider.status;
  }

  /** What one may do here; null until the server has said so. */
  get access(): DocumentAccess | null {
    return this.#access;
  }

  start(): void {
    this.#provider.start();
  }

  send(value: MessageValue): Promise<void> {
    return this.#delivery.send(value);
  }

  /** Null until the copy has been in step once. */
  readWindow(): Window | null {
    const meta = readWindow(this.#doc);
    return meta === null ? null : { messages: readMessages(this.#doc), startSeq: meta.startSeq };
  }

  /** Leaves for good, and leaves nothing running. */
  close(error: ParleyError | null): void {
    if (this.#provider.status === 'closed') return;
    this.presence.destroy();
    this.#provider.stop(error);
  }

  readonly #onUpdate = (): void => {
    this.#events.changed();
  };

  #synced(): void {
    this.#events.changed();
    this.#delivery.synced();
    this.presence.connected();
  }

  #notice(notice: Notice): void {
    if (notice.type === 'sequenced') this.#numbered(notice.ids, notice.seqs);
    else if (notice.type === 'changed') this.#events.historyChanged(notice.ids);
    else if (notice.access !== undefined) this.#accessTold(notice.access);
  }

  #accessTold(access: DocumentAccess): void {
    const before = this.#access;
    if (access === before) return;
    this.#access = access;
    this.#events.access(access);
    this.#delivery.permit(access !== 'read');
    // Nobody sees one who may only read, and nothing is heard of it here: shown once more.
    if (before === 'read') this.presence.connected();
  }

  #numbered(ids: readonly string[], seqs: readonly number[]): void {
    this.#events.numbered(ids, seqs);
    this.#delivery.numbered(ids);
  }

  #refused(refusal: Refusal): void {
    const error = this.#delivery.refused(refusal);
    if (error === 'restart') this.#provider.replace(this.#startOver());
    else if (error !== null) this.#provider.stop(error);
  }

  /** A fresh, empty copy in place of this one. What was said and not stored goes into it once it is in step. */
  #startOver(): Y.Doc {
    const before = this.#doc;
    before.off('update', this.#onUpdate);
    this.#doc = new Y.Doc();
    this.#doc.on('update', this.#onUpdate);
    this.#delivery.replace(this.#doc);
    this.presence.replace(this.#doc);
    before.destroy();
    return this.#doc;
  }

  #status(status: SyncStatus, error: ParleyError | null): void {
    if (status !== 'online') this.presence.disconnected();
    if (status === 'closed') {
      this.#delivery.abandon(error);
      this.#doc.destroy();
    }
    this.#events.status(status, error);
  }
}
