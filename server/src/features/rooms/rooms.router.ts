import {
  doneSchema,
  joinRoomInputSchema,
  joinRoomOutputSchema,
  leaveRoomInputSchema,
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
    leave: signedInProcedure
      .input(leaveRoomInputSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await rooms.leave(ctx.me.userId, input.roomId);
        return { done: true };
      }),
    list: signedInProcedure
      .input(roomsListInputSchema)
      .output(roomsPageSchema)
      .query(({ input, ctx }) => rooms.list(ctx.me.userId, input)),
  });
