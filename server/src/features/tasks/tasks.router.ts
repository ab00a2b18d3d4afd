import {
  createTaskInputSchema,
  deleteTaskInputSchema,
  doneSchema,
  movedTasksSchema,
  moveTasksInputSchema,
  replaceTaskInputSchema,
  taskHistoryInputSchema,
  taskHistoryPageSchema,
  taskRefSchema,
  taskSchema,
  tasksListInputSchema,
  tasksPageSchema,
  updateTaskInputSchema,
} from '@parley/shared';
import { router, signedInProcedure } from '../../trpc/index.js';
import type { TasksService } from './tasks.service.js';

export const createTasksRouter = (tasks: TasksService) =>
  router({
    create: signedInProcedure
      .input(createTaskInputSchema)
      .output(taskSchema)
      .mutation(({ input, ctx }) => tasks.create(ctx.me.userId, input)),
    get: signedInProcedure
      .input(taskRefSchema)
      .output(taskSchema)
      .query(({ input, ctx }) => tasks.get(ctx.me.userId, input.taskId)),
    list: signedInProcedure
      .input(tasksListInputSchema)
      .output(tasksPageSchema)
      .query(({ input, ctx }) => tasks.list(ctx.me.userId, input)),
    update: signedInProcedure
      .input(updateTaskInputSchema)
      .output(taskSchema)
      .mutation(({ input, ctx }) => tasks.update(ctx.me.userId, input)),
    replace: signedInProcedure
      .input(replaceTaskInputSchema)
      .output(taskSchema)
      .mutation(({ input, ctx }) => tasks.update(ctx.me.userId, input)),
    move: signedInProcedure
      .input(moveTasksInputSchema)
      .output(movedTasksSchema)
      .mutation(({ input, ctx }) => tasks.move(ctx.me.userId, input)),
    openPad: signedInProcedure
      .input(taskRefSchema)
      .output(taskSchema)
      .mutation(({ input, ctx }) => tasks.openPad(ctx.me.userId, input.taskId)),
    delete: signedInProcedure
      .input(deleteTaskInputSchema)
      .output(doneSchema)
      .mutation(async ({ input, ctx }) => {
        await tasks.delete(ctx.me.userId, input);
        return { done: true } as const;
      }),
    history: signedInProcedure
      .input(taskHistoryInputSchema)
      .output(taskHistoryPageSchema)
      .query(({ input, ctx }) => tasks.history(ctx.me.userId, input)),
  });
