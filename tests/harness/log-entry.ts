import type { LogRow } from '@parley/server/internal/sync/log/log.models';
import { newId } from '@parley/shared';

/** An entry of a document's log, of a batch of its own, which says nothing unless `said` does. */
export const logEntry = (
  document: string,
  position = 1,
  said: Partial<Pick<LogRow, 'bytes' | 'bindings' | 'changes'>> = {},
): LogRow => ({
  document,
  generation: 1,
  position,
  batch: newId(),
  at: new Date(),
  bytes: Buffer.from([0, 0]),
  bindings: [],
  changes: [],
  ...said,
});
