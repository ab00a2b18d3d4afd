// Owns when a document begins anew in its next generation, and how the one before is ended.
// Does not own who is sent away for it, nor reading the document again (live-document.ts).
import { AppError, newId } from '@parley/shared';
import type { CompleteKind } from '../complete-kind.js';
import type { EngineMeter } from '../meter.js';
import type { EngineLog } from '../ports.js';
import { pause } from '../timing.js';
import type { Loaded } from './batch.js';
import { type LoadDeps, NOTHING, nextGeneration } from './load.js';

export interface RenewalParts {
  readonly documentId: string;
  readonly kind: CompleteKind;
  readonly deps: Pick<LoadDeps, 'store' | 'writer'> & {
    readonly log: EngineLog;
    readonly meter: Pick<EngineMeter, 'generationEnded'>;
    /** Client ids that ever wrote in a generation, after which the document begins anew. */
    readonly generationClients: number;
    /** Bytes of a document that it shows nothing of, after which it begins anew if it also shows less than that. */
    readonly generationDeadBytes: number;
    /** So long a generation lasts at the least while clients are connected, ms: each one makes all of them start over. */
    readonly generationMs: number;
  };
}

/** So many times what a new generation is due for ends the old one even where clients are connected that must be reloaded for it. */
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
  /** What the document would take in a new generation, when that was last looked at; null before. */
  #freshBytes: number | null = null;
  /** The size of the document for which that was last asked. */
  #weighedAt = 0;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** Bytes of the document that show nothing; 0 as long as the document is too small for that to matter. */
  deadBytes({ stateBytes }: Loaded): number {
    return this.#freshBytes === null ? 0 : Math.max(0, stateBytes - this.#freshBytes);
  }

  /** Whether a new generation is due. */
  isDue(loaded: Loaded): boolean {
    return this.#pressure(loaded) >= 1 && loaded.position >= this.#from;
  }

  /** Whether clients have been left alone for long enough. */
  isOldEnough(): boolean {
    return performance.now() - this.#since >= this.#parts.deps.generationMs;
  }

  /** Another generation goes on from here. */
  began(): void {
    this.#since = performance.now();
  }

  /** Whether it may begin while clients are connected: if ever, when all of them start over by themselves, or it can wait no longer. */
  mayDisturb(loaded: Loaded, everybodyStartsOver: boolean): boolean {
    if (!this.#parts.kind.renewsWhileOpen) return false;
    return everybodyStartsOver || this.#pressure(loaded) >= HARD_LIMIT;
  }

  /** Waits a moment until history holds the whole log; where that takes longer, the generation goes on for a while. */
  async isHistoryComplete(loaded: Loaded, isWritten: Promise<boolean>): Promise<boolean> {
    const isInTime = await Promise.race([isWritten, pause(PATIENCE_MS).then(() => false)]);
    const isComplete = isInTime && loaded.projectedPosition >= loaded.position;
    if (!isComplete) this.#from = loaded.position + AGAIN_AFTER;
    return isComplete;
  }

  /**
   * Closes the generation by an entry of the log, which no other writer can come after, and begins the next. Whoever loads a
   * document that was only closed does the rest. Throws UNAVAILABLE when the log does not take the entry.
   */
  async end(loaded: Loaded): Promise<void> {
    const { doc, generation, owners } = loaded;
    const { documentId, kind, deps } = this.#parts;
    const position = loaded.position + 1;
    const deadBytes = this.deadBytes(loaded);
    const outcome = await deps.writer.append({
      ...{ document: documentId, generation, position, batch: newId(), at: new Date() },
      ...{ bytes: Buffer.from(NOTHING), bindings: [], changes: [], closes: true },
    });
    if (outcome === 'failed')
      throw new AppError('UNAVAILABLE', { logMessage: 'the log did not take an entry' });
    // Somebody else was faster; what is read next tells with what.
    if (outcome === 'fenced') return;
    await deps.store.renew(nextGeneration(kind, doc, { row: { _id: documentId, generation }, position }));
    deps.meter.generationEnded(owners.size >= deps.generationClients ? 'clients' : 'weight');
    const facts = { document: documentId, generation, clients: owners.size, deadBytes };
    deps.log.debug(facts, 'a generation has ended');
  }

  /** How much there is of what a new generation is due for: from 1 on it is. */
  #pressure(loaded: Loaded): number {
    if (loaded.stateBytes !== this.#weighedAt) this.#weigh(loaded);
    const { generationClients } = this.#parts.deps;
    return Math.max(loaded.owners.size / generationClients, this.deadBytes(loaded) / this.#tolerated());
  }

  /**
   * Looks at what a new generation would take, which costs a copy: only where the document has grown enough since the last look
   * that it may be due. One that shows much is so looked at again no sooner than when it has doubled.
   */
  #weigh(loaded: Loaded): void {
    const { stateBytes, doc, generation, position } = loaded;
    this.#weighedAt = stateBytes;
    if (this.#freshBytes !== null) this.#freshBytes = Math.min(this.#freshBytes, stateBytes);
    if (stateBytes - (this.#freshBytes ?? 0) < this.#tolerated()) return;
    const row = { _id: this.#parts.documentId, generation };
    const { state } = nextGeneration(this.#parts.kind, doc, { row, position });
    this.#freshBytes = Math.min(state.length, stateBytes);
  }

  /** So many of those are no reason to begin anew. */
  #tolerated(): number {
    return Math.max(this.#parts.deps.generationDeadBytes, this.#freshBytes ?? 0);
  }
}
