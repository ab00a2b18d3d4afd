// Owns reading the log for whoever was away or is too slow: a stretch after a position, of what they may hear now.

import type { EventModel, EventRow } from './event.model.js';
import type { EventLog } from './event-log.js';
import type { Listener } from './listeners.js';

/** Events that matched, and the position up to which there are no others; `isGap`: some before were forgotten. */
export interface Stretch {
  readonly rows: readonly EventRow[];
  readonly upTo: number;
  readonly isGap: boolean;
}

export interface CatchUpParts {
  readonly events: EventModel;
  readonly eventLog: Pick<EventLog, 'tail' | 'recentAfter'>;
}

/** Events of one stretch. */
const MAX_ROWS = 200;
/** Positions of one stretch: what others were told of meanwhile is gone through too. */
const MAX_POSITIONS = 20_000;
/** Whoever is in few places finds theirs by the audience; who is in many finds them soon wherever they look. */
const FEW_AUDIENCES = 20;

export const readStretch = async (
  { events, eventLog }: CatchUpParts,
  listener: Pick<Listener, 'audiences' | 'hears'>,
  after: number,
): Promise<Stretch> => {
  const recent = eventLog.recentAfter(after);
  if (recent !== null) {
    const rows = recent.filter((row) => listener.hears(row)).slice(0, MAX_ROWS);
    const upTo = rows.length === MAX_ROWS ? (rows.at(-1)?._id ?? after) : eventLog.tail;
    return { rows, upTo, isGap: false };
  }
  const upTo = Math.min(eventLog.tail, after + MAX_POSITIONS);
  const next = await events
    .findOne({ _id: { $gt: after } })
    .sort({ _id: 1 })
    .select({ _id: 1 })
    .lean();
  if (next?._id !== after + 1) return { rows: [], upTo: eventLog.tail, isGap: true };
  const found = await events
    .find({ _id: { $gt: after, $lte: upTo }, audiences: { $in: [...listener.audiences.keys()] } })
    .hint(listener.audiences.size > FEW_AUDIENCES ? { _id: 1 } : { audiences: 1, _id: 1 })
    .sort({ _id: 1 })
    .limit(MAX_ROWS)
    .lean<EventRow[]>();
  return {
    rows: found.filter((row) => listener.hears(row)),
    upTo: found.length === MAX_ROWS ? (found.at(-1)?._id ?? upTo) : upTo,
    isGap: false,
  };
};
