// Owns joining the log of events with those who hear of them.

import type { EventModel } from './event.model.js';
import { EventLog, type EventLogOptions } from './event-log.js';
import { Listeners } from './listeners.js';
import { EVERYBODY, type Publish } from './publish.js';
import { type StreamItem, type StreamParts, streamEvents } from './stream.js';

export interface EventsParts
  extends Pick<StreamParts, 'placesOf' | 'watchFriends' | 'log'>,
    Omit<EventLogOptions, 'onRows'> {
  readonly events: EventModel;
}

export interface EventsService {
  readonly publish: Publish;
  /** What happened after the event of that id, or happens from now on where it is null; see stream.ts. Ends when the signal is aborted. */
  stream(userId: string, lastEventId: string | null, ended: AbortSignal): AsyncIterable<StreamItem>;
  /** Something may have happened that was never told: a process died before it could. Everybody is told of a gap. */
  lost(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export const createEventsService = (parts: EventsParts): EventsService => {
  const listeners = new Listeners();
  const eventLog = new EventLog({ ...parts, onRows: (rows) => listeners.deliver(rows) });
  const publish: Publish = (events) => eventLog.append(events);
  return {
    publish,
    stream: (userId, lastEventId, ended) =>
      streamEvents(
        { ...parts, eventLog, listeners },
        { userId, after: lastEventId === null ? null : Number(lastEventId), ended },
      ),
    lost: () => publish([{ event: { type: 'stream.gap' }, audiences: [EVERYBODY] }]),
    start: () => eventLog.start(),
    close: () => eventLog.close(),
  };
};
