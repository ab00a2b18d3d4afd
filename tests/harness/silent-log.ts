import type { EngineLog } from '@parley/server/internal/sync/ports';

/** For tests that look at what happens, not at what is said of it. */
export const silentLog: EngineLog = {
  debug: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** For what is to be told where nobody listens. */
export const tellNobody = async (): Promise<void> => undefined;
