// A conversation's document without a server: the guard, the kind and Yjs, batch by batch.

import { createConversationKind } from '@parley/server/internal/features/messages/document/conversation-kind';
import { ConversationView } from '@parley/server/internal/features/messages/document/conversation-view';
import { Presence } from '@parley/server/internal/sync/awareness/presence';
import { type CompleteKind, completeKind, completeView } from '@parley/server/internal/sync/complete-kind';
import {
  type Batch,
  inTransaction,
  type Loaded,
  runBatch,
} from '@parley/server/internal/sync/document/batch';
import type { Peer } from '@parley/server/internal/sync/document/peer';
import type { Access, DocumentKind, DocumentView } from '@parley/server/internal/sync/ports';
import { serverClients } from '@parley/server/internal/sync/server-clients';
import { appendMessage, type MessageDraft, type MessageValue } from '@parley/shared';
import * as Y from 'yjs';
import { noFiles } from './no-files.js';
import { noSearch } from './no-search.js';
import { silentLog } from './silent-log.js';

/** Another kind of document than a conversation, and the view of one. */
export interface BenchKind {
  readonly kind: DocumentKind;
  readonly open: (doc: Y.Doc) => DocumentView;
}

export interface BenchOptions {
  readonly windowMessages?: number;
  readonly segmentMessages?: number;
}

/** What one update came to. */
export interface Outcome {
  /** The rule that refused it, or null. */
  readonly rule: string | null;
  /** The code of the refusal. */
  readonly code?: string;
  readonly changes: readonly unknown[];
  /** What was relayed, or null. */
  readonly bytes: Uint8Array | null;
}

const CONVERSATION = 'conversation-1';
const PLACE = { documentId: CONVERSATION, clients: serverClients(1) };

const unused = (): never => {
  throw new Error('the bench has no store');
};

const peerOf = (userId: string, access: Access = 'write'): Peer => ({
  actor: { userId, sessionId: `session of ${userId}`, name: userId },
  access,
  acks: false,
  relay: () => true,
  send: () => undefined,
  caughtUp: () => undefined,
  handled: () => undefined,
  refused: () => undefined,
  close: () => undefined,
});

/** One server document and as many client copies of it as a test wants. */
export class GuardBench {
  readonly doc = new Y.Doc();
  readonly presence = new Presence(() => 0);
  readonly #kind: CompleteKind;
  readonly #loaded: Loaded;
  #marked: Uint8Array = new Uint8Array();

  constructor({ windowMessages = 500, segmentMessages = 100 }: BenchOptions = {}, other?: BenchKind) {
    const options = { windowMessages, segmentMessages };
    // The bench projects nothing: the kind's models are never reached.
    this.#kind = completeKind(
      other?.kind ??
        createConversationKind({
          ...options,
          models: { messages: unused as never, conversations: unused as never, memberships: unused as never },
          standings: unused,
          files: noFiles,
          searchIndex: noSearch,
          publish: unused,
          log: silentLog,
          access: unused,
        }),
    );
    this.doc.clientID = 0;
    inTransaction(this.doc, () => this.#kind.create(this.doc, PLACE));
    const view = other
      ? completeView(this.#kind.name, other.open(this.doc))
      : new ConversationView(this.doc, PLACE, { options, position: 1, startSeq: 1 });
    this.#loaded = {
      doc: this.doc,
      view,
      owners: new Map(),
      generation: 1,
      position: 1,
      snapshotPosition: 0,
      projectedPosition: 1,
      stateBytes: 0,
    };
    this.mark();
  }

  /** Remembers the document as it is now. */
  mark(): void {
    this.#marked = Y.encodeStateAsUpdate(this.doc);
  }

  isAsMarked(): boolean {
    return Buffer.from(Y.encodeStateAsUpdate(this.doc)).equals(this.#marked);
  }

  get view(): Loaded['view'] {
    return this.#loaded.view;
  }

  /** Binds so many client ids to the user, as if each had written something. */
  bind(userId: string, count: number): void {
    const { owners } = this.#loaded;
    for (let bound = 0; bound < count; bound += 1) owners.set(1_000_000 + owners.size, userId);
  }

  /** Says that history holds everything so far, so that segments may leave. */
  projectAll(): void {
    this.#loaded.projectedPosition = this.#loaded.position;
  }

  /** A client's copy, synced; it writes under the client id, if one is given. */
  copy(clientId?: number): Y.Doc {
    const doc = new Y.Doc();
    this.pull(doc);
    // Only now: Yjs takes another id when it sees its own come in from outside.
    if (clientId !== undefined) doc.clientID = clientId;
    return doc;
  }

  /** Brings a copy up to date. */
  pull(copy: Y.Doc): void {
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.doc, Y.encodeStateVector(copy)), 'server');
  }

  /** Everything the copy has that the server lacks, as a client answers a state vector. */
  missing(copy: Y.Doc): Uint8Array {
    return Y.encodeStateAsUpdate(copy, Y.encodeStateVector(this.doc));
  }

  /** Runs one batch of one update, or more of the same sender. */
  send(userId: string, bytes: Uint8Array, access: Access = 'write', ...more: Uint8Array[]): Outcome {
    const peer = peerOf(userId, access);
    const works = [bytes, ...more].map(
      (each, at) => ({ type: 'update', peer, nth: at + 1, bytes: each }) as const,
    );
    return this.#finish(runBatch(this.#kind, this.#loaded, this.presence, works));
  }

  /** Sends what the change does to the copy. */
  change(userId: string, copy: Y.Doc, change: (copy: Y.Doc) => unknown): Outcome {
    const bytes = updateOf(copy, () => change(copy));
    return this.send(userId, bytes);
  }

  /** Runs one batch without work: the server's own upkeep. */
  tidy(): Outcome {
    return this.#finish(runBatch(this.#kind, this.#loaded, this.presence, []));
  }

  /** Has a new client of this user say something; throws when it is refused. */
  say(userId: string, text: string, draft: Partial<MessageDraft> = {}): MessageValue {
    const copy = this.copy();
    const value = appendMessage(copy, { author: userId, text, ...draft });
    const { rule } = this.send(userId, this.missing(copy));
    if (rule !== null) throw new Error(`refused by ${rule}`);
    return value;
  }

  #finish(batch: Batch): Outcome {
    if (batch.bytes !== null) this.#loaded.position += 1;
    const refused = batch.refusals[0]?.refused;
    return {
      rule: refused?.rule ?? null,
      ...(refused && { code: refused.code }),
      changes: batch.changes,
      bytes: batch.bytes,
    };
  }
}

/** What a change to the copy sends out. */
export const updateOf = (copy: Y.Doc, change: () => void): Uint8Array => {
  const before = Y.encodeStateVector(copy);
  const updates: Uint8Array[] = [];
  const note = (update: Uint8Array): number => updates.push(update);
  copy.on('update', note);
  copy.transact(change);
  copy.off('update', note);
  return updates[0] ?? Y.encodeStateAsUpdate(copy, before);
};

/** The shared types of a copy's segment; the newest when no index is given. */
export const segmentOf = (
  copy: Y.Doc,
  at?: number,
): { messages: Y.Array<unknown>; edits: Y.Map<unknown>; reactions: Y.Map<unknown> } => {
  const segments = copy.getArray<Y.Map<unknown>>('segments');
  const segment = segments.get(at ?? segments.length - 1);
  return {
    messages: segment.get('messages') as Y.Array<unknown>,
    edits: segment.get('edits') as Y.Map<unknown>,
    reactions: segment.get('reactions') as Y.Map<unknown>,
  };
};
