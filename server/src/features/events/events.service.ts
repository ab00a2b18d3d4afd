// Owns joining the log of events with those who hear of them.

import type { EventModel, EventRow } from './event.model.js';
import { EventLog, type EventLogOptions } from './event-log.js';
import { Listeners, type OnLeft } from './listeners.js';
import { conversationAudience, EVERYBODY, type NewEvent, type Publish } from './publish.js';
import { type StreamItem, type StreamParts, streamEvents } from './stream.js';

/** Sees all events before they are told, and adds what is to be told because of them. Rejects when the store fails. */
export type Notifier = (events: readonly NewEvent[]) => Promise<readonly NewEvent[]>;

export interface EventsParts
  extends Pick<StreamParts, 'placesOf' | 'watchFriends' | 'log'>,
    Omit<EventLogOptions, 'onRows'> {
  readonly events: EventModel;
  readonly notify: Notifier;
}

export interface EventsService {
  readonly publish: Publish;
  /** What happened after the event of that id, or happens from now on where it is null; see stream.ts. Ends when the signal is aborted. */
  stream(userId: string, lastEventId: string | null, ended: AbortSignal): AsyncIterable<StreamItem>;
  /**
   * What happens from now on, but for friends who come and go. Begins and ends as a stream does. `onLeft`: told of the event with which
   * they have to leave a place, at once, before whatever waits for a slow reader; it is told in its turn as well.
   */
  listen(userId: string, ended: AbortSignal, onLeft: OnLeft): AsyncIterable<StreamItem>;
  /** The highest number of a message in that conversation that was told up to that place of the log; 0 where none is known. */
  toldUpTo(conversationId: string, place: string): Promise<number>;
  /** Something may have happened that was never told: a process died before it could. Everybody is told of a gap. */
  lost(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export const createEventsService = (parts: EventsParts): EventsService => {
  const listeners = new Listeners();
  const eventLog = new EventLog({ ...parts, onRows: (rows) => listeners.deliver(rows) });
  const publish: Publish = async (events, onSure) => {
    const appending = eventLog.append([...events, ...(await noted(events))]);
    onSure?.();
    await appending;
  };
  /** What has happened stays so, and nobody else will tell of it. */
  const noted: Notifier = async (events) => {
    try {
      return await parts.notify(events);
    } catch (error) {
      eventLog.lost();
      throw error;
    }
  };
  return {
    publish,
    stream: (userId, lastEventId, ended) =>
      streamEvents(
        { ...parts, eventLog, listeners },
        { userId, after: lastEventId === null ? null : Number(lastEventId), ended },
      ),
    listen: (userId, ended, onLeft) =>
      streamEvents(
        { ...parts, watchFriends: nobody, eventLog, listeners },
        { userId, after: null, ended, onLeft },
      ),
    toldUpTo: async (conversationId, place) => {
      const row = await parts.events
        .findOne({
          ...{ audiences: conversationAudience(conversationId), _id: { $lte: Number(place) } },
          'event.type': 'message.added',
        })
        .sort({ _id: -1 })
        .lean<EventRow>();
      return row?.event.type === 'message.added' ? (row.event.messages.at(-1)?.seq ?? 0) : 0;
    },
    lost: () => publish([{ event: { type: 'stream.gap' }, audiences: [EVERYBODY] }]),
    start: () => eventLog.start(),
    close: () => eventLog.close(),
  };
};

async function* nobody(): AsyncGenerator<never, void> {}
