import {
  joinRoomInputSchema,
  joinRoomOutputSchema,
  roomsListInputSchema,
  roomsPageSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { RoomsService } from './rooms.service.js';

export const createRoomsRouter = (rooms: RoomsService) =>
  router({
    joinOrCreate: signedInProcedure
      .input(joinRoomInputSchema)
      .output(joinRoomOutputSchema)
      .mutation(({ input, ctx }) => rooms.joinOrCreate(ctx.me.userId, input.name)),
    list: signedInProcedure
      .input(roomsListInputSchema)
      .output(roomsPageSchema)
      .query(({ input, ctx }) => rooms.list(ctx.me.userId, input)),
  });
