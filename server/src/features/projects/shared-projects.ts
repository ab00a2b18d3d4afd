import { createSharedPlaces, type SharedPlaces } from '../friends/index.js';
import type { ProjectMemberModel } from './project.model.js';

/** With whom somebody shares projects; of their own the newest, archived ones too. */
export const createSharedProjects = (members: ProjectMemberModel): SharedPlaces =>
  createSharedPlaces({
    of: async (userId, limit) => {
      const rows = await members
        .find({ user: userId })
        .sort({ project: -1 })
        .limit(limit)
        .select({ project: 1 })
        .lean();
      return rows.map(({ project }) => project);
    },
    peopleIn: async (project, limit) => {
      const rows = await members.find({ project }).limit(limit).select({ user: 1 }).lean();
      return rows.map(({ user }) => user);
    },
  });
