export { createUserModel, type UserRow } from './user.model.js';
export {
  createUsersService,
  displayName,
  toMe,
  type UsersService,
} from './users.service.js';
