// Owns getting stored batches into history: in log order, many documents at once, again and again until it holds.
// Does not own what a change means (the kind's `project`) nor any live document.
import type { CompleteKind } from '../complete-kind.js';
import type { EngineLog, Projected, StoredChanges } from '../ports.js';
import { type Deferred, deferred, pause } from '../timing.js';
import { Progress } from './progress.js';

export interface ProjectorOptions {
  readonly log: EngineLog;
  /** Writes what the kinds have put off, of one document or of all. */
  readonly flush: (documentId?: string, isLast?: boolean) => Promise<void>;
  /** Records how far each document's history has come. */
  readonly record: (reached: ReadonlyMap<string, number>) => Promise<void>;
  /** Told after each step that held. */
  readonly onProjected: (documentId: string, position: number, projected: Projected | undefined) => void;
}

interface Waiting {
  readonly kind: CompleteKind;
  readonly stored: StoredChanges<unknown>;
  readonly done: Deferred<void>;
}

/** Batches in one step, and about how many changes. One step is a handful of store calls, and others need the store too. */
const MAX_BATCHES = 500;
const MAX_CHANGES = 1_000;
/** Beyond so many waiting changes of its own a document waits before it takes in more: what is not in history stays in its window. */
const MAX_OF_ONE = 5_000;
/** The same for all documents together, but for those whose history did not hold the last time: they keep only themselves waiting. */
const MAX_OF_ALL = 20_000;
/** A step costs the same for one batch as for many: so long others may join it, unless somebody waits for it. */
const GATHER_MS = 100;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** So often conversations and the like hear of what was put off; whoever waits for one has that written at once. */
const RECORD_EVERY_MS = 10_000;

export class Projector {
  readonly #options: ProjectorOptions;
  readonly #progress: Progress;
  #waiting: Waiting[] = [];
  /** What waits of each document, in changes. */
  readonly #weights = new Map<string, number>();
  /** Documents whose batch did not hold although it was tried alone. */
  readonly #stuck = new Set<string>();
  /** What waits of the others together. */
  #weight = 0;
  #running: Promise<void> | null = null;
  #room: Deferred<void> | null = null;
  #hurry = deferred<void>();
  #closed = false;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    const { log, flush } = options;
    const record = async (reached: ReadonlyMap<string, number>): Promise<void> => {
      await flush();
      await options.record(reached);
    };
    this.#progress = new Progress({ log, record, everyMs: RECORD_EVERY_MS });
  }

  /** Resolves when the batch is in history. Rejects only when the projector closes first. */
  project(kind: CompleteKind, stored: StoredChanges<unknown>): Promise<void> {
    const done = deferred<void>();
    // Most callers need no answer; whoever awaits sees the rejection all the same.
    done.promise.catch(() => undefined);
    this.#waiting.push({ kind, stored, done });
    this.#weigh(stored.documentId, weightOf(stored));
    this.#running ??= this.#run();
    return done.promise;
  }

  /** Somebody waits for what was handed in until now: it is not held back for others to join. */
  hurry(): void {
    this.#hurry.resolve();
  }

  /** Resolves when what the kinds have put off of the document is written too. Rejects when the store fails; it is tried again later. */
  flush(documentId: string, isLast = false): Promise<void> {
    return this.#options.flush(documentId, isLast);
  }

  /** Batches that are stored and not in history yet, and for how long the oldest of them has waited, ms. */
  lag(nowMs: number): { readonly batches: number; readonly oldestMs: number } {
    let oldest = nowMs;
    for (const { stored } of this.#waiting) oldest = Math.min(oldest, stored.at.getTime());
    return { batches: this.#waiting.length, oldestMs: nowMs - oldest };
  }

  /** Resolves when there is room for more of the document: it slows down instead of running ahead without end. */
  async room(documentId: string): Promise<void> {
    while (this.#isFull(documentId) && !this.#closed) {
      this.#room ??= deferred<void>();
      await this.#room.promise;
    }
  }

  /** Finishes what waits if the store answers now; what stays is in the log and is taken up at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#room?.resolve();
    this.hurry();
    await this.#running;
    await this.#progress.close();
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    let size = MAX_BATCHES;
    while (this.#waiting.length > 0) {
      await this.#gather();
      const step = this.#waiting.slice(0, Math.min(size, this.#stepLength()));
      try {
        await this.#step(step);
        this.#waiting.splice(0, step.length);
        for (const { stored } of step) this.#held(stored);
        for (const each of step) each.done.resolve();
        retryMs = FIRST_RETRY_MS;
        size = Math.min(size * 2, MAX_BATCHES);
      } catch (error) {
        this.#options.log.error(
          { err: error, batches: step.length },
          'history could not be written; trying again',
        );
        if (this.#closed) break;
        // One by one from here, so that a document whose batch never holds keeps only itself waiting.
        if (size === 1) this.#postpone(step);
        this.#wake();
        size = 1;
        await pause(retryMs);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
      this.#wake();
    }
    for (const each of this.#waiting.splice(0)) each.done.reject(new Error('the projector was closed'));
    this.#weights.clear();
    this.#stuck.clear();
    this.#weight = 0;
    this.#running = null;
  }

  #isFull(documentId: string): boolean {
    if ((this.#weights.get(documentId) ?? 0) > MAX_OF_ONE) return true;
    return this.#weight > MAX_OF_ALL && !this.#stuck.has(documentId);
  }

  /** Whoever waits for room looks again. */
  #wake(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  #weigh(documentId: string, weight: number): void {
    const all = (this.#weights.get(documentId) ?? 0) + weight;
    if (all === 0) this.#weights.delete(documentId);
    else this.#weights.set(documentId, all);
    if (!this.#stuck.has(documentId)) this.#weight += weight;
  }

  /** The batch is in history: its document counts with the others again. */
  #held(stored: StoredChanges<unknown>): void {
    const { documentId } = stored;
    if (this.#stuck.delete(documentId)) this.#weight += this.#weights.get(documentId) ?? 0;
    this.#weigh(documentId, -weightOf(stored));
  }

  /** How many of the waiting batches make a step; at least one. */
  #stepLength(): number {
    let changes = 0;
    let length = 0;
    for (const { stored } of this.#waiting) {
      changes += weightOf(stored);
      if (length > 0 && (length === MAX_BATCHES || changes > MAX_CHANGES)) break;
      length += 1;
    }
    return length;
  }

  async #gather(): Promise<void> {
    const isFull = this.#waiting.length >= MAX_BATCHES || this.#weight >= MAX_CHANGES;
    if (!isFull && !this.#closed) await Promise.race([pause(GATHER_MS), this.#hurry.promise]);
    this.#hurry = deferred<void>();
  }

  /** Lets other documents go first; the batches of each stay in order. */
  #postpone([failed]: readonly Waiting[]): void {
    if (failed === undefined) return;
    const { documentId } = failed.stored;
    if (!this.#stuck.has(documentId)) this.#weight -= this.#weights.get(documentId) ?? 0;
    this.#stuck.add(documentId);
    const isOfIt = ({ stored }: Waiting): boolean => stored.documentId === documentId;
    this.#waiting = [...this.#waiting.filter((each) => !isOfIt(each)), ...this.#waiting.filter(isOfIt)];
  }

  async #step(step: readonly Waiting[]): Promise<void> {
    const byKind = new Map<CompleteKind, StoredChanges<unknown>[]>();
    const reached = new Map<string, number>();
    for (const { kind, stored } of step) {
      reached.set(stored.documentId, stored.position);
      if (stored.changes.length === 0) continue;
      const batches = byKind.get(kind);
      if (batches === undefined) byKind.set(kind, [stored]);
      else batches.push(stored);
    }
    const found = new Map<string, Projected>();
    for (const [kind, batches] of byKind) {
      for (const projected of await kind.project(batches)) found.set(projected.documentId, projected);
    }
    for (const [documentId, position] of reached) {
      this.#progress.note(documentId, position);
      this.#options.onProjected(documentId, position, found.get(documentId));
    }
  }
}

/** A batch that changes nothing of history still takes its place. */
const weightOf = ({ changes }: StoredChanges<unknown>): number => Math.max(1, changes.length);
