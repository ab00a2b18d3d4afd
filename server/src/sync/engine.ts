// Joins the engine's rooms, and is what the rest of the server sees of it.
import type { ErrorCode } from '@parley/shared';
import type { WebSocket } from 'ws';
import { Admission, type SyncRequest } from './admission.js';
import { type CompleteKind, completeKind } from './complete-kind.js';
import { closeSocket } from './connection/connection.js';
import { UserPace } from './connection/user-pace.js';
import { SnapshotTurns } from './document/snapshots.js';
import { Documents } from './documents.js';
import type { LogModels } from './log/log.models.js';
import { LogStore } from './log/log-store.js';
import { LogWriter } from './log/log-writer.js';
import { type EngineMeter, type EngineState, spreadOf } from './meter.js';
import type { Actor, Crowd, DocumentKind, EngineLog } from './ports.js';
import { Projector } from './projection/projector.js';
import { Rights } from './rights.js';
import { Roster } from './roster.js';
import { pause } from './timing.js';

export interface SyncEngineOptions {
  readonly models: LogModels;
  readonly log: EngineLog;
  readonly meter: EngineMeter;
  readonly kinds: readonly DocumentKind[];
  /** Tells who holds the token. Throws an AppError of the 401 family. */
  readonly authenticate: (token: string) => Promise<Actor>;
  readonly crowd: Crowd;
  /** Whether frames of a connection or a user beyond a steady rate are held. */
  readonly paced: boolean;
  /** A document nobody needs for so long leaves memory, ms. */
  readonly idleMs: number;
  /** Log entries between snapshots. */
  readonly snapshotEvery: number;
  /** Client ids that ever wrote in a document's generation, after which it begins anew. */
  readonly generationClients: number;
  /** Bytes of a document that it shows nothing of, after which it begins anew if it also shows less than that. */
  readonly generationDeadBytes: number;
  /** So long a generation lasts at the least while clients are connected, ms. */
  readonly generationMs: number;
  /** How long a batch is tried against a failing store before its document is given up, ms. */
  readonly patienceMs: number;
  /** How long one write may take before it counts as failed and is looked for, ms. */
  readonly writeTimeoutMs: number;
}

/** Below the 30 s after which stock clients take silence for a dead server. */
const BEAT_MS = 20_000;
/** As often as stock clients look for presence that is out of date. */
const EXPIRE_MS = 3_000;
const RECOVER_AT_ONCE = 8;
const RECOVER_MS = 60_000;
const SETTLE_MS = 1_000;

export class SyncEngine {
  readonly #options: SyncEngineOptions;
  readonly #kinds: readonly CompleteKind[];
  readonly #store: LogStore;
  readonly #writer: LogWriter;
  readonly #projector: Projector;
  readonly #documents: Documents;
  readonly #roster: Roster;
  readonly #rights: Rights;
  readonly #admission: Admission;
  readonly #beat: NodeJS.Timeout;
  readonly #expiry: NodeJS.Timeout;

  constructor(options: SyncEngineOptions) {
    this.#options = options;
    this.#kinds = options.kinds.map(completeKind);
    const rulerOf = (documentId: string): string | null => this.#rulerOf(documentId);
    this.#roster = new Roster(rulerOf, options.crowd);
    this.#store = new LogStore(options.models);
    this.#writer = new LogWriter({
      models: options.models,
      log: options.log,
      meter: options.meter,
      patienceMs: options.patienceMs,
      writeTimeoutMs: options.writeTimeoutMs,
    });
    this.#projector = new Projector({
      log: options.log,
      flush: async (documentId, isLast) => {
        await Promise.all(this.#kinds.map((kind) => kind.flush(documentId, isLast)));
      },
      record: (reached) => this.#store.recordProjected(reached),
      onProjected: (documentId, position, projected) => {
        // A document that is still loading learns from the store itself.
        this.#documents.find(documentId)?.projected(position, projected);
      },
    });
    this.#rights = new Rights({
      kinds: this.#kinds,
      log: options.log,
      rulerOf,
      usersIn: (documentId) => this.#roster.usersIn(documentId),
      holdersOf: (documentId, userId) => this.#roster.of(documentId, userId),
    });
    this.#documents = new Documents({
      ...options,
      store: this.#store,
      writer: this.#writer,
      projector: this.#projector,
      snapshotTurns: new SnapshotTurns(),
    });
    this.#admission = new Admission({
      log: options.log,
      documents: this.#documents,
      rights: this.#rights,
      roster: this.#roster,
      userPace: options.paced ? new UserPace() : null,
      authenticate: options.authenticate,
      rulerOf,
    });
    this.#beat = setInterval(() => {
      for (const connection of this.#roster.all()) connection.beat();
    }, BEAT_MS);
    this.#beat.unref();
    this.#expiry = setInterval(() => {
      for (const { presence } of this.#documents.live) presence.expire();
    }, EXPIRE_MS);
    this.#expiry.unref();
  }

  /** Whether the log takes writes. */
  get healthy(): boolean {
    return this.#writer.healthy;
  }

  /** How things stand now. Looks at every document and connection: for a question asked every few seconds. */
  get state(): EngineState {
    const connections = [...this.#roster.all()];
    const weights = [...this.#documents.live].map(({ weight }) => weight);
    return {
      healthy: this.healthy,
      documents: weights.length,
      connections: connections.length,
      readersBehind: connections.filter(({ isBehind }) => isBehind).length,
      admissions: this.#admission.size,
      projection: this.#projector.lag(Date.now()),
      clientIds: spreadOf(weights.map(({ clientIds }) => clientIds)),
      deadBytes: spreadOf(weights.map(({ deadBytes }) => deadBytes)),
    };
  }

  /** Brings into history what an earlier process stored and did not get to. Run before the first request. */
  async recover(): Promise<void> {
    const unfinished = await this.#store.unfinished();
    const next = unfinished.values();
    const worker = async (): Promise<void> => {
      for (const { id, kind: name } of next) {
        try {
          await this.#documents.open(id, this.#kindCalled(name));
        } catch (error) {
          // One damaged document keeps no other from being served; whoever opens it is told.
          this.#options.log.error({ err: error, document: id }, 'history could not be brought up to the log');
        }
      }
    };
    const all = Promise.all(Array.from({ length: RECOVER_AT_ONCE }, worker));
    // What takes longer goes on beside the first requests: one history that never holds must not keep the server from starting.
    await Promise.race([all, pause(RECOVER_MS)]);
  }

  /**
   * Takes a socket in, or closes it with the code that says why. Resolves once the work of that is done: its first answer is out,
   * or it is to be turned away. Never rejects.
   */
  accept(socket: WebSocket, request: SyncRequest): Promise<void> {
    return this.#admission.accept(socket, request);
  }

  /** Closes a socket with the code of an error, later the more often its address was refused. Resolves once it is told. */
  turnAway(socket: WebSocket, address: string, code: ErrorCode): Promise<void> {
    return this.#admission.turnAway(socket, address, code);
  }

  /** Sends a socket away, at once, because too many wait to be taken in. It may come back. */
  refuse(socket: WebSocket): void {
    closeSocket(socket, 'TOO_MANY_REQUESTS');
  }

  /** Carries out a kind's command in a document, which is made where it is new; resolves once it is in history, with whether it changed anything. */
  async perform(kind: string, documentId: string, command: unknown): Promise<boolean> {
    const document = await this.#documents.open(documentId, this.#kindCalled(kind));
    return await document.perform(command);
  }

  /** Leaves nothing in the document's log that history and a snapshot hold: what was erased from these is nowhere then. */
  async compact(kind: string, documentId: string): Promise<void> {
    const document = await this.#documents.open(documentId, this.#kindCalled(kind));
    await document.compact();
  }

  /**
   * Waits until history holds what clients of the document have seen, so that one who reads it right after misses nothing.
   * Waits no longer than a moment: a lagging history is read as it is.
   */
  async settled(documentId: string): Promise<void> {
    const document = this.#documents.find(documentId);
    if (document === undefined) return;
    await Promise.race([document.settled().catch(() => undefined), pause(SETTLE_MS)]);
  }

  /** The same for several. */
  async allSettled(documentIds: readonly string[]): Promise<void> {
    await Promise.all(documentIds.map((id) => this.settled(id)));
  }

  /**
   * What people may do in the document has changed, and the change is stored: the user's rights, or everybody's. Their open
   * connections are asked about again: closed with the code of what they get, or going on with their new access.
   */
  rightsChanged(documentId: string, userId?: string): void {
    this.#admission.rightsChanged(documentId);
    for (const id of [documentId, ...this.#roster.ruledBy(documentId)]) this.#rights.changed(id, userId);
  }

  /**
   * Removes the document and all that is stored of it; who is in it is closed with 4404. To be called once its kind lets nobody
   * in any more. Doing it again, after it failed or crashed at any point, comes to the same.
   */
  async remove(documentId: string): Promise<void> {
    this.rightsChanged(documentId);
    await this.#documents.remove(documentId);
  }

  /** Closes every socket of a session that has ended. */
  endSession(sessionId: string): void {
    this.#admission.endSession(sessionId);
    for (const connection of this.#roster.all()) {
      if (connection.actor.sessionId === sessionId) connection.close('SESSION_ENDED');
    }
  }

  /** Takes nobody in any more, finishes what is under way, keeps snapshots. Sockets close with 1012. */
  async close(): Promise<void> {
    this.#admission.stop();
    this.#documents.stop();
    clearInterval(this.#beat);
    clearInterval(this.#expiry);
    this.#rights.close();
    for (const connection of this.#roster.all()) connection.close('SHUTTING_DOWN');
    const finishing = this.#projector.close();
    await this.#documents.unload();
    await finishing;
    await this.#projector.close();
    this.#writer.close();
  }

  #rulerOf(documentId: string): string | null {
    for (const kind of this.#kinds) {
      const ruler = kind.ruledBy(documentId);
      if (ruler !== null) return ruler;
    }
    return null;
  }

  #kindCalled(name: string): CompleteKind {
    const kind = this.#kinds.find((each) => each.name === name);
    if (kind === undefined) throw new TypeError(`no kind of documents is called "${name}"`);
    return kind;
  }
}
