import {
  addMemberInputSchema,
  type ProjectMember,
  projectMembersInputSchema,
  setMemberRoleInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { noFields, route } from '../route.js';
import { doneBody } from './done.js';
import { personBody, toPerson } from './people.js';

const tag = 'Projects';

const memberBody = personBody.extend({
  role: z.enum(['owner', ...setMemberRoleInputSchema.shape.role.options]),
  joined_at: z.date(),
});

const toBody = ({ person, role, isOwner, joinedAt }: ProjectMember): z.input<typeof memberBody> => ({
  ...toPerson(person),
  role: isOwner ? 'owner' : role,
  joined_at: joinedAt,
});

const { cursor, limit } = projectMembersInputSchema.shape;
const { userId, role } = addMemberInputSchema.shape;

export const projectMemberRoutes = [
  route({
    id: 'listProjectMembers',
    method: 'GET',
    paths: ['/api/projects/{id}/members/'],
    tag,
    summary: 'Who is in a project; whoever has been there longest comes first',
    procedure: 'projects.members.list',
    input: z.object({ cursor, limit }),
    response: z.array(memberBody),
    run: async ({ api }, { params, input }) => {
      const { items, nextCursor } = await api.projects.members.list({ ...input, projectId: params.id });
      return { body: items.map(toBody), next: nextCursor };
    },
  }),
  route({
    id: 'addProjectMember',
    method: 'POST',
    paths: ['/api/projects/{id}/members/'],
    tag,
    summary: 'Take somebody in; whoever is in already stays as they are. By admins of the project',
    procedure: 'projects.members.add',
    input: z.object({ user_id: userId, role }),
    statuses: [201],
    response: memberBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params, input }) => ({
      body: toBody(
        await api.projects.members.add({ projectId: params.id, userId: input.user_id, role: input.role }),
      ),
    }),
  }),
  route({
    id: 'removeProjectMember',
    method: 'DELETE',
    paths: ['/api/projects/{id}/members/{user_id}/'],
    tag,
    summary: 'Put somebody out; not the owner. By admins of the project',
    procedure: 'projects.members.remove',
    input: noFields,
    response: doneBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params }) => {
      await api.projects.members.remove({ projectId: params.id, userId: params.user_id });
      return { body: { message: 'Member removed successfully.' } };
    },
  }),
];
