// Owns how a password becomes another one: by its owner who knows it, or by whoever holds the letter that was sent to them.
import { createHash, randomBytes } from 'node:crypto';
import {
  AppError,
  type changePasswordInputSchema,
  type requestPasswordResetInputSchema,
  type resetPasswordInputSchema,
} from '@parley/shared';
import type { z } from 'zod';
import type { Actor, Caller } from '../../trpc/index.js';
import type { UserRow } from '../users/index.js';
import type { AuthParts } from './parts.js';
import { type PasswordOwner, passwordFaults } from './password.policy.js';
import { resetLetter } from './reset-letter.js';

/** An actor, and where their request comes from. */
export interface From {
  readonly actor: Actor;
  readonly caller: Caller;
}

type ChangeInput = z.output<typeof changePasswordInputSchema>;
type RequestInput = z.output<typeof requestPasswordResetInputSchema>;
type ResetInput = z.output<typeof resetPasswordInputSchema>;

/** A letter's token is good for so long. */
const RESET_MS = 3_600_000;
const TOKEN_BYTES = 32;

/** FORBIDDEN on `currentPassword`, INVALID_INPUT on `newPassword`, TOO_MANY_REQUESTS. All other sessions of the person end. */
export const changePassword = async (
  parts: AuthParts,
  from: From,
  { currentPassword, newPassword }: ChangeInput,
): Promise<void> => {
  const field = 'currentPassword';
  const user = await ownerWith(parts, from, { password: currentPassword, field });
  const passwordHash = await hashOf(parts, newPassword, user);
  // Somebody else with the old password may be faster; it is no longer the current one then.
  if (!(await parts.users.replacePassword(user, passwordHash))) throw wrongPassword(field);
  await parts.resets.deleteMany({ user: user._id });
  await parts.sessions.endAll(user._id, from.actor.sessionId);
};

/** The actor's account, if that is their password. FORBIDDEN on `field`, TOO_MANY_REQUESTS. */
export const ownerWith = async (
  { users, passwords, limits }: AuthParts,
  { actor, caller }: From,
  { password, field }: { readonly password: string; readonly field: string },
): Promise<UserRow> => {
  limits.countLogin(actor.userId, caller.address);
  const user = await users.find(actor.userId);
  if (user === null) throw new AppError('SESSION_ENDED');
  if (!(await passwords.matches(password, user.passwordHash))) throw wrongPassword(field);
  limits.forgive(actor.userId, caller.address);
  return user;
};

export const wrongPassword = (field: string): AppError =>
  new AppError('FORBIDDEN', { details: { fields: { [field]: ['is not your password'] } } });

/** Sends a letter to whoever has that address. Nothing in the answer, nor how long it takes, tells whether anybody has. */
export const requestPasswordReset = (parts: AuthParts, { email }: RequestInput, caller: Caller): void => {
  parts.limits.countReset(email, caller.address);
  parts.background.run('password reset', async () => {
    const user = await parts.users.findByLogin(email);
    if (user?.email === undefined || user.emailKey === undefined) return;
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    await parts.resets.deleteMany({ user: user._id });
    await parts.resets.insertOne({
      _id: hashToken(token),
      user: user._id,
      emailKey: user.emailKey,
      expiresAt: new Date(Date.now() + RESET_MS),
    });
    await parts.mailer.send(resetLetter(user.email, { token, resetUrl: parts.resetUrl }));
  });
};

/** Works once. INVALID_INPUT on `token` or on `newPassword`; the token outlives a password that will not do. */
export const resetPassword = async (
  parts: AuthParts,
  { token, newPassword }: ResetInput,
  caller: Caller,
): Promise<void> => {
  parts.limits.countReset(null, caller.address);
  const _id = hashToken(token);
  const standing = { _id, expiresAt: { $gt: new Date() } };
  const reset = await parts.resets.findOne(standing).lean();
  const user = reset === null ? null : await parts.users.find(reset.user);
  if (reset === null || user === null || user.emailKey !== reset.emailKey) throw deadToken();
  const passwordHash = await hashOf(parts, newPassword, user);
  const { deletedCount } = await parts.resets.deleteOne(standing);
  if (deletedCount === 0 || !(await parts.users.replacePassword(user, passwordHash))) throw deadToken();
  await parts.sessions.endAll(user._id);
};

const deadToken = (): AppError =>
  new AppError('INVALID_INPUT', {
    details: { fields: { token: ['is not right, has been used, or is too old: ask for a new letter'] } },
  });

/** INVALID_INPUT on `newPassword` where it will not do for that person. */
export const hashOf = async (
  { passwords }: AuthParts,
  password: string,
  owner: PasswordOwner,
): Promise<string> => {
  const faults = passwordFaults(password, owner);
  if (faults.length > 0)
    throw new AppError('INVALID_INPUT', { details: { fields: { newPassword: faults } } });
  return await passwords.hash(password);
};

/** What is stored of a token: it is random enough that a fast hash hides it. */
const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
