// Owns changing names and password of an account together: all of it, or nothing.
import type { Me } from '@parley/shared';
import type { UserChange } from '../users/index.js';
import type { AuthParts } from './parts.js';
import { type From, hashOf, ownerWith, wrongPassword } from './password-changes.js';

/** What is given is changed. */
export interface AccountChange {
  readonly names: UserChange;
  /** `current`: undefined where it was not given, which is as wrong as another one. */
  readonly password?: { readonly current: string | undefined; readonly next: string } | undefined;
}

/**
 * FORBIDDEN on `currentPassword`, INVALID_INPUT on `newPassword`, and as `users.change`. With another password all other sessions of
 * the person end.
 */
export const changeAccount = async (
  parts: AuthParts,
  from: From,
  { names, password }: AccountChange,
): Promise<Me> => {
  const { userId, sessionId } = from.actor;
  const changer = { userId, caller: from.caller };
  if (password === undefined) return await parts.users.change(changer, names);
  const field = 'currentPassword';
  if (password.current === undefined) throw wrongPassword(field);
  const user = await ownerWith(parts, from, { password: password.current, field });
  const {
    username = user.username,
    email = user.email,
    firstName = user.firstName,
    lastName = user.lastName,
  } = names;
  const owner = { username: username ?? undefined, email: email ?? undefined, firstName, lastName };
  const to = await hashOf(parts, password.next, owner);
  const me = await parts.users.change(changer, names, { from: user.passwordHash, to });
  await parts.resets.deleteMany({ user: userId });
  await parts.sessions.endAll(userId, sessionId);
  return me;
};
