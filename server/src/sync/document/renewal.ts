// Owns when a document begins anew in its next generation, and how the one before is ended.
// Does not own who is sent away for it, nor reading the document again (live-document.ts).
import { AppError, newId } from '@parley/shared';
import type { DocumentKind, EngineLog } from '../ports.js';
import { pause } from '../timing.js';
import type { Loaded } from './batch.js';
import { type LoadDeps, NOTHING, nextGeneration } from './load.js';

export interface RenewalParts {
  readonly documentId: string;
  readonly kind: DocumentKind;
  readonly deps: Pick<LoadDeps, 'store' | 'writer'> & { readonly log: EngineLog };
  /** Client ids that ever wrote in a generation, after which the document begins anew. */
  readonly generationClients: number;
  /** So long a generation lasts at the least while clients are connected, ms: each one makes all of them start over. */
  readonly generationMs: number;
}

/** So many times the client ids for a new generation end the old one even where clients are connected that must be reloaded for it. */
const HARD_LIMIT = 5;
/** How long a document waits for its history before it begins anew, and for how many entries it then goes on as it is. */
const PATIENCE_MS = 1_000;
const AGAIN_AFTER = 100;

export class Renewal {
  readonly #parts: RenewalParts;
  /** Not before this log position. */
  #from = 0;
  /** When this generation began, or was loaded. */
  #since = performance.now();

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** Whether a new generation is due. */
  isDue({ owners, position }: Loaded): boolean {
    return owners.size >= this.#parts.generationClients && position >= this.#from;
  }

  /** Whether clients have been left alone for long enough. */
  isOldEnough(): boolean {
    return performance.now() - this.#since >= this.#parts.generationMs;
  }

  /** Another generation goes on from here. */
  began(): void {
    this.#since = performance.now();
  }

  /** Whether it may begin while clients are connected: when all of them start over by themselves, or it can wait no longer. */
  mayDisturb({ owners }: Loaded, everybodyStartsOver: boolean): boolean {
    return everybodyStartsOver || owners.size >= this.#parts.generationClients * HARD_LIMIT;
  }

  /** Waits a moment until history holds the whole log; where that takes longer, the generation goes on for a while. */
  async isHistoryComplete(loaded: Loaded, projection: Promise<void>): Promise<boolean> {
    await Promise.race([projection.catch(() => undefined), pause(PATIENCE_MS)]);
    const isComplete = loaded.projectedPosition >= loaded.position;
    if (!isComplete) this.#from = loaded.position + AGAIN_AFTER;
    return isComplete;
  }

  /**
   * Closes the generation by an entry of the log, which no other writer can come after, and begins the next. Whoever loads a
   * document that was only closed does the rest. Throws UNAVAILABLE when the log does not take the entry.
   */
  async end({ doc, generation, position: last, owners }: Loaded): Promise<void> {
    const { documentId, kind, deps } = this.#parts;
    const position = last + 1;
    const outcome = await deps.writer.append({
      ...{ document: documentId, generation, position, batch: newId(), at: new Date() },
      ...{ bytes: Buffer.from(NOTHING), bindings: [], changes: [], closes: true },
    });
    if (outcome === 'failed')
      throw new AppError('UNAVAILABLE', { logMessage: 'the log did not take an entry' });
    // Somebody else was faster; what is read next tells with what.
    if (outcome === 'fenced') return;
    await deps.store.renew(nextGeneration(kind, doc, { row: { _id: documentId, generation }, position }));
    deps.log.debug({ document: documentId, generation, clients: owners.size }, 'a generation has ended');
  }
}
