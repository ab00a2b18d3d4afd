import {
  joinRoomInputSchema,
  joinRoomOutputSchema,
  roomsListInputSchema,
  roomsPageSchema,
  spaceSchema,
  updateRoomInputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import { spaceProcedures } from '../conversations/index.js';
import type { RoomsService } from './rooms.service.js';

export const createRoomsRouter = (rooms: RoomsService) =>
  router({
    ...spaceProcedures(rooms),
    joinOrCreate: signedInProcedure
      .input(joinRoomInputSchema)
      .output(joinRoomOutputSchema)
      .mutation(({ input, ctx }) => rooms.joinOrCreate(ctx.me.userId, input)),
    list: signedInProcedure
      .input(roomsListInputSchema)
      .output(roomsPageSchema)
      .query(({ input, ctx }) => rooms.list(ctx.me.userId, input)),
    update: signedInProcedure
      .input(updateRoomInputSchema)
      .output(spaceSchema)
      .mutation(({ input: { conversationId, ...change }, ctx }) =>
        rooms.spaces.update(ctx.me.userId, conversationId, change),
      ),
  });
