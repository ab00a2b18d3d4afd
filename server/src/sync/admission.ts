// Owns the way in of a socket: token, rights, document, its place among the others; and what changes meanwhile.
// Does not own how many come in at a time (http/waiting-room.ts), nor a connection once it is there (connection/).
import { AppError, type ErrorCode, limits, syncParams } from '@parley/shared';
import type { WebSocket } from 'ws';
import { isStoreUnreachable } from '../platform/mongo.js';
import { Places } from '../platform/places.js';
import { Connection, closeSocket } from './connection/connection.js';
import { RefusalPacer } from './connection/refusal-pacer.js';
import type { UserPace } from './connection/user-pace.js';
import type { LiveDocument } from './document/live-document.js';
import type { Documents } from './documents.js';
import type { Actor, EngineLog } from './ports.js';
import type { Granted, Rights } from './rights.js';
import type { Roster } from './roster.js';
import { pause } from './timing.js';

/** A socket that was just upgraded, and what its URL says. */
export interface SyncRequest {
  readonly documentId: string;
  readonly params: URLSearchParams;
  readonly address: string;
}

export interface AdmissionParts {
  readonly log: EngineLog;
  readonly documents: Documents;
  readonly rights: Rights;
  readonly roster: Roster;
  /** Holds frames beyond a steady rate; null for no such rate. */
  readonly userPace: UserPace | null;
  /** Tells who holds the token. Throws an AppError of the 401 family. */
  readonly authenticate: (token: string) => Promise<Actor>;
  /** The document whose rights also hold for this one; null for none. */
  readonly rulerOf: (documentId: string) => string | null;
}

/** One socket on its way in, and what has changed since it began: no connection is there yet that could be told. */
interface Entrant {
  readonly documentId: string;
  readonly ruler: string | null;
  readonly endedSessions: Set<string>;
  rightsChanged: boolean;
}

/** Resolves when one who was taken in has had its first answer, or has gone; not awaited with the taking in. */
interface Answered {
  readonly done: Promise<void>;
}

/** An honest client asks as soon as it is let in. One far away may take longer: others need not wait for its line. */
const FIRST_ANSWER_MS = 50;

export class Admission {
  readonly #parts: AdmissionParts;
  readonly #pacer = new RefusalPacer();
  /** Those whose token is good and who are refused all the same, until they are gone. */
  readonly #held = new Places({
    each: limits.refusalsHeldPerAddress.value,
    inAll: limits.refusalsHeld.value,
  });
  readonly #entrants = new Set<Entrant>();
  #closing = false;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Sockets on their way in. */
  get size(): number {
    return this.#entrants.size;
  }

  /**
   * Takes a socket in, or closes it with the code that says why. Resolves once the work of that is done: its first answer is out,
   * or it is to be turned away. Never rejects.
   */
  async accept(socket: WebSocket, request: SyncRequest): Promise<void> {
    const { log } = this.#parts;
    socket.on('error', (error) => log.debug({ err: error }, 'a sync socket failed'));
    // Nothing is read before somebody listens: no frame can be lost while the token is checked.
    socket.pause();
    try {
      await this.#admit(socket, request);
    } catch (error) {
      void this.#refuse(socket, request, error);
    }
  }

  /** Closes a socket with the code of an error, later the more often its address was refused. Resolves once it is told. */
  async turnAway(socket: WebSocket, address: string, code: ErrorCode): Promise<void> {
    await pause(this.#pacer.delayFor(address, Date.now()));
    closeSocket(socket, code);
  }

  /** Those on their way into the document, or into one that it rules, are to be asked about again. */
  rightsChanged(documentId: string): void {
    for (const entrant of this.#entrants) {
      if (entrant.documentId === documentId || entrant.ruler === documentId) entrant.rightsChanged = true;
    }
  }

  /** Nobody comes in any more in the name of that session. */
  endSession(sessionId: string): void {
    for (const entrant of this.#entrants) entrant.endedSessions.add(sessionId);
  }

  /** Takes nobody in any more. */
  stop(): void {
    this.#closing = true;
  }

  async #admit(socket: WebSocket, request: SyncRequest): Promise<void> {
    if (this.#closing) throw new AppError('SHUTTING_DOWN');
    const token = request.params.get(syncParams.token);
    if (token === null || token === '') throw new AppError('NOT_SIGNED_IN');
    const { documentId } = request;
    const ruler = this.#parts.rulerOf(documentId);
    const entrant: Entrant = { documentId, ruler, endedSessions: new Set(), rightsChanged: false };
    this.#entrants.add(entrant);
    let answered: Answered;
    try {
      answered = await this.#takeIn(socket, request, entrant, await this.#parts.authenticate(token));
    } finally {
      this.#entrants.delete(entrant);
    }
    // One that never asks is not waited for.
    await Promise.race([answered.done, pause(FIRST_ANSWER_MS)]);
  }

  async #takeIn(
    socket: WebSocket,
    { documentId, params }: SyncRequest,
    entrant: Entrant,
    actor: Actor,
  ): Promise<Answered> {
    const { documents, log, roster, userPace } = this.#parts;
    let granted: Granted;
    let document: LiveDocument;
    do {
      granted = await this.#granted(entrant, actor);
      document = await documents.open(documentId, granted.kind);
    } while (entrant.rightsChanged);
    // Nothing is waited for from here on: a change comes before this, or finds the connection; and the document stays in memory.
    if (entrant.endedSessions.has(actor.sessionId)) throw new AppError('SESSION_ENDED');
    if (document.isFull) throw new AppError('UNAVAILABLE', { logMessage: `document ${document.id} is full` });
    assertGeneration(params.get(syncParams.generation), document.generation);
    if (socket.readyState !== socket.OPEN) return { done: Promise.resolve() };
    if (this.#closing) throw new AppError('SHUTTING_DOWN');
    const connection = new Connection({
      socket,
      actor,
      access: granted.access,
      document,
      pace: userPace,
      acks: params.get(syncParams.acks) === '1',
      onClose: (closed) => roster.remove(documentId, closed),
      onFailure: (error) => log.error({ err: error, document: documentId }, 'a frame could not be handled'),
    });
    roster.add(documentId, connection);
    socket.resume();
    return { done: document.firstAnswer(connection) };
  }

  /** What the actor may do, by an answer that no change has overtaken. */
  async #granted(entrant: Entrant, actor: Actor): Promise<Granted> {
    for (;;) {
      entrant.rightsChanged = false;
      try {
        const granted = await this.#parts.rights.ask(entrant.documentId, actor);
        if (!entrant.rightsChanged) return granted;
      } catch (error) {
        if (!entrant.rightsChanged) throw error;
      }
    }
  }

  async #refuse(socket: WebSocket, request: SyncRequest, error: unknown): Promise<void> {
    const code = codeOf(error);
    if (code === 'INTERNAL')
      this.#parts.log.error({ err: error, document: request.documentId }, 'a socket was not taken in');
    const leave = this.#held.take(request.address);
    if (leave === null) {
      socket.terminate();
      return;
    }
    socket.once('close', leave);
    await this.turnAway(socket, request.address, code);
    socket.resume();
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
