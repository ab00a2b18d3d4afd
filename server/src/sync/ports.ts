// The words that the engine's rooms share, and the port through which a kind of document
// teaches the engine its rules. Uses nothing of the engine.
import type { DocumentAccess, ErrorCode } from '@parley/shared';
import type * as Y from 'yjs';
import type { DecodedUpdate } from './guard/decode-update.js';
import type { JudgedUpdate } from './guard/judged-update.js';
import type { ServerClients } from './server-clients.js';

/** The verified caller of everything that reaches a document. */
export interface Actor {
  readonly userId: string;
  readonly sessionId: string;
  /** What others see in presence. */
  readonly name: string;
}

/** Told of every connection that is taken in and that ends, by whose it is. */
export interface Crowd {
  came(userId: string): void;
  left(userId: string): void;
}

/** What an actor may do in a document. `admin` may also remove what others wrote. */
export type Access = DocumentAccess;

/** The part of a logger that the engine needs; pino's fits. */
export interface EngineLog {
  debug(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Facts about who sends an update, gathered before the guard runs; the guard itself asks nobody. */
export interface ActorFacts {
  readonly actor: Actor;
  readonly access: Access;
  /** When it is judged, ms since 1970. */
  readonly atMs: number;
  /** The user that a client id is bound to in this generation, or undefined while it is nobody's. */
  ownerOf(client: number): string | undefined;
  /** How many client ids are bound to the actor in this generation. */
  clientsOfActor(): number;
  /** The user who shows presence under the client id just now, before anything was written under it. */
  shownBy(client: number): string | undefined;
}

/** Why an update was refused: a rule of docs/sync-spec.md and a sentence for the developer who sent it. */
export interface Refused {
  readonly ok: false;
  readonly code: Extract<
    ErrorCode,
    'MALFORMED_UPDATE' | 'UPDATE_REFUSED' | 'FORBIDDEN' | 'TOO_LARGE' | 'TOO_MANY_REQUESTS'
  >;
  readonly rule: string;
  readonly reason: string;
}

/** The one way to say no. */
export const refuse = (rule: string, reason: string, code: Refused['code'] = 'UPDATE_REFUSED'): Refused => ({
  ok: false,
  code,
  rule,
  reason,
});

/** An update that breaks no rule. */
export interface Accepted<Change> {
  readonly ok: true;
  /**
   * To be called once, right after the update is applied and in the same transaction: brings home what came late
   * and tells what the update meant, in the order it happened. Changes are plain data; the log keeps them.
   */
  readonly settle: () => readonly Change[];
}

export type Verdict<Change> = Accepted<Change> | Refused;

/** A stored batch of changes, as projection gets it. */
export interface StoredChanges<Change> {
  readonly documentId: string;
  readonly position: number;
  readonly at: Date;
  readonly changes: readonly Change[];
}

/** What projecting told about one document. `sequenced`: messages that now have their number, seqs ascending. */
export interface Projected {
  readonly documentId: string;
  readonly sequenced: readonly { readonly id: string; readonly seq: number }[];
  /** Ids that were in history before and stand in the document a second time. */
  readonly repeated: readonly string[];
  /** Ids of messages that are another thing in history now. */
  readonly changed: readonly string[];
}

/**
 * A live document through the eyes of its kind: rules, and the server's own changes. Only `inspect` must be there.
 * Every method but `inspect` runs inside the batch's one transaction and may change the document.
 */
export interface DocumentView<Change = unknown, Command = unknown> {
  /** Judges one update against the document as it is now. Changes nothing in it, waits for nothing. */
  inspect(update: JudgedUpdate, facts: ActorFacts): Verdict<Change>;
  /** Carries out a change on behalf of the server or of a caller of a procedure; returns what it means. What it throws changes nothing. */
  perform?(command: Command): readonly Change[];
  /** The server's upkeep: opens segments, drops what left the window. `projectedPosition`: history holds all up to it. */
  tidy?(position: number, projectedPosition: number): void;
  /** Whether `tidy` would change anything now. */
  isUntidy?(projectedPosition: number): boolean;
  /** Learns what projection found out; where `tidy` has work because of it, `isUntidy` says so from then on. */
  learn?(projected: Projected): void;
  /** Ids and numbers of what the document holds now, for a client that joins. */
  sequenced?(): { readonly ids: string[]; readonly seqs: number[] };
}

/** Which document, and the client ids that the server writes with in its generation. */
export interface DocumentPlace {
  readonly documentId: string;
  readonly clients: ServerClients;
}

/**
 * One kind of document. The engine knows bytes, order and durability; the kind knows what they mean.
 * `Change` is stored in the log as plain BSON-able data and comes back to `project`. docs/document-kinds.md shows how to write one.
 */
export interface DocumentKind<Change = unknown, Command = unknown> {
  /** Stored with every document; a kind that is renamed no longer knows its documents. */
  readonly name: string;
  /** What the actor's user may do, whichever its session: an error code when it may do nothing, or null when no document of this kind has the id. */
  authorize(documentId: string, actor: Actor): Promise<Access | ErrorCode | null>;
  /**
   * The conversation whose members have their rights here too: a change of membership there reaches whoever is connected here.
   * From the id alone, since it is asked while a change is under way; null for ids of other kinds. Absent: none.
   */
  ruledBy?(documentId: string): string | null;
  /**
   * Whether a document of that id may be made where there is none: not of what was removed, whoever still works on it. Asked only
   * then. Absent: it may.
   */
  mayBegin?(documentId: string): Promise<boolean>;
  /** Writes the first content of a new document. Runs once, before anybody sees the document. Absent: it begins empty. */
  create?(doc: Y.Doc, place: DocumentPlace): void;
  /**
   * Writes what a document shows into an empty one, as the server: the first content of its next generation. What was deleted,
   * and who wrote what under which client id, stays behind. Absent: everything that shows is copied as it is.
   */
  renew?(from: Y.Doc, to: Y.Doc, place: DocumentPlace): void;
  /**
   * Whether a next generation may begin while clients are connected: only right where what they sent and was not stored is
   * sent again by itself, as messages are. Absent: only when the document leaves memory.
   */
  readonly renewsWhileOpen?: boolean;
  /** A view of a document that was just loaded and stands at this log position. Its newest numbers are read here. */
  open(
    doc: Y.Doc,
    place: DocumentPlace,
    position: number,
  ): DocumentView<Change, Command> | Promise<DocumentView<Change, Command>>;
  /** Names that clients know of things in an update, so that a refusal can say what it was about. Absent: none. */
  idsIn?(update: DecodedUpdate): string[];
  /**
   * Writes readable rows, many documents at once, each document's batches in order. Absent: there is no history.
   * Idempotent: after a crash the same batches come again. Throws when the store fails; nothing is lost then.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a kind that has nothing to tell returns nothing
  project?(batches: readonly StoredChanges<Change>[]): Promise<readonly Projected[] | void>;
  /**
   * Writes what `project` has put off to write it for many batches at once: that of one document when somebody waits for its
   * history or before entries of its log go (`isLast`: nothing tells of it after that), of all every few seconds. Absent: `project`
   * puts nothing off. Throws when the store fails.
   */
  flush?(documentId?: string, isLast?: boolean): Promise<void>;
}
