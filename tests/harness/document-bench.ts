// A live document without sockets and without a store: its log is in memory, its peers keep what they hear.
import { createConversationKind } from '@parley/server/internal/features/messages/document/conversation-kind';
import { type CompleteKind, completeKind } from '@parley/server/internal/sync/complete-kind';
import { LiveDocument, type LiveDocumentDeps } from '@parley/server/internal/sync/document/live-document';
import type { Peer } from '@parley/server/internal/sync/document/peer';
import { SnapshotTurns } from '@parley/server/internal/sync/document/snapshots';
import { appendMessage, decodeFrame, type ErrorCode, readMessages, type SyncFrame } from '@parley/shared';
import * as Y from 'yjs';
import { updateOf } from './guard-bench.js';
import { MemoryLog } from './memory-log.js';
import { noFiles } from './no-files.js';
import { noSearch } from './no-search.js';
import { silentLog } from './silent-log.js';
import { unmetered } from './unmetered.js';

const unused = (): never => {
  throw new Error('not reached here');
};

/** The conversation kind with nothing behind it but an empty history. */
const kindOf = (): CompleteKind => {
  const nobody = {
    find: () => ({ lean: () => Promise.resolve([]) }),
    findById: () => ({ lean: () => Promise.resolve(null) }),
    exists: () => Promise.resolve({}),
  };
  return completeKind(
    createConversationKind({
      models: { messages: nobody as never, conversations: nobody as never, memberships: nobody as never },
      standings: unused,
      files: noFiles,
      searchIndex: noSearch,
      publish: unused,
      log: silentLog,
      access: unused,
      windowMessages: 500,
      segmentMessages: 100,
    }),
  );
};

/** Opens the one document of the log. It begins anew and leaves memory only when a test wants it to. */
export const openDocument = (
  log: MemoryLog,
  deps: Pick<Partial<LiveDocumentDeps>, 'snapshotEvery' | 'onLeave'> = {},
): Promise<LiveDocument> =>
  LiveDocument.load('c1', kindOf(), {
    store: log.store,
    writer: log.writer,
    projector: log.projector,
    log: silentLog,
    meter: unmetered,
    snapshotEvery: 1_000,
    snapshotTurns: new SnapshotTurns(),
    generationClients: 1_000,
    generationDeadBytes: 256 * 1024,
    generationMs: 0,
    idleMs: 60_000,
    onLeave: () => undefined,
    ...deps,
  });

/** A peer that keeps what it hears, and a copy of the document that follows it. */
export class TestPeer implements Peer {
  readonly doc = new Y.Doc();
  readonly frames: SyncFrame[] = [];
  readonly handledUpTo: number[] = [];
  readonly refusedRules: string[] = [];
  readonly actor;
  readonly access = 'write' as const;
  readonly acks = true;
  closedWith: ErrorCode | null = null;
  /** Whether more of the document can be sent to it. */
  takesMore = true;
  caughtUpAt: number | null = null;

  constructor(userId: string) {
    this.actor = { userId, sessionId: `session of ${userId}`, name: userId };
  }

  send(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    this.frames.push(frame);
    if (frame.type === 'reply' || frame.type === 'update') Y.applyUpdate(this.doc, frame.bytes);
  }

  relay(bytes: Uint8Array): boolean {
    this.send(bytes);
    return this.takesMore;
  }

  caughtUp(): void {
    this.caughtUpAt = this.frames.length;
  }

  handled(nth: number): void {
    this.handledUpTo.push(nth);
  }

  refused(_nth: number, { rule }: { rule: string }): void {
    this.refusedRules.push(rule);
  }

  close(code: ErrorCode): void {
    this.closedWith = code;
  }

  get texts(): string[] {
    return readMessages(this.doc).map(({ text }) => text);
  }

  /** The first answer it got. */
  get firstAnswer(): Uint8Array | undefined {
    const reply = this.frames.find((frame) => frame.type === 'reply');
    return reply?.type === 'reply' ? reply.bytes : undefined;
  }

  count(type: SyncFrame['type']): number {
    return this.frames.filter((frame) => frame.type === type).length;
  }

  /** The update that says this, written to its copy. */
  write(text: string): Uint8Array {
    return updateOf(this.doc, () => appendMessage(this.doc, { author: this.actor.userId, text }));
  }
}

/** Lets what is under way in memory come to its end. */
export const turns = async (count = 5): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
};

/** One live document and the people in it. */
export class DocumentBench implements AsyncDisposable {
  readonly log = new MemoryLog();
  /** Why the document asked to leave memory. */
  readonly left: string[] = [];
  #document: LiveDocument | null = null;
  readonly #others: LiveDocument[] = [];

  static async open(): Promise<DocumentBench> {
    const bench = new DocumentBench();
    await bench.reopen();
    return bench;
  }

  get document(): LiveDocument {
    if (this.#document === null) throw new Error('not open');
    return this.#document;
  }

  /** Opens the document from what the log has; the one that was open must have been unloaded. */
  async reopen(): Promise<void> {
    this.#document = await openDocument(this.log, { onLeave: (_id, reason) => this.left.push(reason) });
  }

  async join(userId: string): Promise<TestPeer> {
    const peer = new TestPeer(userId);
    this.document.attach(peer);
    this.document.answered(peer);
    this.document.answer(peer, Y.encodeStateVector(peer.doc));
    await turns();
    return peer;
  }

  say(peer: TestPeer, nth: number, text: string): void {
    this.document.submit(peer, nth, peer.write(text));
  }

  /** Another writer of the same log takes the next position: Bob says something in a document of his own. */
  async sayElsewhere(text: string): Promise<void> {
    const other = await openDocument(this.log);
    this.#others.push(other);
    const bob = new TestPeer('bob');
    other.attach(bob);
    other.answer(bob, Y.encodeStateVector(bob.doc));
    await turns();
    other.submit(bob, 1, bob.write(text));
    await turns();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.log.holding = false;
    this.log.release();
    for (const other of this.#others) await other.unload();
    await this.document.unload();
  }
}
