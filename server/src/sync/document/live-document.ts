// Owns one document in memory and the order of events: batch, log, then everything anyone hears.
// Between batches the document in memory is exactly what is stored; only then are its listeners answered.
// Does not own who hears what (listeners.ts), sockets (connection/), rules (guard/, the kind), nor the log's writing (log/).
import { AppError, encodeNotice, encodeUpdate, newId } from '@parley/shared';
import type { Presence } from '../awareness/presence.js';
import type { CompleteKind } from '../complete-kind.js';
import type { EngineMeter } from '../meter.js';
import type { EngineLog, Projected } from '../ports.js';
import { isServerClient } from '../server-clients.js';
import { deferred } from '../timing.js';
import { type Batch, GuardFailed, type Loaded, runBatch, type UpdateWork, type Work } from './batch.js';
import { Listeners } from './listeners.js';
import { bindingsOf, type LoadDeps, loadDocument, NOTHING } from './load.js';
import type { Peer } from './peer.js';
import { Renewal } from './renewal.js';
import { Snapshots, type SnapshotTurns } from './snapshots.js';
import { rejectWork, WorkQueue } from './work-queue.js';

export interface LiveDocumentDeps extends LoadDeps {
  readonly log: EngineLog;
  readonly meter: EngineMeter;
  readonly snapshotEvery: number;
  readonly snapshotTurns: SnapshotTurns;
  readonly idleMs: number;
  /** Client ids that ever wrote in a generation, after which the document begins anew. */
  readonly generationClients: number;
  /** Bytes of a document that it shows nothing of, after which it begins anew if it also shows less than that. */
  readonly generationDeadBytes: number;
  /** A document with clients connected begins anew this long after it was loaded or began, at the earliest, ms. */
  readonly generationMs: number;
  /** Called when nobody has needed the document for `idleMs`, and when it had to be given up. */
  readonly onLeave: (documentId: string, reason: 'idle' | 'failed') => void;
}

export class LiveDocument {
  readonly id: string;
  readonly #kind: CompleteKind;
  readonly #deps: LiveDocumentDeps;
  readonly #listeners: Listeners;
  readonly #queue = new WorkQueue();
  readonly #snapshots: Snapshots;
  readonly #renewal: Renewal;
  #loaded: Loaded;
  #running: Promise<void> | null = null;
  #projection: Promise<void> = Promise.resolve();
  #idleTimer: NodeJS.Timeout | null = null;
  #open = true;

  private constructor(id: string, kind: CompleteKind, deps: LiveDocumentDeps, loaded: Loaded) {
    this.id = id;
    this.#kind = kind;
    this.#deps = deps;
    this.#loaded = loaded;
    this.#snapshots = new Snapshots(id, deps);
    this.#renewal = new Renewal({ documentId: id, kind, deps });
    this.#listeners = new Listeners(() => this.#loaded, deps.meter);
    this.#rest();
  }

  static async load(id: string, kind: CompleteKind, deps: LiveDocumentDeps): Promise<LiveDocument> {
    return new LiveDocument(id, kind, deps, await loadDocument(deps, kind, id));
  }

  get generation(): number {
    return this.#loaded.generation;
  }

  /** What makes it begin anew one day. */
  get weight(): { readonly clientIds: number; readonly deadBytes: number } {
    return { clientIds: this.#loaded.owners.size, deadBytes: this.#renewal.deadBytes(this.#loaded) };
  }

  get isFull(): boolean {
    return this.#listeners.isFull;
  }

  get presence(): Presence {
    return this.#listeners.presence;
  }

  attach(peer: Peer): void {
    this.#stopResting();
    this.#listeners.attach(peer);
  }

  detach(peer: Peer): void {
    this.#listeners.detach(peer);
    this.#rest();
  }

  /** The peer's access is another one now. What it has queued is judged by that. */
  accessChanged(peer: Peer): void {
    this.#listeners.accessChanged(peer);
  }

  /** Whether the user may show presence under the client id. */
  mayUse(client: number, userId: string): boolean {
    const owner = this.#loaded.owners.get(client);
    return (owner === undefined || owner === userId) && !isServerClient(client);
  }

  /** Queues an update. The peer hears of it by `handled`, after `refused` where it was. */
  submit(peer: Peer, nth: number, bytes: Uint8Array): void {
    this.#enqueue({ type: 'update', peer, nth, bytes });
  }

  /** Answers a state vector as soon as the document is exactly what is stored. */
  answer(peer: Peer, stateVector: Uint8Array): void {
    this.#listeners.join(peer, stateVector);
    this.#start();
  }

  /** The peer has answered the state vector it was sent. */
  answered(peer: Peer): void {
    this.#listeners.answered(peer);
  }

  /** A slow reader has taken what waited for it: it hears what it missed as soon as the document is exactly what is stored. */
  drained(peer: Peer): void {
    this.#listeners.drained(peer);
    this.#start();
  }

  /** Resolves once the peer has had its first answer, or has gone. */
  firstAnswer(peer: Peer): Promise<void> {
    return this.#listeners.firstAnswer(peer);
  }

  /** Carries out a kind's command; resolves once it is in history, with whether it changed anything. Rejects with what the kind threw, or UNAVAILABLE. */
  async perform(command: unknown): Promise<boolean> {
    const done = deferred<boolean>();
    this.#enqueue({ type: 'command', command, done });
    const isEffective = await done.promise;
    await this.settled();
    return isEffective;
  }

  /** Resolves when history holds all that has been relayed until now; rejects only when the engine closes first. */
  async settled(): Promise<void> {
    this.#deps.projector.hurry();
    await this.#projection;
    await this.#flush();
  }

  /** Leaves no entry in the log that history and a snapshot hold. Rejects with UNAVAILABLE where the store did not take that. */
  async compact(): Promise<void> {
    await this.settled();
    if (!this.#open) throw new AppError('UNAVAILABLE');
    const done = this.#snapshots.ask();
    this.#start();
    await done;
  }

  /** Whether everything is, with what projection has put off. */
  async #isInHistory(): Promise<boolean> {
    this.#deps.projector.hurry();
    try {
      await this.#projection;
    } catch {
      return false; // The engine closes; what is in the log is taken up at the next start.
    }
    return await this.#flush();
  }

  /** Whether what projection has put off is written; it is tried again all the same. */
  async #flush(): Promise<boolean> {
    const { projector, log } = this.#deps;
    try {
      await projector.flush(this.id);
      return true;
    } catch (error) {
      log.warn({ err: error, document: this.id }, 'what was put off could not be written yet');
      return false;
    }
  }

  /** Called by projection: history has come this far. */
  projected(position: number, projected: Projected | undefined): void {
    this.#loaded.projectedPosition = Math.max(this.#loaded.projectedPosition, position);
    if (projected !== undefined) {
      this.#loaded.view.learn(projected);
      if (projected.sequenced.length > 0) {
        const ids = projected.sequenced.map(({ id }) => id);
        const seqs = projected.sequenced.map(({ seq }) => seq);
        this.#listeners.tellAcking(encodeNotice({ type: 'sequenced', ids, seqs }));
      }
      const { changed } = projected;
      if (changed.length > 0)
        this.#listeners.tellAcking(encodeNotice({ type: 'changed', ids: [...new Set(changed)] }));
    }
    if (this.#hasUpkeep()) this.#start();
  }

  /** Lets the work in hand finish, keeps a snapshot, and forgets the document. Peers must be gone or are sent away. */
  async unload(): Promise<void> {
    await this.#finishWork();
    await this.#snapshots.finish(this.#loaded);
    this.#loaded.doc.destroy();
  }

  /** The same for a document that nobody has needed for a while: where a new generation is due, nobody is in the way of it. */
  async retire(): Promise<void> {
    await this.#finishWork();
    // First the snapshot: it tells how heavy the document has become.
    await this.#snapshots.finish(this.#loaded);
    const isDue = this.#renewal.isDue(this.#loaded);
    if (isDue && (await this.#renewal.isHistoryComplete(this.#loaded, this.#isInHistory())))
      await this.#renewal.end(this.#loaded).catch((error: unknown) => this.#renewFailed(error));
    this.#loaded.doc.destroy();
  }

  /** Forgets a document that is to be removed, and sends everybody away from it. What waits is dropped. */
  async discard(): Promise<void> {
    this.#queue.rejectAll('NOT_FOUND');
    await this.#finishWork('NOT_FOUND');
    await this.#snapshots.settled();
    this.#snapshots.giveUp();
    this.#loaded.doc.destroy();
  }

  async #finishWork(reason: 'SHUTTING_DOWN' | 'NOT_FOUND' = 'SHUTTING_DOWN'): Promise<void> {
    this.#open = false;
    this.#stopResting();
    this.#listeners.dismiss(reason);
    await this.#running;
    await this.settled().catch(() => undefined);
  }

  /** Nothing is lost: whoever loads the document finds the log, and ends the generation where that was begun. */
  #renewFailed(error: unknown): void {
    this.#deps.log.warn({ err: error, document: this.id }, 'a generation could not be ended');
  }

  #enqueue(work: Work): void {
    if (!this.#open) {
      rejectWork(work);
      return;
    }
    this.#queue.add(work);
    this.#start();
  }

  #start(): void {
    this.#stopResting();
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop goes into the same batch.
    await new Promise(setImmediate);
    try {
      while (this.#hasWork()) {
        this.#listeners.answerAll();
        if (!this.#queue.isEmpty || this.#isUntidy()) await this.#batch(this.#queue.take());
        else if (this.#listeners.hasJoiners) await new Promise(setImmediate);
        if (this.#snapshots.isAsked) await this.#snapshots.finish(this.#loaded);
        if (this.#mayRenew()) await this.#renew();
        await this.#deps.projector.room(this.id);
      }
    } catch (error) {
      this.#giveUp(error);
    }
    this.#running = null;
    this.#rest();
  }

  #hasWork(): boolean {
    const isAsked = this.#snapshots.isAsked || this.#listeners.areWaiting;
    return isAsked || !this.#queue.isEmpty || this.#hasUpkeep();
  }

  async #batch(all: readonly Work[]): Promise<void> {
    const batch = this.#runBatch(all);
    const works = all.slice(0, batch.taken);
    this.#queue.giveBack(all.slice(batch.taken));
    const outcome = isEmpty(batch) ? 'stored' : await this.#append(batch);
    if (outcome === 'stored') {
      this.#tell(works, batch);
      return;
    }
    // Nothing was told of any of it: all of it is judged anew, or goes with the document.
    this.#queue.giveBack(works);
    if (outcome === 'failed') {
      throw new AppError('UNAVAILABLE', { logMessage: 'the log did not take an entry' });
    }
    await this.#reload();
  }

  #runBatch(works: readonly Work[]): Batch {
    try {
      return runBatch(this.#kind, this.#loaded, this.presence, works);
    } catch (error) {
      if (error instanceof GuardFailed && error.work.type === 'update')
        error.work.peer.close('UPDATE_REFUSED');
      this.#queue.giveBack(works);
      throw error;
    }
  }

  /** Writes the batch to the log; once it is there, relays it and hands it to projection. */
  async #append(batch: Batch): Promise<'stored' | 'fenced' | 'failed'> {
    const bytes = batch.bytes ?? NOTHING;
    const { generation } = this.#loaded;
    const position = this.#loaded.position + 1;
    const at = new Date();
    const outcome = await this.#deps.writer.append({
      document: this.id,
      generation,
      position,
      batch: newId(),
      at,
      bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      bindings: bindingsOf(batch.newOwners),
      changes: [...batch.changes],
    });
    if (outcome !== 'stored') return outcome;
    this.#loaded.position = position;
    if (batch.bytes !== null) this.#listeners.tell(encodeUpdate(batch.bytes));
    this.#projection = this.#deps.projector.project(this.#kind, {
      documentId: this.id,
      position,
      at,
      changes: batch.changes,
    });
    if (position - this.#loaded.snapshotPosition >= this.#deps.snapshotEvery)
      this.#snapshots.keep(this.#loaded);
    return outcome;
  }

  /** Answers every piece of work in the batch: refused, failed, stored, or nothing new. */
  #tell(works: readonly Work[], batch: Batch): void {
    for (const { work, refused, messages } of batch.refusals) {
      work.peer.refused(work.nth, refused, messages);
      this.#deps.meter.updateRefused(refused.rule);
      // Something before it is missing, as when a client types before it has answered: its answer will hold both.
      if (refused.rule === 'G4') this.#listeners.ask(work.peer);
    }
    for (const { work, error } of batch.failures) work.done.reject(error);
    const upTo = new Map<Peer, { nth: number; bytes: number }>();
    for (const work of works) {
      if (work.type === 'command') work.done.resolve(batch.effective.has(work));
      else addHandled(upTo, work);
    }
    for (const [peer, { nth, bytes }] of upTo) peer.handled(nth, bytes);
    const updates = works.filter(({ type }) => type === 'update').length;
    this.#deps.meter.updatesStored(updates - batch.refusals.length);
  }

  #hasUpkeep(): boolean {
    return this.#open && (this.#isUntidy() || this.#mayRenew());
  }

  /** Where nobody is connected, clients may be back at once: that is for `retire`. */
  #mayRenew(): boolean {
    if (!this.#renewal.isDue(this.#loaded) || !this.#renewal.isOldEnough()) return false;
    return this.#renewal.mayDisturb(this.#loaded, this.#listeners.allStartOver);
  }

  #isUntidy(): boolean {
    return this.#loaded.view.isUntidy(this.#loaded.projectedPosition);
  }

  /** Somebody else wrote to the document: start over from what is stored, and let every peer do the same. */
  async #reload(): Promise<void> {
    this.#deps.log.warn({ document: this.id }, 'another writer was faster; reading the document again');
    if (!(await this.#readAgain())) this.#listeners.tellWhole();
  }

  /** Takes what is stored for what is in memory. True when that is another generation: then everybody starts anew. */
  async #readAgain(): Promise<boolean> {
    const { doc, generation } = this.#loaded;
    doc.destroy();
    this.#loaded = await loadDocument(this.#deps, this.#kind, this.id);
    if (this.#loaded.generation === generation) return false;
    // Their updates are of a copy that is no more; what was not acknowledged comes again from the next.
    this.#queue.dropUpdates();
    this.#listeners.dismiss('OLDER_GENERATION');
    return true;
  }

  /** Goes on in the next generation once history has come as far as the log; where that takes long, some other time. */
  async #renew(): Promise<void> {
    if (!(await this.#renewal.isHistoryComplete(this.#loaded, this.#isInHistory()))) return;
    await this.#renewal.end(this.#loaded);
    await this.#readAgain();
    this.#renewal.began();
  }

  /** The document in memory can not be trusted or not be stored: everybody is sent away and keeps what is theirs. */
  #giveUp(error: unknown): void {
    this.#open = false;
    this.#deps.log.error({ err: error, document: this.id }, 'a document had to be given up');
    this.#queue.rejectAll();
    this.#snapshots.giveUp();
    this.#listeners.dismiss('UNAVAILABLE');
    this.#deps.onLeave(this.id, 'failed');
  }

  #rest(): void {
    if (this.#listeners.size > 0 || this.#running !== null || !this.#open || this.#idleTimer !== null) return;
    this.#idleTimer = setTimeout(() => this.#deps.onLeave(this.id, 'idle'), this.#deps.idleMs);
    this.#idleTimer.unref();
  }

  #stopResting(): void {
    if (this.#idleTimer === null) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }
}

/** Some changes are of history alone: they go into the log all the same. */
const isEmpty = ({ bytes, changes }: Batch): boolean => bytes === null && changes.length === 0;

const addHandled = (upTo: Map<Peer, { nth: number; bytes: number }>, work: UpdateWork): void => {
  const before = upTo.get(work.peer);
  upTo.set(work.peer, { nth: work.nth, bytes: (before?.bytes ?? 0) + work.bytes.length });
};
