// Owns keeping one document connected: fresh tokens, what each close code asks for, pauses between tries.
// Does not own what is in the document; when a copy can never sync again its owner makes a new one.
import type { Notice } from '@parley/shared';
import type * as Y from 'yjs';
import { isSignInError, ParleyError, toParleyError } from '../api/errors.js';
import { backoffMs } from './backoff.js';
import { afterClose, codeOfClose } from './close-policy.js';
import { SyncConnection } from './connection.js';
import type { ProviderParts, SyncStatus } from './provider-ports.js';
import { syncUrl, type WebSocketLike } from './socket.js';

/** A connection that held so long makes up for the failures before it, ms. */
const STEADY_MS = 10_000;

export class SyncProvider {
  readonly #parts: ProviderParts;
  #doc: Y.Doc;
  #status: SyncStatus = 'connecting';
  #connection: SyncConnection | null = null;
  #generation: number | null = null;
  #failures = 0;
  #onlineSince: number | null = null;
  /** Whether a new token has been tried since the last time in step. */
  #reauthorized = false;
  /** Counts tries, so that one overtaken while it waited for a token goes no further. */
  #try = 0;
  #callOff: () => void = () => undefined;

  constructor(doc: Y.Doc, parts: ProviderParts) {
    this.#doc = doc;
    this.#parts = parts;
  }

  get status(): SyncStatus {
    return this.#status;
  }

  /** Update frames sent on this connection; null while a change to the document would not go out at once. */
  get frames(): number | null {
    return this.#connection?.isAnswered === true ? this.#connection.frames : null;
  }

  start(): void {
    this.#connect();
  }

  sendAwareness(bytes: Uint8Array): void {
    this.#connection?.sendAwareness(bytes);
  }

  /** Goes on with another copy, on a new connection, at once. */
  replace(doc: Y.Doc): void {
    if (this.#status === 'closed') return;
    this.#leave();
    this.#doc = doc;
    this.#generation = null;
    this.#connect();
  }

  /** Ends for good. No timer, socket or event is left but the status. */
  stop(error: ParleyError | null): void {
    if (this.#status === 'closed') return;
    this.#leave();
    this.#setStatus('closed', error);
  }

  #leave(): void {
    this.#try += 1;
    this.#callOff();
    this.#connection?.drop();
    this.#connection = null;
    this.#onlineSince = null;
  }

  #connect(): void {
    this.#leave();
    this.#setStatus('connecting', null);
    const current = this.#try;
    const isCurrent = (): boolean => current === this.#try;
    this.#parts.tokens.accessToken().then(
      (token) => {
        if (!isCurrent()) return;
        if (token === null) this.stop(new ParleyError('NOT_SIGNED_IN'));
        else this.#open(token);
      },
      (error: unknown) => {
        if (isCurrent()) this.#tokenFailed(toParleyError(error));
      },
    );
  }

  #open(token: string): void {
    const { WebSocket, wsUrl, documentId, timing, events } = this.#parts;
    let socket: WebSocketLike;
    try {
      socket = new WebSocket(syncUrl(wsUrl, documentId, { token, generation: this.#generation }));
    } catch (error) {
      this.#retry(toParleyError(error));
      return;
    }
    events.connecting();
    this.#connection = new SyncConnection({
      socket,
      timing,
      doc: this.#doc,
      events: {
        ...events,
        synced: () => this.#synced(),
        notice: (notice) => this.#notice(notice),
        closed: (code, reason) => this.#closed(code, reason, token),
      },
    });
  }

  #synced(): void {
    this.#reauthorized = false;
    this.#onlineSince = this.#parts.timing.now();
    this.#parts.events.synced();
    // Its owner may have gone on with another copy meanwhile.
    if (this.#onlineSince !== null) this.#setStatus('online', null);
  }

  #notice(notice: Notice): void {
    if (notice.type === 'welcome') {
      const isOlder = this.#generation !== null && this.#generation !== notice.generation;
      if (isOlder) this.#startOver(new ParleyError('OLDER_GENERATION'));
      else this.#generation = notice.generation;
    }
    this.#parts.events.notice(notice);
  }

  #closed(close: number, reason: string, token: string): void {
    const error = new ParleyError(codeOfClose(close, reason));
    const wasSteady = this.#onlineSince !== null && this.#parts.timing.now() - this.#onlineSince >= STEADY_MS;
    if (wasSteady) this.#failures = 0;
    this.#leave();
    const next = afterClose(close);
    if (next === 'sign in') this.#signInAgain(error, token);
    else if (next === 'start over') this.#startOver(error);
    else if (next === 'stop') this.stop(error);
    else this.#retry(error);
  }

  #signInAgain(error: ParleyError, token: string): void {
    if (this.#reauthorized) {
      this.stop(error);
      return;
    }
    this.#reauthorized = true;
    this.#setStatus('connecting', null);
    const current = this.#try;
    this.#parts.tokens.renew(token).then(
      () => {
        if (current === this.#try) this.#connect();
      },
      (failure: unknown) => {
        if (current !== this.#try) return;
        this.#reauthorized = false;
        this.#tokenFailed(toParleyError(failure));
      },
    );
  }

  #tokenFailed(error: ParleyError): void {
    if (isSignInError(error)) this.stop(error);
    else this.#retry(error);
  }

  #startOver(error: ParleyError): void {
    this.#leave();
    const doc = this.#parts.events.restart(error);
    if (doc === null) {
      this.stop(error);
      return;
    }
    this.#doc = doc;
    this.#generation = null;
    // Nothing is wrong with a document that began anew: no need to wait, unless it happens again and again.
    if (error.code === 'OLDER_GENERATION' && this.#failures === 0) {
      this.#failures = 1;
      this.#connect();
    } else this.#retry(error);
  }

  #retry(error: ParleyError): void {
    this.#failures += 1;
    this.#setStatus('offline', error);
    this.#callOff = this.#parts.timing.after(backoffMs(this.#failures, this.#parts.timing), () =>
      this.#connect(),
    );
  }

  #setStatus(status: SyncStatus, error: ParleyError | null): void {
    if (this.#status === 'closed') return;
    const changed = this.#status !== status;
    this.#status = status;
    if (changed) this.#parts.events.status(status, error);
  }
}
