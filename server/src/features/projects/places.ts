import { type Places, projectAudience } from '../events/index.js';
import type { ProjectMemberModel } from './project.model.js';

/** The projects whose events somebody hears, and since when. */
export const projectPlaces = async (members: ProjectMemberModel, userId: string): Promise<Places> => {
  const mine = await members.find({ user: userId }).select({ project: 1, joinedAt: 1 }).lean();
  return new Map(mine.map(({ project, joinedAt }) => [projectAudience(project), joinedAt]));
};
