// Owns one socket's life once its user may be here: frames in, in order; frames out, bounded; the close code.
// Does not own who may come in (engine.ts), nor what an update does (document/).
import {
  BadBytes,
  decodeFrame,
  type ErrorCode,
  encodeAwareness,
  encodeAwarenessEntries,
  encodeRefused,
  errorCatalogue,
  limits,
} from '@parley/shared';
import type { RawData, WebSocket } from 'ws';
import type { LiveDocument } from '../document/live-document.js';
import type { Peer } from '../document/peer.js';
import type { Access, Actor, Refused } from '../ports.js';
import { readStateVector, type StateVector } from '../protocol/state-vector.js';
import { isOfOtherGeneration } from '../server-clients.js';
import { Outbound } from './outbound.js';
import { TokenBucket } from './token-bucket.js';
import type { UserPace } from './user-pace.js';

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly actor: Actor;
  readonly access: Access;
  readonly acks: boolean;
  readonly document: LiveDocument;
  /** Holds frames beyond a steady rate, of this connection and of its user; null for no such rate. */
  readonly pace: UserPace | null;
  /** The time, ms. */
  readonly now?: () => number;
  /** How long a reader may be behind, ms; `outboundBehindMs` unless a test says otherwise. */
  readonly behindMs?: number;
  readonly onClose: (connection: Connection) => void;
  /** Told of what should never happen. */
  readonly onFailure: (error: unknown) => void;
}

/** Says "still here" to clients that count frames rather than pings: presence of nobody. */
const KEEP_ALIVE = encodeAwareness(encodeAwarenessEntries([]));
/** A close frame carries no more of a reason, and ws throws beyond it. */
const CLOSE_REASON_BYTES = 123;
const INTERNAL_CLOSE = 4500;
const CLOSE_GRACE_MS = 3_000;

/** The beginning of a text that fits into so many bytes. */
const cutToBytes = (text: string, bytes: number): string => {
  const encoded = Buffer.from(text);
  // A character cut in two becomes a mark of three bytes.
  return encoded.length <= bytes ? text : encoded.subarray(0, bytes - 3).toString();
};

/** Closes a socket with the catalogue's code for the error. Errors without a code of their own close as INTERNAL. */
export const closeSocket = (socket: WebSocket, code: ErrorCode, reason?: string): void => {
  const row = errorCatalogue[code];
  const text = cutToBytes(`${code}: ${reason ?? row.message}`, CLOSE_REASON_BYTES);
  socket.close(row.close ?? INTERNAL_CLOSE, text);
  // One that never answers the close is not waited for.
  const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
};

export class Connection implements Peer {
  readonly actor: Actor;
  readonly acks: boolean;
  #access: Access;
  readonly #socket: WebSocket;
  readonly #document: LiveDocument;
  readonly #onClose: (connection: Connection) => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #now: () => number;
  readonly #pace: UserPace | null;
  readonly #bucket: TokenBucket;
  readonly #out: Outbound;
  #holdTimer: NodeJS.Timeout | null = null;
  #received = 0;
  #heldBytes = 0;
  #refusals = 0;
  #answered = true;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.actor = options.actor;
    this.#access = options.access;
    this.acks = options.acks;
    this.#socket = options.socket;
    this.#document = options.document;
    this.#onClose = options.onClose;
    this.#onFailure = options.onFailure;
    this.#now = options.now ?? Date.now;
    this.#pace = options.pace;
    this.#bucket = new TokenBucket(limits.framesPerSecond.value, limits.framesBurst.value, this.#now());
    this.#out = new Outbound({
      socket: options.socket,
      behindMs: options.behindMs ?? limits.outboundBehindMs.value,
      onDrained: () => this.#drained(),
      onTooSlow: () => this.close('TOO_SLOW'),
    });
    this.#socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    this.#socket.on('pong', () => {
      this.#answered = true;
    });
    this.#socket.on('close', () => this.#leave());
    this.#document.attach(this);
  }

  relay(frame: Uint8Array): boolean {
    return this.#closed || this.#out.relay(frame);
  }

  get access(): Access {
    return this.#access;
  }

  /** What the user may do has changed: from here on this counts, for updates that wait already as well. */
  changeAccess(access: Access): void {
    if (this.#closed || access === this.#access) return;
    this.#access = access;
    this.#document.accessChanged(this);
  }

  /** Closes because the user may not be here any more. What of it still waits in the document is refused. */
  expel(code: ErrorCode): void {
    this.#access = 'read';
    this.close(code);
  }

  /** Whether its reader is behind. */
  get isBehind(): boolean {
    return this.#out.isBehind;
  }

  send(frame: Uint8Array): void {
    if (!this.#closed) this.#out.offer(frame);
  }

  caughtUp(): void {
    if (!this.#closed) this.#out.caughtUp();
  }

  handled(nth: number, bytes: number): void {
    this.#heldBytes -= bytes;
    this.#readOn();
    if (this.acks && !this.#closed) this.#out.stored(nth);
  }

  refused(nth: number, refused: Refused, messages: readonly string[]): void {
    const { code, rule, reason } = refused;
    if (this.acks && !this.#closed)
      this.#out.refused(encodeRefused({ nth, code, rule, reason, messages: [...messages] }));
    // A gap is a question of order, not of content; the server asks for what is missing.
    if (rule !== 'G4') this.#refusals += 1;
    if (this.#refusals >= limits.refusalsPerConnection.value) this.close(code, `${rule}: ${reason}`);
  }

  close(code: ErrorCode, reason?: string): void {
    if (this.#closed) return;
    closeSocket(this.#socket, code, reason);
    this.#leave();
  }

  /** Called on every beat: a word for the client's watchdog, and the end for a socket that no longer answers. */
  beat(): void {
    // A ping would wait behind what a slow reader does not take; that has a deadline of its own.
    if (this.#out.isBehind) return;
    // A socket that is held cannot hear its pong.
    if (!this.#answered && !this.#socket.isPaused) {
      this.#socket.terminate();
      return;
    }
    this.#answered = false;
    this.#socket.ping();
    this.send(KEEP_ALIVE);
  }

  #drained(): void {
    // It has just read; the answer to an earlier ping is still on its way.
    this.#answered = true;
    this.#document.drained(this);
  }

  #leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#holdTimer !== null) clearTimeout(this.#holdTimer);
    this.#out.end();
    this.#document.detach(this);
    this.#onClose(this);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closed) return;
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.close('MALFORMED_FRAME', 'frames are binary');
      return;
    }
    if (data.length > limits.frameBytes.value) {
      this.close('TOO_LARGE');
      return;
    }
    this.#count();
    try {
      this.#dispatch(data);
    } catch (error) {
      if (error instanceof BadBytes) {
        this.close('MALFORMED_FRAME', error.message);
        return;
      }
      // No frame may reach further than its own socket.
      this.#onFailure(error);
      this.close('INTERNAL');
    }
  }

  #dispatch(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    switch (frame.type) {
      case 'stateVector':
        this.#asked(readStateVector(frame.bytes));
        return;
      case 'reply':
        this.#document.answered(this);
        this.#submit(frame.bytes);
        return;
      case 'update':
        this.#submit(frame.bytes);
        return;
      case 'awareness':
        this.#document.presence.update(this, frame.bytes, (client) =>
          this.#document.mayUse(client, this.actor.userId),
        );
        return;
      case 'queryAwareness': {
        const everybody = this.#document.presence.everybody();
        if (everybody !== null) this.send(everybody);
        return;
      }
      case 'unknown':
        return;
      default:
        this.close('MALFORMED_FRAME', `a client does not send ${frame.type}`);
    }
  }

  /** A copy with something of another generation in it can never be in step with this one. */
  #asked({ bytes, clients }: StateVector): void {
    if (isOfOtherGeneration(clients, this.#document.generation)) this.close('OLDER_GENERATION');
    else this.#document.answer(this, bytes);
  }

  #submit(bytes: Uint8Array): void {
    this.#received += 1;
    this.#heldBytes += bytes.length;
    // Held, never dropped: the socket is read again when its updates are stored, and its pace allows.
    if (this.#heldBytes > limits.inboundHeldBytes.value) this.#socket.pause();
    this.#document.submit(this, this.#received, bytes);
  }

  /** Counts a frame, and holds the socket where its pace or that of its user asks for it. */
  #count(): void {
    if (this.#pace === null) return;
    const now = this.#now();
    this.#hold(Math.max(this.#bucket.take(now), this.#pace.take(this.actor.userId, now)));
  }

  /** Stops reading for so long. */
  #hold(ms: number): void {
    if (ms === 0) return;
    if (this.#holdTimer !== null) clearTimeout(this.#holdTimer);
    this.#socket.pause();
    this.#holdTimer = setTimeout(() => {
      this.#holdTimer = null;
      this.#readOn();
    }, ms);
  }

  /** Reads the socket again once nothing speaks against it. */
  #readOn(): void {
    if (this.#closed || this.#holdTimer !== null || !this.#socket.isPaused) return;
    if (this.#heldBytes <= limits.inboundHeldBytes.value) this.#socket.resume();
  }
}
