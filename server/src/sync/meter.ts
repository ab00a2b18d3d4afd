// What the engine tells of itself to whoever counts, in plain numbers. Does not own how that is kept or shown.

/** Why a generation ended: too many client ids, or too much dead weight. */
export type GenerationEnd = 'clients' | 'weight';

/** Told of what happens, as it happens: called often, so each call must be cheap, and must never throw. */
export interface EngineMeter {
  /** So many updates were acknowledged as stored. */
  updatesStored(count: number): void;
  /** An update was refused by this rule of docs/sync-spec.md; there are only so many. */
  updateRefused(rule: string): void;
  /** One write brought so many entries into the log, in this time. */
  logWritten(entries: number, ms: number): void;
  /** A write to the log failed or had no answer in time. */
  logWriteFailed(): void;
  /** One presence frame went out to everybody in a document. */
  presenceSent(): void;
  generationEnded(reason: GenerationEnd): void;
}

/** How things stand at one moment. */
export interface EngineState {
  readonly healthy: boolean;
  readonly documents: number;
  readonly connections: number;
  /** Connections whose reader is behind (K10). */
  readonly readersBehind: number;
  /** Sockets that are being taken in. */
  readonly admissions: number;
  /** Batches that are stored and not in history yet, and for how long the oldest of them has waited, ms. */
  readonly projection: { readonly batches: number; readonly oldestMs: number };
  /** Over the documents in memory: client ids that wrote in their generation, and their dead weight when last weighed (N2). */
  readonly clientIds: Spread;
  readonly deadBytes: Spread;
}

/** What many numbers come to. */
export interface Spread {
  readonly sum: number;
  readonly max: number;
}

/** The sum and the largest of some numbers; zeros for none. */
export const spreadOf = (values: readonly number[]): Spread => ({
  sum: values.reduce((sum, value) => sum + value, 0),
  max: values.reduce((most, value) => Math.max(most, value), 0),
});
