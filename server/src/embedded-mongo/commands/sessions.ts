import { UUID } from 'bson';
import type { CommandHandler } from './command.js';

/** How long a driver may keep a session without using it; the store itself keeps none. */
export const SESSION_TIMEOUT_MINUTES = 30;

export const startSession: CommandHandler = () => ({
  id: { id: new UUID() },
  timeoutMinutes: SESSION_TIMEOUT_MINUTES,
});

/**
 * Refreshing, ending and killing sessions: a session without transactions holds nothing, so there is nothing to keep
 * alive and nothing to give back. Cursors are closed by `killCursors` or by their idle time.
 */
export const acceptSessions: CommandHandler = () => ({});
