// Owns one socket to one document: who may speak first, the count of update frames, the watchdog.
// Does not own when to connect, nor what an answer means for messages.
import {
  BadBytes,
  decodeFrame,
  encodeAwareness,
  encodeReply,
  encodeStateVector,
  encodeUpdate,
  type SyncFrame,
} from '@parley/shared';
import * as Y from 'yjs';
import type { ConnectionParts } from './connection-ports.js';

/** The server says something every 25 s at the latest; past this the connection is dead, whatever TCP believes. */
const SILENCE_MS = 45_000;

/** What the socket gets where no close frame came: abnormal closure. */
const ABNORMAL = 1006;
const DONE = 1000;

export class SyncConnection {
  readonly #parts: ConnectionParts;
  #frames = 0;
  #isOpen = false;
  #isAnswered = false;
  #isSynced = false;
  #ended = false;
  #stopWatching: () => void = () => undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { socket, doc } = parts;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#open();
    socket.onmessage = (event: { readonly data: unknown }) => this.#receive(event.data);
    socket.onclose = (event: { readonly code: number; readonly reason: string }) =>
      this.#end(event.code, event.reason);
    // A close event follows and says all there is to say.
    socket.onerror = () => undefined;
    doc.on('update', this.#onUpdate);
    this.#watch();
  }

  /** Update frames sent so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether changes to the document go out at once. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#ended;
  }

  sendAwareness(bytes: Uint8Array): void {
    if (this.isOpen) this.#parts.socket.send(encodeAwareness(bytes));
  }

  /** Leaves; what was handed to the socket still goes out. No event follows. */
  drop(): void {
    if (!this.#detach()) return;
    this.#parts.socket.close(DONE);
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    // Before the server has said what it has, an update could leave a gap; the answer will hold it.
    if (origin === this || !this.#isAnswered || this.#ended) return;
    this.#frames += 1;
    this.#parts.socket.send(encodeUpdate(update));
  };

  #open(): void {
    if (this.#ended) return;
    this.#isOpen = true;
    this.#watch();
    this.#parts.socket.send(encodeStateVector(Y.encodeStateVector(this.#parts.doc)));
  }

  #receive(data: unknown): void {
    if (this.#ended) return;
    this.#watch();
    if (!(data instanceof ArrayBuffer)) {
      this.#fail('a frame is not binary');
      return;
    }
    let frame: SyncFrame;
    try {
      frame = decodeFrame(new Uint8Array(data));
    } catch (error) {
      if (!(error instanceof BadBytes)) throw error;
      this.#fail(error.message);
      return;
    }
    this.#dispatch(frame);
  }

  #dispatch(frame: SyncFrame): void {
    const { events } = this.#parts;
    switch (frame.type) {
      case 'stateVector':
        this.#answer(frame.bytes);
        return;
      case 'reply':
        if (!this.#apply(frame.bytes) || this.#isSynced || this.#ended) return;
        this.#isSynced = true;
        events.synced();
        return;
      case 'update':
        this.#apply(frame.bytes);
        return;
      case 'awareness':
        events.awareness(frame.bytes);
        return;
      case 'stored':
        events.stored(frame.upTo);
        return;
      case 'refused':
        events.refused(frame.refusal);
        return;
      case 'notice':
        events.notice(frame.notice);
        return;
      default: // A newer server may say more than we know.
    }
  }

  /** May be asked again at any time: the server does after a gap. */
  #answer(stateVector: Uint8Array): void {
    const { doc, socket, events } = this.#parts;
    let update: Uint8Array;
    try {
      update = Y.encodeStateAsUpdate(doc, stateVector);
    } catch {
      this.#fail('a state vector could not be read');
      return;
    }
    this.#isAnswered = true;
    this.#frames += 1;
    socket.send(encodeReply(update));
    events.answered(this.#frames);
  }

  #apply(bytes: Uint8Array): boolean {
    try {
      Y.applyUpdate(this.#parts.doc, bytes, this);
      return true;
    } catch {
      this.#fail('an update could not be read');
      return false;
    }
  }

  #watch(): void {
    this.#stopWatching();
    this.#stopWatching = this.#parts.timing.after(SILENCE_MS, () => this.#fail('silence'));
  }

  /** Ends what cannot go on from this side, and comes back as from a lost connection. */
  #fail(reason: string): void {
    const { socket } = this.#parts;
    if (this.#ended) return;
    this.#end(ABNORMAL, reason);
    if (socket.terminate === undefined) socket.close(DONE);
    else socket.terminate();
  }

  #end(code: number, reason: string): void {
    if (this.#detach()) this.#parts.events.closed(code, reason);
  }

  /** Lets go of everything; false when that was done before. */
  #detach(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#stopWatching();
    this.#parts.doc.off('update', this.#onUpdate);
    const { socket } = this.#parts;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    return true;
  }
}
