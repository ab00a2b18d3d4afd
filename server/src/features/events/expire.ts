import type { EventModel } from './event.model.js';

const PAGE = 1_000;

/** Forgets events older than that, but never the newest: the log goes on from there, however long nothing happens. */
export const expireEvents = async (events: EventModel, keptMs: number): Promise<void> => {
  const before = Date.now() - keptMs;
  const newest = await events.findOne().sort({ _id: -1 }).select({ _id: 1 }).lean();
  if (newest === null) return;
  for (;;) {
    const oldest = await events
      .find({ _id: { $lt: newest._id } })
      .sort({ _id: 1 })
      .limit(PAGE)
      .select({ at: 1 })
      .lean();
    const last = oldest.findLast(({ at }) => at.getTime() < before);
    if (last === undefined) return;
    await events.deleteMany({ _id: { $lte: last._id } });
    if (oldest.length < PAGE) return;
  }
};
