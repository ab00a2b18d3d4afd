// Owns finding places of history by time, which no index orders: numbers are given in the order of time, so it is halved by them.
import type { MessageModel, MessageRow } from './message.model.js';

/** The number of the first message that came at that time or later; one more than the last has where none did, 1 where there is none. */
export const seqAt = async (messages: MessageModel, conversation: string, at: Date): Promise<number> => {
  const edge = async (order: 1 | -1, seq: object): Promise<MessageRow | undefined> => {
    const [row] = await messages
      .find({ conversation, seq })
      .sort({ seq: order })
      .limit(1)
      .select({ seq: 1, receivedAt: 1 })
      .lean<MessageRow[]>();
    return row;
  };
  const last = await edge(-1, { $gt: 0 });
  if (last === undefined) return 1;
  if (last.receivedAt < at) return last.seq + 1;
  // From `low` on it may be, at `high` it is at the latest.
  let low = 1;
  let high = last.seq;
  while (low < high) {
    const row = await edge(1, { $gte: Math.floor((low + high) / 2) });
    if (row === undefined || row.receivedAt >= at) high = Math.floor((low + high) / 2);
    else low = row.seq + 1;
  }
  return high;
};
