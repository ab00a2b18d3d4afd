import {
  createPadInputSchema,
  doneSchema,
  padRefSchema,
  padSchema,
  padsListInputSchema,
  padsPageSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { PadsService } from './pads.service.js';

export const createPadsRouter = (pads: PadsService) =>
  router({
    create: signedInProcedure
      .input(createPadInputSchema)
      .output(padSchema)
      .mutation(({ input, ctx }) => pads.create(ctx.me, input)),
    list: signedInProcedure
      .input(padsListInputSchema)
      .output(padsPageSchema)
      .query(({ input, ctx }) => pads.list(ctx.me, input)),
    get: signedInProcedure
      .input(padRefSchema)
      .output(padSchema)
      .query(({ input, ctx }) => pads.get(ctx.me, input)),
    delete: signedInProcedure
      .input(padRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await pads.delete(ctx.me, input);
        return { done: true };
      }),
  });
