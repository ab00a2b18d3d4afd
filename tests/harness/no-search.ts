import type { SearchIndex } from '@parley/server/internal/features/messages/index';

/** Nothing is found. */
export const noSearch: SearchIndex = {
  note: () => undefined,
  change: () => Promise.resolve(),
  flush: () => Promise.resolve(),
};
