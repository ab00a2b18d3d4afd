// Owns keeping snapshots of one live document, one at a time, beside its batches.
import * as Y from 'yjs';
import type { EngineLog } from '../ports.js';
import type { Loaded } from './batch.js';
import { bindingsOf, type LoadDeps } from './load.js';

export interface SnapshotDeps extends Pick<LoadDeps, 'store'> {
  readonly projector: Pick<LoadDeps['projector'], 'flush'>;
  readonly log: EngineLog;
}

export class Snapshots {
  readonly #documentId: string;
  readonly #store: LoadDeps['store'];
  readonly #projector: Pick<LoadDeps['projector'], 'flush'>;
  readonly #log: EngineLog;
  #running: Promise<void> | null = null;

  constructor(documentId: string, { store, projector, log }: SnapshotDeps) {
    this.#documentId = documentId;
    this.#store = store;
    this.#projector = projector;
    this.#log = log;
  }

  /**
   * Keeps the document as it is now; to be called between batches, when that is what is stored. A snapshot under way
   * is left to finish, and one that fails costs nothing: the log still holds everything.
   */
  keep(loaded: Loaded): void {
    if (this.#running !== null) return;
    const { doc, generation, position, projectedPosition, owners } = loaded;
    const state = Y.encodeStateAsUpdate(doc);
    loaded.stateBytes = state.length;
    this.#run(async () => {
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

  /** Leaves the store as short as it can be: a snapshot of what is new, and no entry that nobody needs any more. */
  async finish(loaded: Loaded): Promise<void> {
    await this.#running;
    if (loaded.position > loaded.snapshotPosition) this.keep(loaded);
    else {
      const { generation, snapshotPosition, projectedPosition } = loaded;
      this.#run(() => this.#compact(generation, Math.min(snapshotPosition, projectedPosition)));
    }
    await this.#running;
  }

  /** What was put off is written first: once its entry is gone nothing would tell of it. */
  async #compact(generation: number, upTo: number): Promise<void> {
    await this.#projector.flush(this.#documentId);
    await this.#store.compact({ document: this.#documentId, generation, upTo });
  }

  #run(work: () => Promise<void>): void {
    this.#running = work()
      .catch((error: unknown) => {
        this.#log.warn({ err: error, document: this.#documentId }, 'a snapshot could not be kept');
      })
      .finally(() => {
        this.#running = null;
      });
  }
}
