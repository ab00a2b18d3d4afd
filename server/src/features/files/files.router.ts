import {
  doneSchema,
  fileRefSchema,
  fileSchema,
  filesListInputSchema,
  filesPageSchema,
  filesUsageSchema,
  fileTicketInputSchema,
  fileTicketSchema,
  noInputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { FilesService } from './files.service.js';

export const createFilesRouter = (files: FilesService) =>
  router({
    ticket: signedInProcedure
      .input(fileTicketInputSchema)
      .output(fileTicketSchema)
      .mutation(({ input, ctx }) => files.ticket(ctx.me, input)),
    get: signedInProcedure
      .input(fileRefSchema)
      .output(fileSchema)
      .query(({ input, ctx }) => files.get(ctx.me, input)),
    list: signedInProcedure
      .input(filesListInputSchema)
      .output(filesPageSchema)
      .query(({ input, ctx }) => files.list(ctx.me, input)),
    delete: signedInProcedure
      .input(fileRefSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await files.delete(ctx.me, input);
        return { done: true };
      }),
    usage: signedInProcedure
      .input(noInputSchema)
      .output(filesUsageSchema)
      .query(({ ctx }) => files.usage(ctx.me)),
  });
