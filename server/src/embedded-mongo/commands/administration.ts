import { numberOf } from '../bson/values.js';
import { notSupported, StoreError } from '../errors.js';
import type { CommandHandler } from './command.js';

/** Every reply to a write came after its fsync, so there is nothing left to flush. */
export const fsync: CommandHandler = ({ body }) => {
  if (body.lock !== undefined && body.lock !== false) throw notSupported("'fsync' with a lock");
  return { numFiles: 1 };
};

export const fsyncUnlock: CommandHandler = () => {
  throw new StoreError('IllegalOperation', 'fsyncUnlock called when not locked');
};

/** There is no profiler: its level is 0, and can be asked for (-1) or set to what it is. */
export const profile: CommandHandler = ({ body }) => {
  const level = numberOf(body.profile);
  if (level === undefined) throw new StoreError('TypeMismatch', "BSON field 'profile' must be a number");
  if (level === 1 || level === 2) throw notSupported('the profiler');
  return { was: 0 };
};

export const usersInfo: CommandHandler = () => ({ users: [] });

export const rolesInfo: CommandHandler = () => ({ roles: [] });
