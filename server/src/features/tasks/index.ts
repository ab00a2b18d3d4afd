export { refuseStrangers } from './assignees.js';
export type { TaskModels } from './change-task.js';
export { countTasks } from './count-tasks.js';
export type { OwnTasks } from './own-tasks.js';
export { createTaskModel } from './task.model.js';
export { createTasksRouter } from './tasks.router.js';
export { createTasksService, type TasksService } from './tasks.service.js';
export { getTask } from './write-tasks.js';
