// Owns hearing of sessions that other nodes have ended: each node closes what is open in their name. While it is alone it asks nobody.
import type { Logger } from '../../platform/logger.js';
import { repeat } from '../../platform/repeat.js';
import type { SessionModel } from './session.model.js';

export interface FollowEndsOptions {
  readonly sessions: SessionModel;
  readonly log: Logger;
  readonly node: { readonly hasOthers: boolean };
  onSessionEnded(sessionId: string): void;
}

const EVERY_MS = 500;
/** The clocks of two machines may differ by so much. */
const OVERLAP_MS = 60_000;

/** Returns what ends that. */
export const followEndedSessions = (options: FollowEndsOptions): (() => Promise<void>) => {
  const { sessions, log, node, onSessionEnded } = options;
  let known: ReadonlySet<string> = new Set();
  return repeat({ name: 'sessions ended by other nodes', everyMs: EVERY_MS, log }, async () => {
    if (!node.hasOthers) return;
    const ended = await sessions
      .find({ revokedAt: { $gt: new Date(Date.now() - OVERLAP_MS) } })
      .select({ _id: 1 })
      .lean();
    const ids = ended.map(({ _id }) => _id);
    for (const id of ids) if (!known.has(id)) onSessionEnded(id);
    known = new Set(ids);
  });
};
