import { AppError } from '@parley/shared';
import type { RoomsParts } from './join-room.js';

/**
 * Leaves a room; done already for whoever knows of it and is not in it. The row stays, so that coming back undoes neither
 * silence nor role. Throws NOT_FOUND for what is no conversation of theirs, FORBIDDEN for one that is no room.
 */
export const leaveRoom = async (parts: RoomsParts, userId: string, roomId: string): Promise<void> => {
  const access = await parts.access(roomId, userId);
  if (access === null) throw new AppError('NOT_FOUND');
  if (access === 'forbidden') return;
  if (access.kind !== 'room') throw new AppError('FORBIDDEN');
  const left = await parts.memberships.updateOne(
    { conversation: roomId, user: userId, state: 'member' },
    { $set: { state: 'left' } },
  );
  if (left.modifiedCount > 0) await parts.onMembershipChanged(roomId, userId, 'left');
};
