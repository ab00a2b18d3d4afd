// Owns which documents are in memory: one copy of each, on its way in, there, or on its way out.
// Does not own what happens inside one (document/), nor who may open it (admission.ts).
import { AppError } from '@parley/shared';
import type { CompleteKind } from './complete-kind.js';
import { LiveDocument, type LiveDocumentDeps } from './document/live-document.js';
import type { LogStore } from './log/log-store.js';

export interface DocumentsParts extends Omit<LiveDocumentDeps, 'store' | 'onLeave'> {
  readonly store: LogStore;
}

export class Documents {
  readonly #parts: DocumentsParts;
  readonly #documents = new Map<string, Promise<LiveDocument>>();
  /** Those of them that are loaded. */
  readonly #live = new Map<string, LiveDocument>();
  /** Documents on their way out of memory; whoever wants one back waits for that. */
  readonly #leaving = new Map<string, Promise<'left' | 'removed'>>();
  #closing = false;

  constructor(parts: DocumentsParts) {
    this.#parts = parts;
  }

  /** Those that are loaded. */
  get live(): Iterable<LiveDocument> {
    return this.#live.values();
  }

  /** One that is loaded, if it is. */
  find(documentId: string): LiveDocument | undefined {
    return this.#live.get(documentId);
  }

  /** The one copy of the document, loaded where it is not. Rejects with NOT_FOUND when it is just being removed. */
  async open(documentId: string, kind: CompleteKind): Promise<LiveDocument> {
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

  /** Takes the document out of memory, sending everybody away with 4404, and removes all that is stored of it. */
  async remove(documentId: string): Promise<void> {
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

  /** Opens nothing any more. */
  stop(): void {
    this.#closing = true;
  }

  /** Lets the work in hand finish, keeps snapshots, and forgets all of them. */
  async unload(): Promise<void> {
    const loads = await Promise.allSettled(this.#documents.values());
    await Promise.all(loads.map((load) => (load.status === 'fulfilled' ? load.value.unload() : undefined)));
    await Promise.all(this.#leaving.values());
  }

  async #load(documentId: string, kind: CompleteKind): Promise<LiveDocument> {
    try {
      const document = await LiveDocument.load(documentId, kind, {
        ...this.#parts,
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
    await this.#parts.store.remove(documentId);
  }
}
