import { type Deferred, type DocumentAccess, isErrorCode, type Notice, type Refusal } from '@parley/shared';
import * as Y from 'yjs';
import { ParleyError } from '../api/errors.js';
import { Emitter } from '../emitter.js';
import { SyncConnection } from '../sync/connection.js';
import { quietDeferred } from '../sync/deferred.js';
import { Presence, type PresenceState, type Present } from '../sync/presence.js';
import { SyncProvider } from '../sync/provider.js';
import type { ProviderParts, SyncStatus } from '../sync/provider-ports.js';
import { Unstored } from './unstored.js';

/** A copy that can not be synced any more and holds edits that were never stored, and why. */
export interface SetAside {
  readonly doc: Y.Doc;
  readonly error: ParleyError;
}

/** What a shared document tells. */
export interface SharedDocumentEvents {
  /** `error`: why it is offline or closed; null otherwise, and when it was closed here. */
  readonly status: { readonly status: SyncStatus; readonly error: ParleyError | null };
  /** Whether edits made here wait to be stored. */
  readonly pending: boolean;
  /**
   * `doc` is another one now, and fills again: bind editors to it. The document has begun anew, or the server will not have
   * something in the copy. Edits that were never stored are in `setAside`, for the app to show, merge or keep; else that is null.
   */
  readonly replaced: { readonly doc: Y.Doc; readonly setAside: SetAside | null };
  readonly presence: readonly Present[];
  /** What one may do here is another thing now. */
  readonly access: DocumentAccess;
}

export interface SharedDocumentParts extends Omit<ProviderParts, 'events'> {
  readonly onClose: () => void;
}

/** The rule by which an update was refused because something before it is missing. */
const GAP_RULE = 'G4';

/**
 * A live document of free shape. Edit `doc` like every Y.Doc: edits go out at once, or when there is a connection again. They are in
 * memory until then; what must outlive the page is for the app to keep, as y-indexeddb does. Close it when nobody looks any more.
 */
export class SharedDocument {
  readonly id: string;
  /** Who else is here, and what one shows oneself. */
  readonly presence: { readonly others: readonly Present[]; set(state: PresenceState | null): void };
  readonly #parts: SharedDocumentParts;
  readonly #events = new Emitter<SharedDocumentEvents>();
  readonly #provider: SyncProvider;
  readonly #presence: Presence;
  readonly #unstored = new Unstored();
  #doc = new Y.Doc();
  #access: DocumentAccess | null = null;
  #error: ParleyError | null = null;
  #synced: Deferred<void> | null = null;
  #stored: Deferred<void> | null = null;
  /** Fresh copies in a row that were sent away although nothing was edited in them. */
  #fruitless = 0;

  constructor(parts: SharedDocumentParts) {
    this.#parts = parts;
    this.id = parts.documentId;
    this.#doc.on('update', this.#onUpdate);
    const presence = new Presence(this.#doc, {
      send: (bytes) => this.#provider.sendAwareness(bytes),
      changed: () => this.#events.emit('presence', this.presence.others),
    });
    this.#presence = presence;
    this.presence = {
      get others() {
        return presence.others;
      },
      set: (state) => {
        if (this.status !== 'closed') presence.set(state);
      },
    };
    this.#provider = new SyncProvider(this.#doc, {
      ...parts,
      events: {
        connecting: () => this.#unstored.connecting(),
        answered: (nth) => this.#unstored.answered(nth),
        synced: () => presence.connected(),
        stored: (upTo) => this.#told(() => this.#unstored.stored(upTo)),
        refused: (refusal) => this.#refused(refusal),
        notice: (notice) => this.#notice(notice),
        awareness: (bytes) => presence.receive(bytes),
        status: (status, error) => this.#statusChanged(status, error),
        restart: (error) => this.#restart(error),
      },
    });
    this.#provider.start();
  }

  /** The copy to read and edit; another one after `replaced`. It stays readable when this is closed. */
  get doc(): Y.Doc {
    return this.#doc;
  }

  get status(): SyncStatus {
    return this.#provider.status;
  }

  /** Whether edits made here wait to be stored. */
  get pending(): boolean {
    return this.#unstored.isPending;
  }

  /** What one may do here, as the server last said; null until it has. With `read` every edit is refused. */
  get access(): DocumentAccess | null {
    return this.#access;
  }

  /** Why it is offline or closed; null otherwise, and when it was closed here. */
  get error(): ParleyError | null {
    return this.#error;
  }

  on<Name extends keyof SharedDocumentEvents>(
    name: Name,
    listener: (event: SharedDocumentEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Resolves when in step with the server, now or next; rejects when it is closed before. */
  whenSynced(): Promise<void> {
    if (this.status === 'online') return Promise.resolve();
    if (this.status === 'closed') return Promise.reject(this.#closedBy());
    this.#synced ??= quietDeferred<void>();
    return this.#synced.promise;
  }

  /** Resolves when the server has every edit made here on disk; rejects when it is closed before, or they were set aside. */
  whenStored(): Promise<void> {
    if (!this.pending) return Promise.resolve();
    if (this.status === 'closed') return Promise.reject(this.#closedBy());
    this.#stored ??= quietDeferred<void>();
    return this.#stored.promise;
  }

  /** Leaves, and leaves nothing running. `reason`: what others who wait here are told. */
  close(reason?: ParleyError): void {
    if (this.status === 'closed') return;
    this.#presence.destroy();
    this.#provider.stop(reason ?? null);
  }

  #closedBy(): ParleyError {
    return this.#error ?? new ParleyError('CLOSED');
  }

  /** Called before the connection sends what was edited, because it listens for longer. */
  readonly #onUpdate = (_: Uint8Array, origin: unknown): void => {
    if (origin instanceof SyncConnection) return;
    const { frames } = this.#provider;
    this.#told(() => this.#unstored.edited(frames === null ? null : frames + 1));
  };

  /** Does it, and tells if edits wait now that did not before, or the other way round. */
  #told(change: () => void): void {
    const before = this.pending;
    change();
    if (this.pending === before) return;
    if (before) {
      this.#fruitless = 0;
      this.#stored?.resolve();
      this.#stored = null;
    }
    this.#events.emit('pending', this.pending);
  }

  #refused({ code, rule, reason }: Refusal): void {
    if (rule === GAP_RULE) {
      // The server asks again.
      this.#unstored.connecting();
      return;
    }
    const error = new ParleyError(isErrorCode(code) ? code : 'UPDATE_REFUSED', {
      message: reason,
      ...(rule === undefined ? {} : { rule }),
    });
    const doc = this.#restart(error);
    if (doc === null) this.#provider.stop(error);
    else this.#provider.replace(doc);
  }

  /** A fresh copy, unless that was tried already and nothing in it can have been at fault. */
  #restart(error: ParleyError): Y.Doc | null {
    const isAtFault = error.code !== 'OLDER_GENERATION' && !this.pending;
    this.#fruitless = isAtFault ? this.#fruitless + 1 : 0;
    if (this.#fruitless > 1) return null;
    const before = this.#doc;
    const setAside = this.pending ? { doc: before, error } : null;
    before.off('update', this.#onUpdate);
    this.#doc = new Y.Doc();
    this.#doc.on('update', this.#onUpdate);
    this.#presence.replace(this.#doc);
    this.#stored?.reject(error);
    this.#stored = null;
    this.#told(() => this.#unstored.clear());
    this.#events.emit('replaced', { doc: this.#doc, setAside });
    return this.#doc;
  }

  #notice(notice: Notice): void {
    if (notice.type !== 'welcome' || notice.access === undefined || notice.access === this.#access) return;
    const before = this.#access;
    this.#access = notice.access;
    this.#events.emit('access', notice.access);
    // Nobody sees one who may only read, and nothing is heard of it here: shown once more.
    if (before === 'read') this.#presence.connected();
  }

  #statusChanged(status: SyncStatus, error: ParleyError | null): void {
    this.#error = error;
    if (status !== 'online') this.#presence.disconnected();
    if (status === 'online') this.#synced?.resolve();
    if (status === 'closed') {
      this.#synced?.reject(this.#closedBy());
      this.#stored?.reject(this.#closedBy());
      this.#presence.destroy();
      this.#parts.onClose();
    }
    if (status === 'online' || status === 'closed') this.#synced = null;
    this.#events.emit('status', { status, error });
  }
}
