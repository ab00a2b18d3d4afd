// Owns what stands before an account: how often, and with which password. Does not own what names are taken (users).
import { AppError, type registerInputSchema } from '@parley/shared';
import type { z } from 'zod';
import type { Caller } from '../../trpc/index.js';
import { type UserRow, usernameOf } from '../users/index.js';
import type { AuthParts } from './parts.js';
import { passwordFaults } from './password.policy.js';

type Input = z.output<typeof registerInputSchema>;

/** INVALID_INPUT for a weak password, CONFLICT for a taken name, TOO_MANY_REQUESTS. */
export const createAccount = async (parts: AuthParts, input: Input, caller: Caller): Promise<UserRow> =>
  await parts.users.create(await newUser(parts, input, caller));

/** The same; whoever gives no username has one made of their address. */
export const createNamedAccount = async (
  parts: AuthParts,
  input: Input,
  caller: Caller,
): Promise<UserRow> => {
  const { username, email } = input;
  if (username !== undefined || email === undefined) return await createAccount(parts, input, caller);
  const named = { ...input, username: usernameOf(email) };
  return await parts.users.createNamed({ ...(await newUser(parts, named, caller)), email });
};

/** Hashes the password once it will do: whatever comes after costs little. */
const newUser = async ({ limits, passwords }: AuthParts, input: Input, caller: Caller) => {
  limits.countRegistration(caller.address);
  const { password, username, email, firstName, lastName } = input;
  const faults = passwordFaults(password, input);
  if (faults.length > 0) throw new AppError('INVALID_INPUT', { details: { fields: { password: faults } } });
  return { username, email, firstName, lastName, passwordHash: await passwords.hash(password) };
};
