import { tasksListInputSchema } from '@parley/shared';
import { z } from 'zod';
import { type Api, noFields, route } from '../route.js';
import { doneBody } from './done.js';
import {
  changedTask,
  taskNames as names,
  newTask,
  replacedTask,
  taskBody,
  toChange,
  toNew,
  toTaskBody,
} from './task-body.js';

const tag = 'Tasks';

const { cursor, limit } = tasksListInputSchema.shape;
/** What may be wrong with a change of one. */
const errors = ['FORBIDDEN', 'CONFLICT'] as const;

const changeTask = async (api: Api, taskId: string, change: Parameters<typeof toChange>[2]) =>
  toTaskBody(await api.tasks.update({ ...(await toChange(api, taskId, change)), taskId }));

export const taskRoutes = [
  route({
    id: 'listTasks',
    method: 'GET',
    paths: ['/api/projects/{id}/tasks/'],
    tag,
    summary: 'Tasks of a project, the newest first',
    procedure: 'tasks.list',
    input: z.object({ cursor, limit }),
    response: z.array(taskBody),
    run: async ({ services, me }, { params, input }) => {
      const wanted = { ...input, projectId: params.id, sort: 'created' } as const;
      const { items, nextCursor } = await services.listTasks((await me()).userId, wanted);
      return { body: items.map(toTaskBody), next: nextCursor };
    },
  }),
  route({
    id: 'createTask',
    method: 'POST',
    paths: ['/api/projects/{id}/tasks/'],
    tag,
    summary: 'Make a task',
    procedure: 'tasks.create',
    input: newTask,
    statuses: [201],
    response: taskBody,
    links: { getTask: { id: '$response.body#/id' } },
    ...{ errors, names },
    run: async ({ api }, { params, input }) => ({
      body: toTaskBody(await api.tasks.create({ ...toNew(input), projectId: params.id })),
    }),
  }),
  route({
    id: 'getTask',
    method: 'GET',
    paths: ['/api/tasks/{id}/'],
    tag,
    summary: 'A task',
    procedure: 'tasks.get',
    input: noFields,
    response: taskBody,
    run: async ({ api }, { params }) => ({ body: toTaskBody(await api.tasks.get({ taskId: params.id })) }),
  }),
  route({
    id: 'updateTask',
    method: 'PATCH',
    paths: ['/api/tasks/{id}/'],
    tag,
    summary: 'Change what is given of a task',
    procedure: 'tasks.update',
    input: changedTask,
    response: taskBody,
    ...{ errors, names },
    run: async ({ api }, { params, input }) => ({ body: await changeTask(api, params.id, input) }),
  }),
  route({
    id: 'replaceTask',
    method: 'PUT',
    paths: ['/api/tasks/{id}/'],
    tag,
    summary: 'Title and description of a task anew; of the rest, what is given',
    procedure: 'tasks.update',
    input: replacedTask,
    response: taskBody,
    ...{ errors, names },
    run: async ({ api }, { params, input }) => ({ body: await changeTask(api, params.id, input) }),
  }),
  route({
    id: 'deleteTask',
    method: 'DELETE',
    paths: ['/api/tasks/{id}/'],
    tag,
    summary: 'Delete a task with its comments',
    procedure: 'tasks.delete',
    input: noFields,
    response: doneBody,
    errors,
    run: async ({ api }, { params }) => {
      await api.tasks.delete({ taskId: params.id });
      return { body: { message: 'Task deleted successfully.' } };
    },
  }),
];
