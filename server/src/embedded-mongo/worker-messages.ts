import type { StoreOpenError } from './errors.js';

/** What the worker is started with. */
export interface WorkerInput {
  readonly dataDir: string;
  readonly port: number;
  readonly ttlSweepMs?: number;
}

/** What the worker says, once, to the thread that started it. When it has closed, it ends. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly reason: StoreOpenError['reason']; readonly message: string };

/** The one thing the worker is ever told. */
export const CLOSE_REQUEST = 'close';
