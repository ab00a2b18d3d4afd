// Owns what somebody may do with the pads of a place: what they may do there.
import { AppError, type DocumentAccess } from '@parley/shared';
import { type ConversationsService, rightsOf } from '../conversations/index.js';
import type { ProjectsService } from '../projects/index.js';
import type { PadPlace } from './pad-id.js';

export interface Places {
  readonly conversations: ConversationsService;
  readonly projects: ProjectsService;
}

/** In the words of the sync engine's kinds. */
export type PadAccess = (place: PadPlace, userId: string) => Promise<DocumentAccess | 'FORBIDDEN' | null>;

export const createPadAccess =
  ({ conversations, projects }: Places): PadAccess =>
  async ({ kind, id }, userId) =>
    kind === 'project' ? await projects.rights(id, userId) : rightsOf(await conversations.access(id, userId));

/** Throws NOT_FOUND or FORBIDDEN for whoever is not in the place. */
export const assertReader = async (
  { conversations, projects }: Places,
  { kind, id }: PadPlace,
  userId: string,
): Promise<void> => {
  if (kind === 'project') await projects.getAccess({ projectId: id, userId, needs: 'viewer' });
  else await conversations.getAccess(id, userId);
};

/** The same for whoever may not write there, CONFLICT where nobody may for now; tells whether they are an admin there. */
export const assertWriter = async (
  { conversations, projects }: Places,
  { kind, id }: PadPlace,
  userId: string,
): Promise<boolean> => {
  if (kind === 'project') {
    const { role } = await projects.getOpen({ projectId: id, userId, needs: 'member' });
    return role !== 'member';
  }
  const access = rightsOf(await conversations.getAccess(id, userId));
  if (access !== 'write' && access !== 'admin') throw new AppError('FORBIDDEN');
  return access === 'admin';
};
