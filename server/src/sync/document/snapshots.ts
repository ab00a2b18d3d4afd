// Owns keeping snapshots of one live document, one at a time, beside its batches.
import { AppError } from '@parley/shared';
import * as Y from 'yjs';
import type { EngineLog } from '../ports.js';
import { type Deferred, deferred } from '../timing.js';
import type { Loaded } from './batch.js';
import { bindingsOf, type LoadDeps } from './load.js';

export interface SnapshotDeps extends Pick<LoadDeps, 'store'> {
  readonly projector: Pick<LoadDeps['projector'], 'flush'>;
  readonly log: EngineLog;
  readonly snapshotTurns: SnapshotTurns;
}

/** So many documents in use keep a snapshot at a time. */
const AT_ONCE = 2;

/**
 * Documents that are equally busy are due for a snapshot at the same moment. Those whose turn it is not go on, and ask again with
 * their next entry: so entries of the log are not held up behind the snapshots of all.
 */
export class SnapshotTurns {
  #taken = 0;

  /** Begins the work, which never rejects, if it is its turn. */
  use(work: () => Promise<void>): void {
    if (this.#taken === AT_ONCE) return;
    const done = work();
    this.#taken += 1;
    void done.then(() => {
      this.#taken -= 1;
    });
  }
}

export class Snapshots {
  readonly #documentId: string;
  readonly #store: LoadDeps['store'];
  readonly #projector: Pick<LoadDeps['projector'], 'flush'>;
  readonly #log: EngineLog;
  readonly #turns: SnapshotTurns;
  readonly #asked: Deferred<void>[] = [];
  #running: Promise<boolean> | null = null;

  constructor(documentId: string, { store, projector, log, snapshotTurns }: SnapshotDeps) {
    this.#documentId = documentId;
    this.#store = store;
    this.#projector = projector;
    this.#log = log;
    this.#turns = snapshotTurns;
  }

  /**
   * Keeps the document as it is now, if it is its turn; to be called between batches, when that is what is stored. A snapshot
   * under way is left to finish, and one that fails costs nothing: the log still holds everything.
   */
  keep(loaded: Loaded): void {
    if (this.#running === null) this.#turns.use(async () => void (await this.#keep(loaded)));
  }

  /** Whether somebody waits for `finish`. */
  get isAsked(): boolean {
    return this.#asked.length > 0;
  }

  /** Resolves once `finish` was called and has left no entry in the log that nobody needs; rejects where it could not. */
  ask(): Promise<void> {
    const done = deferred<void>();
    this.#asked.push(done);
    return done.promise;
  }

  /** Nobody will finish. */
  giveUp(): void {
    this.#answer(false);
  }

  #keep(loaded: Loaded): Promise<boolean> {
    const { doc, generation, position, projectedPosition, owners } = loaded;
    const state = Y.encodeStateAsUpdate(doc);
    loaded.stateBytes = state.length;
    return this.#run(async () => {
      const bindings = bindingsOf(owners);
      await this.#store.snapshot({ document: this.#documentId, generation, position, state, bindings });
      loaded.snapshotPosition = position;
      await this.#compact(generation, Math.min(position, projectedPosition));
    });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /**
   * Leaves the store as short as it can be: a snapshot of what is new, and no entry that nobody needs any more. To be called
   * between batches.
   */
  async finish(loaded: Loaded): Promise<void> {
    await this.#running;
    this.#answer(await this.#shorten(loaded));
  }

  #shorten(loaded: Loaded): Promise<boolean> {
    if (loaded.position > loaded.snapshotPosition) return this.#keep(loaded);
    const { generation, snapshotPosition, projectedPosition } = loaded;
    return this.#run(() => this.#compact(generation, Math.min(snapshotPosition, projectedPosition)));
  }

  #answer(isShort: boolean): void {
    for (const asked of this.#asked.splice(0)) {
      if (isShort) asked.resolve();
      else asked.reject(new AppError('UNAVAILABLE', { logMessage: 'the log could not be shortened' }));
    }
  }

  /** What was put off is written first: once its entry is gone nothing would tell of it. */
  async #compact(generation: number, upTo: number): Promise<void> {
    await this.#projector.flush(this.#documentId, true);
    await this.#store.compact({ document: this.#documentId, generation, upTo });
  }

  /** Whether it succeeded. */
  #run(work: () => Promise<void>): Promise<boolean> {
    const running = work()
      .then(() => true)
      .catch((error: unknown) => {
        this.#log.warn({ err: error, document: this.#documentId }, 'a snapshot could not be kept');
        return false;
      })
      .finally(() => {
        this.#running = null;
      });
    this.#running = running;
    return running;
  }
}
