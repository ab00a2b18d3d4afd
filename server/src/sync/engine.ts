// Owns which documents are live here, and joins the engine's rooms: admission, documents, log, projection.
import { AppError, type ErrorCode, syncParams } from '@parley/shared';
import type { WebSocket } from 'ws';
import { isStoreUnreachable } from '../platform/mongo.js';
import { type CompleteKind, completeKind } from './complete-kind.js';
import { Connection, closeSocket } from './connection/connection.js';
import { RefusalPacer } from './connection/refusal-pacer.js';
import { UserPace } from './connection/user-pace.js';
import { LiveDocument } from './document/live-document.js';
import type { LogModels } from './log/log.models.js';
import { LogStore } from './log/log-store.js';
import { LogWriter } from './log/log-writer.js';
import { type EngineMeter, type EngineState, spreadOf } from './meter.js';
import type { Actor, DocumentKind, EngineLog } from './ports.js';
import { Projector } from './projection/projector.js';
import { type Granted, Rights } from './rights.js';
import { Roster } from './roster.js';
import { pause } from './timing.js';

export interface SyncEngineOptions {
  readonly models: LogModels;
  readonly log: EngineLog;
  readonly meter: EngineMeter;
  readonly kinds: readonly DocumentKind[];
  /** Tells who holds the token. Throws an AppError of the 401 family. */
  readonly authenticate: (token: string) => Promise<Actor>;
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

/** A socket that was just upgraded, and what its URL says. */
export interface SyncRequest {
  readonly documentId: string;
  readonly params: URLSearchParams;
  readonly address: string;
}

/** One socket on its way in, and what has changed since it began: no connection is there yet that could be told. */
interface Admission {
  readonly documentId: string;
  readonly ruler: string | null;
  readonly endedSessions: Set<string>;
  rightsChanged: boolean;
}

/** Resolves when one who was taken in has had its first answer, or has gone; not awaited with the taking in. */
interface Answered {
  readonly done: Promise<void>;
}

/** Below the 30 s after which stock clients take silence for a dead server. */
const BEAT_MS = 20_000;
/** As often as stock clients look for presence that is out of date. */
const EXPIRE_MS = 3_000;
const RECOVER_AT_ONCE = 8;
const RECOVER_MS = 60_000;
const SETTLE_MS = 1_000;
/** An honest client asks as soon as it is let in. One far away may take longer: others need not wait for its line. */
const FIRST_ANSWER_MS = 50;

export class SyncEngine {
  readonly #options: SyncEngineOptions;
  readonly #kinds: readonly CompleteKind[];
  readonly #store: LogStore;
  readonly #writer: LogWriter;
  readonly #projector: Projector;
  readonly #pacer = new RefusalPacer();
  readonly #userPace: UserPace | null;
  readonly #documents = new Map<string, Promise<LiveDocument>>();
  /** Those of them that are loaded. */
  readonly #live = new Map<string, LiveDocument>();
  /** Documents on their way out of memory; whoever wants one back waits for that. */
  readonly #leaving = new Map<string, Promise<'left' | 'removed'>>();
  readonly #roster: Roster;
  readonly #rights: Rights;
  readonly #admissions = new Set<Admission>();
  readonly #beat: NodeJS.Timeout;
  readonly #expiry: NodeJS.Timeout;
  #closing = false;

  constructor(options: SyncEngineOptions) {
    this.#options = options;
    this.#kinds = options.kinds.map(completeKind);
    const rulerOf = (documentId: string): string | null => this.#rulerOf(documentId);
    this.#roster = new Roster(rulerOf);
    this.#userPace = options.paced ? new UserPace() : null;
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
      record: (reached) => this.#store.recordProjected(reached),
      onProjected: (documentId, position, projected) => {
        // A document that is still loading learns from the store itself.
        this.#live.get(documentId)?.projected(position, projected);
      },
    });
    this.#rights = new Rights({
      kinds: this.#kinds,
      log: options.log,
      rulerOf,
      usersIn: (documentId) => this.#roster.usersIn(documentId),
      holdersOf: (documentId, userId) => this.#roster.of(documentId, userId),
    });
    this.#beat = setInterval(() => {
      for (const connection of this.#roster.all()) connection.beat();
    }, BEAT_MS);
    this.#beat.unref();
    this.#expiry = setInterval(() => {
      for (const { presence } of this.#live.values()) presence.expire();
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
    const weights = [...this.#live.values()].map(({ weight }) => weight);
    return {
      healthy: this.healthy,
      documents: weights.length,
      connections: connections.length,
      readersBehind: connections.filter(({ isBehind }) => isBehind).length,
      admissions: this.#admissions.size,
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
          await this.#open(id, this.#kindCalled(name));
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
  async accept(socket: WebSocket, request: SyncRequest): Promise<void> {
    socket.on('error', (error) => this.#options.log.debug({ err: error }, 'a sync socket failed'));
    // Nothing is read before somebody listens: no frame can be lost while the token is checked.
    socket.pause();
    try {
      await this.#admit(socket, request);
    } catch (error) {
      void this.#turnAway(socket, request, error);
    }
  }

  /** Sends a socket away, at once, because too many wait to be taken in. It may come back. */
  refuse(socket: WebSocket): void {
    closeSocket(socket, 'TOO_MANY_REQUESTS');
  }

  /** Carries out a kind's command in a document, which is made where it is new; resolves once it is in history. */
  async perform(kind: string, documentId: string, command: unknown): Promise<void> {
    const document = await this.#open(documentId, this.#kindCalled(kind));
    await document.perform(command);
  }

  /**
   * Waits until history holds what clients of the document have seen, so that one who reads it right after misses nothing.
   * Waits no longer than a moment: a lagging history is read as it is.
   */
  async settled(documentId: string): Promise<void> {
    const document = this.#live.get(documentId);
    if (document === undefined) return;
    await Promise.race([document.settled().catch(() => undefined), pause(SETTLE_MS)]);
  }

  /**
   * What people may do in the document has changed, and the change is stored: the user's rights, or everybody's. Their open
   * connections are asked about again: closed with the code of what they get, or going on with their new access.
   */
  rightsChanged(documentId: string, userId?: string): void {
    for (const admission of this.#admissions) {
      const isAbout = admission.documentId === documentId || admission.ruler === documentId;
      if (isAbout) admission.rightsChanged = true;
    }
    for (const id of [documentId, ...this.#roster.ruledBy(documentId)]) this.#rights.changed(id, userId);
  }

  /**
   * Removes the document and all that is stored of it; who is in it is closed with 4404. To be called once its kind lets nobody
   * in any more. Doing it again, after it failed or crashed at any point, comes to the same.
   */
  async remove(documentId: string): Promise<void> {
    this.rightsChanged(documentId);
    for (let leaving = this.#leaving.get(documentId); leaving; leaving = this.#leaving.get(documentId))
      await leaving;
    const removing = this.#remove(documentId).finally(() => this.#leaving.delete(documentId));
    // Who wants it meanwhile waits, and hears that it is gone.
    this.#leaving.set(
      documentId,
      removing.then(
        () => 'removed',
        () => 'removed',
      ),
    );
    await removing;
  }

  /** Closes every socket of a session that has ended. */
  endSession(sessionId: string): void {
    for (const admission of this.#admissions) admission.endedSessions.add(sessionId);
    for (const connection of this.#roster.all()) {
      if (connection.actor.sessionId === sessionId) connection.close('SESSION_ENDED');
    }
  }

  /** Takes nobody in any more, finishes what is under way, keeps snapshots. Sockets close with 1012. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#beat);
    clearInterval(this.#expiry);
    this.#rights.close();
    for (const connection of this.#roster.all()) connection.close('SHUTTING_DOWN');
    const finishing = this.#projector.close();
    const loads = await Promise.allSettled(this.#documents.values());
    await Promise.all(loads.map((load) => (load.status === 'fulfilled' ? load.value.unload() : undefined)));
    await Promise.all(this.#leaving.values());
    await finishing;
    await this.#projector.close();
    this.#writer.close();
  }

  async #admit(socket: WebSocket, request: SyncRequest): Promise<void> {
    if (this.#closing) throw new AppError('SHUTTING_DOWN');
    const token = request.params.get(syncParams.token);
    if (token === null || token === '') throw new AppError('NOT_SIGNED_IN');
    const { documentId } = request;
    const ruler = this.#rulerOf(documentId);
    const admission: Admission = { documentId, ruler, endedSessions: new Set(), rightsChanged: false };
    this.#admissions.add(admission);
    let answered: Answered;
    try {
      answered = await this.#takeIn(socket, request, admission, await this.#options.authenticate(token));
    } finally {
      this.#admissions.delete(admission);
    }
    // One that never asks is not waited for.
    await Promise.race([answered.done, pause(FIRST_ANSWER_MS)]);
  }

  async #takeIn(
    socket: WebSocket,
    { documentId, params }: SyncRequest,
    admission: Admission,
    actor: Actor,
  ): Promise<Answered> {
    let granted: Granted;
    let document: LiveDocument;
    do {
      granted = await this.#granted(admission, actor);
      document = await this.#open(documentId, granted.kind);
    } while (admission.rightsChanged);
    // Nothing is waited for from here on: a change comes before this, or finds the connection; and the document stays in memory.
    if (admission.endedSessions.has(actor.sessionId)) throw new AppError('SESSION_ENDED');
    if (document.isFull) throw new AppError('UNAVAILABLE', { logMessage: `document ${document.id} is full` });
    assertGeneration(params.get(syncParams.generation), document.generation);
    if (socket.readyState !== socket.OPEN) return { done: Promise.resolve() };
    if (this.#closing) throw new AppError('SHUTTING_DOWN');
    const connection = new Connection({
      socket,
      actor,
      access: granted.access,
      document,
      pace: this.#userPace,
      acks: params.get(syncParams.acks) === '1',
      onClose: (closed) => this.#roster.remove(documentId, closed),
      onFailure: (error) =>
        this.#options.log.error({ err: error, document: document.id }, 'a frame could not be handled'),
    });
    this.#roster.add(documentId, connection);
    socket.resume();
    return { done: document.firstAnswer(connection) };
  }

  /** What the actor may do, by an answer that no change has overtaken. */
  async #granted(admission: Admission, actor: Actor): Promise<Granted> {
    for (;;) {
      admission.rightsChanged = false;
      try {
        const granted = await this.#rights.ask(admission.documentId, actor);
        if (!admission.rightsChanged) return granted;
      } catch (error) {
        if (!admission.rightsChanged) throw error;
      }
    }
  }

  async #turnAway(socket: WebSocket, request: SyncRequest, error: unknown): Promise<void> {
    const code = codeOf(error);
    if (code === 'INTERNAL')
      this.#options.log.error({ err: error, document: request.documentId }, 'a socket was not taken in');
    await pause(this.#pacer.delayFor(request.address, Date.now()));
    closeSocket(socket, code);
    socket.resume();
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

  async #open(documentId: string, kind: CompleteKind): Promise<LiveDocument> {
    for (;;) {
      const leaving = this.#leaving.get(documentId);
      if (leaving === undefined) break;
      if ((await leaving) === 'removed') throw new AppError('NOT_FOUND');
    }
    if (this.#closing) throw new AppError('SHUTTING_DOWN');
    const known = this.#documents.get(documentId);
    if (known !== undefined) return known;
    const loading = this.#load(documentId, kind);
    this.#documents.set(documentId, loading);
    return loading;
  }

  async #load(documentId: string, kind: CompleteKind): Promise<LiveDocument> {
    try {
      const document = await LiveDocument.load(documentId, kind, {
        store: this.#store,
        writer: this.#writer,
        projector: this.#projector,
        log: this.#options.log,
        meter: this.#options.meter,
        snapshotEvery: this.#options.snapshotEvery,
        generationClients: this.#options.generationClients,
        generationDeadBytes: this.#options.generationDeadBytes,
        generationMs: this.#options.generationMs,
        idleMs: this.#options.idleMs,
        onLeave: (id, reason) => this.#leave(id, reason),
      });
      this.#live.set(documentId, document);
      return document;
    } catch (error) {
      this.#documents.delete(documentId);
      throw error;
    }
  }

  #leave(documentId: string, reason: 'idle' | 'failed'): void {
    const document = this.#live.get(documentId);
    this.#documents.delete(documentId);
    if (document === undefined || reason === 'failed') {
      this.#live.delete(documentId);
      return;
    }
    // It still hears of projection while it leaves: what history holds by then need not stay in the log.
    const leaving = document.retire().finally(() => {
      this.#live.delete(documentId);
      this.#leaving.delete(documentId);
    });
    this.#leaving.set(
      documentId,
      leaving.then(() => 'left'),
    );
  }

  async #remove(documentId: string): Promise<void> {
    const loading = this.#documents.get(documentId);
    this.#documents.delete(documentId);
    // One that could not be loaded has nothing in memory to be let go.
    const document = await loading?.catch(() => undefined);
    await document?.discard();
    this.#live.delete(documentId);
    await this.#store.remove(documentId);
  }
}

/** A store that is away is no fault of ours that anybody has to look at: the client may come back. */
const codeOf = (error: unknown): ErrorCode => {
  if (error instanceof AppError) return error.code;
  return isStoreUnreachable(error) ? 'UNAVAILABLE' : 'INTERNAL';
};

/** A client that says which generation its copy is of must be of this one; one that does not say starts from nothing. */
const assertGeneration = (claimed: string | null, generation: number): void => {
  if (claimed !== null && claimed !== String(generation)) throw new AppError('OLDER_GENERATION');
};
