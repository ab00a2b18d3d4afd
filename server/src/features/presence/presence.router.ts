import {
  noInputSchema,
  onlineInputSchema,
  onlinePageSchema,
  presenceInputSchema,
  presencesSchema,
  statusSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { PresenceService } from './presence.service.js';

export const createPresenceRouter = (presence: PresenceService) =>
  router({
    online: signedInProcedure
      .input(onlineInputSchema)
      .output(onlinePageSchema)
      .query(({ input, ctx }) => presence.online(ctx.me.userId, input)),
    get: signedInProcedure
      .input(presenceInputSchema)
      .output(presencesSchema)
      .query(async ({ input, ctx }) => ({ items: await presence.get(ctx.me.userId, input.userIds) })),
    watch: signedInProcedure.input(presenceInputSchema).subscription(({ input, ctx, signal }) =>
      ctx.streams.run({
        ...{ actor: ctx.me, line: ctx.line, signal },
        item: presencesSchema,
        source: async function* (ended) {
          for await (const items of presence.watch(ctx.me.userId, input.userIds, ended)) yield { items };
        },
      }),
    ),
    status: signedInProcedure
      .input(noInputSchema)
      .output(statusSchema)
      .query(async ({ ctx }) => ({ status: await presence.status(ctx.me.userId) })),
    setStatus: signedInProcedure
      .input(statusSchema)
      .output(statusSchema)
      .mutation(async ({ input, ctx }) => {
        await presence.setStatus(ctx.me.userId, input.status);
        return input;
      }),
  });
