// Owns telling of projects and of who is in them. Changes of one thing by several at once are told in whatever order; each therefore
// looks again once it has told, and tells what stands then, until that is what it has told: the last that is heard is true.
import type { ProjectRole } from '@parley/shared';
import { type NewEvent, projectAudience, userAudience } from '../events/index.js';
import type { MembersParts } from './parts.js';
import type { ProjectRow } from './project.model.js';

/** Who did it, and what stood before. */
interface Told<T> {
  readonly by: string | null;
  readonly before: T;
}

/** After a change of somebody's place in a project; `before` null where they were not in it. Repeats nothing, and needs nothing else. */
export const tellMember = async (
  { projectMembers, publish, onRightsChanged }: MembersParts,
  { projectId, userId }: { readonly projectId: string; readonly userId: string },
  { by, before }: Told<ProjectRole | null>,
): Promise<void> => {
  onRightsChanged(projectId, userId);
  const read = async (): Promise<ProjectRole | null> =>
    (await projectMembers.findOne({ project: projectId, user: userId }).lean())?.role ?? null;
  const place = { projectId, by, userId };
  let told = before;
  for (let role = await read(); role !== told; role = await read()) {
    await publish([memberEvent(place, told, role)]);
    told = role;
  }
};

const memberEvent = (
  place: { readonly projectId: string; readonly by: string | null; readonly userId: string },
  before: ProjectRole | null,
  role: ProjectRole | null,
): NewEvent => {
  const audience = projectAudience(place.projectId);
  const audiences = [audience, userAudience(place.userId)];
  const move = { userId: place.userId, audience };
  if (role === null) return { event: { type: 'project.memberRemoved', ...place }, audiences, leaves: move };
  if (before === null)
    return { event: { type: 'project.memberAdded', ...place, role }, audiences, joins: move };
  return { event: { type: 'project.memberChanged', ...place, role }, audiences };
};

/** What of a project may change, in the words of its row. */
export type ProjectField = 'name' | 'description' | 'archivedAt' | 'owner';

/** After a change of these fields. */
export const tellProject = async (
  { projects, publish }: MembersParts,
  fields: readonly ProjectField[],
  { by, before }: Told<ProjectRow>,
): Promise<void> => {
  const projectId = before._id;
  const read = (): Promise<ProjectRow | null> =>
    projects.findOne({ _id: projectId, deletedAt: null }).lean<ProjectRow>().exec();
  let told = before;
  for (let now = await read(); now !== null; now = await read()) {
    const other = fields.filter((field) => now?.[field]?.valueOf() !== told[field]?.valueOf());
    if (other.length === 0) return;
    await publish(projectEvents(now, other, by));
    told = now;
  }
};

const projectEvents = (
  { _id: projectId, name, archivedAt, owner }: ProjectRow,
  fields: readonly ProjectField[],
  by: string | null,
): NewEvent[] => {
  const of = { projectId, by };
  const audiences = [projectAudience(projectId)];
  const changes = {
    ...(fields.includes('name') && { name }),
    ...(fields.includes('archivedAt') && { archivedAt }),
  };
  const changed = fields.filter((field) => field === 'description');
  const events: NewEvent[] = [];
  if (changed.length > 0 || Object.keys(changes).length > 0)
    events.push({ event: { type: 'project.updated', ...of, changes, changed }, audiences });
  if (fields.includes('owner'))
    events.push({ event: { type: 'project.transferred', ...of, ownerId: owner }, audiences });
  return events;
};

/** Of a new one its owner alone hears. */
export const tellCreated = async (
  { publish }: MembersParts,
  { _id: projectId, owner }: ProjectRow,
): Promise<void> =>
  await publish([
    {
      event: { type: 'project.created', projectId, by: owner },
      audiences: [userAudience(owner)],
      joins: { userId: owner, audience: projectAudience(projectId) },
    },
  ]);

/** Whoever was in it hears of its end, once, however often that is finished; those too who are away: their places go with it. */
export const tellDeleted = async (
  { projectMembers, publish, onRightsChanged }: MembersParts,
  projectId: string,
  by: string | null,
): Promise<void> => {
  onRightsChanged(projectId);
  const audience = projectAudience(projectId);
  const members = await projectMembers.find({ project: projectId }).select({ user: 1 }).lean();
  await publish([
    {
      event: { type: 'project.deleted', projectId, by },
      audiences: [audience, ...members.map(({ user }) => userAudience(user))],
      leaves: { userId: null, audience },
      key: `project.deleted:${projectId}`,
    },
  ]);
};
