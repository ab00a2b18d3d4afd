export type { UserChange } from './change-user.js';
export { completeUserRows } from './complete-rows.js';
export type { HiddenFrom } from './list-users.js';
export { displayName, toMe } from './profile.js';
export { createUserModel, type UserModel, type UserRow } from './user.model.js';
export { usernameOf } from './username.js';
export { createUsersRouter } from './users.router.js';
export { createUsersService, type OpenAccount, type UsersService } from './users.service.js';
