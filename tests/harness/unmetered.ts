import type { EngineMeter } from '@parley/server/internal/sync/meter';

const nothing = (): void => undefined;

/** For engines whose numbers nobody looks at. */
export const unmetered: EngineMeter = {
  updatesStored: nothing,
  updateRefused: nothing,
  logWritten: nothing,
  logWriteFailed: nothing,
  presenceSent: nothing,
  generationEnded: nothing,
};
