import type { ErrorCode } from '@parley/shared';

/** What answers go out over. */
export interface Line {
  /** Procedures that can be called over it. */
  readonly takes: 'all' | 'subscriptions';
  /** Resolves once the client has read enough for more to be sent, or the signal is aborted. */
  drained(ended: AbortSignal): Promise<void>;
  /** Ends the line, with all that goes over it, and says why. False where only the one answer can end. */
  hangUp(code: ErrorCode): boolean;
  /** Told when a stream over it has nothing more to say than how it ended, which its reader may never come to. */
  over(): void;
}

/** HTTP: each answer has its own, and is only made as fast as it is read. */
export const requestLine: Line = {
  takes: 'all',
  drained: async () => undefined,
  hangUp: () => false,
  over: () => undefined,
};
