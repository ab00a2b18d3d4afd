import {
  createProjectInputSchema,
  type Project,
  projectsListInputSchema,
  replaceProjectInputSchema,
  updateProjectInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { noFields, route } from '../route.js';
import { doneBody } from './done.js';
import { personBody, toPerson } from './people.js';

const tag = 'Projects';

const projectBody = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  owner: personBody,
  created_at: z.date(),
});

const toBody = ({ id, name, description, owner, createdAt }: Project): z.input<typeof projectBody> => ({
  ...{ id, name, description },
  owner: toPerson(owner),
  created_at: createdAt,
});

const { cursor, limit } = projectsListInputSchema.unwrap().shape;
const texts = { name: true, description: true } as const;

export const projectRoutes = [
  route({
    id: 'listProjects',
    method: 'GET',
    paths: ['/api/projects/'],
    tag,
    summary: 'Own projects, the newest first',
    procedure: 'projects.list',
    input: z.object({ cursor, limit }),
    response: z.array(projectBody),
    run: async ({ api }, { input }) => {
      const { items, nextCursor } = await api.projects.list(input);
      return { body: items.map(toBody), next: nextCursor };
    },
  }),
  route({
    id: 'createProject',
    method: 'POST',
    paths: ['/api/projects/'],
    tag,
    summary: 'Make a project, and own it',
    procedure: 'projects.create',
    input: z.object(createProjectInputSchema.pick(texts).shape),
    statuses: [201],
    response: projectBody,
    errors: ['CONFLICT'],
    links: { getProject: { id: '$response.body#/id' } },
    run: async ({ api }, { input }) => ({ body: toBody(await api.projects.create(input)) }),
  }),
  route({
    id: 'getProject',
    method: 'GET',
    paths: ['/api/projects/{id}/'],
    tag,
    summary: 'A project',
    procedure: 'projects.get',
    input: noFields,
    response: projectBody,
    run: async ({ api }, { params }) => ({ body: toBody(await api.projects.get({ projectId: params.id })) }),
  }),
  route({
    id: 'updateProject',
    method: 'PATCH',
    paths: ['/api/projects/{id}/'],
    tag,
    summary: 'Change what is given of a project; by its admins',
    procedure: 'projects.update',
    input: z.object(updateProjectInputSchema.pick(texts).shape),
    response: projectBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params, input }) => ({
      body: toBody(await api.projects.update({ ...input, projectId: params.id })),
    }),
  }),
  route({
    id: 'replaceProject',
    method: 'PUT',
    paths: ['/api/projects/{id}/'],
    tag,
    summary: 'Name and description of a project anew; by its admins',
    procedure: 'projects.replace',
    input: z.object(replaceProjectInputSchema.pick(texts).shape),
    response: projectBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    run: async ({ api }, { params, input }) => ({
      body: toBody(await api.projects.replace({ ...input, projectId: params.id })),
    }),
  }),
  route({
    id: 'deleteProject',
    method: 'DELETE',
    paths: ['/api/projects/{id}/'],
    tag,
    summary: 'Delete a project with all that is in it; by its owner',
    procedure: 'projects.delete',
    input: noFields,
    response: doneBody,
    errors: ['FORBIDDEN'],
    run: async ({ api }, { params }) => {
      await api.projects.delete({ projectId: params.id });
      return { body: { message: 'Project deleted successfully.' } };
    },
  }),
];
