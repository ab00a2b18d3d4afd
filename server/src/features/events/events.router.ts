import { eventSchema, eventsInputSchema } from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { EventsService } from './events.service.js';

export const createEventsRouter = (events: EventsService) =>
  router({
    stream: signedInProcedure.input(eventsInputSchema).subscription(({ input, ctx, signal }) =>
      ctx.streams.runTracked({
        ...{ actor: ctx.me, line: ctx.line, signal },
        item: eventSchema,
        source: (ended) => events.stream(ctx.me.userId, input.lastEventId ?? null, ended),
      }),
    ),
  });
