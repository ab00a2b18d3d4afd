import {
  AppError,
  type changePasswordInputSchema,
  type loginInputSchema,
  type logoutEverywhereInputSchema,
  type logoutInputSchema,
  type Me,
  type meOutputSchema,
  type registerInputSchema,
  type requestPasswordResetInputSchema,
  type resetPasswordInputSchema,
  type SignedIn,
  type Tokens,
} from '@parley/shared';
import type { z } from 'zod';
import type { Actor, Caller } from '../../trpc/index.js';
import { toMe } from '../users/index.js';
import { type AccountChange, changeAccount } from './change-account.js';
import { createAccount, createNamedAccount } from './create-account.js';
import type { AuthParts } from './parts.js';
import {
  changePassword,
  type From,
  ownerWith,
  requestPasswordReset,
  resetPassword,
} from './password-changes.js';
import type { Sessions } from './sessions.js';
import type { TokenClaims } from './tokens.js';

type RegisterInput = z.output<typeof registerInputSchema>;
type LoginInput = z.output<typeof loginInputSchema>;
type MeOutput = z.output<typeof meOutputSchema>;

export interface AuthService {
  /** Makes an account and signs in. INVALID_INPUT for a weak password, CONFLICT for a taken name, TOO_MANY_REQUESTS. */
  register(input: RegisterInput, caller: Caller): Promise<SignedIn>;
  /** Makes an account and opens no session. Without a username, one is made of the e-mail address. Rejects as `register` does. */
  createAccount(input: RegisterInput, caller: Caller): Promise<Me>;
  /** BAD_CREDENTIALS, after the same work, whether the account exists or not; SUSPENDED with the right password; TOO_MANY_REQUESTS. */
  login(input: LoginInput, caller: Caller): Promise<SignedIn>;
  /** See `Sessions.refresh`. */
  refresh(refreshToken: string): Promise<Tokens>;
  /**
   * Ends the actor's own session, at once, and that of the refresh token where it is another one. INVALID_INPUT on `refreshToken`, and
   * nothing ends, where that is not the actor's.
   */
  logout(actor: Actor, input?: z.output<typeof logoutInputSchema>): Promise<void>;
  /** Ends all sessions of the actor; how many. */
  logoutEverywhere(actor: Actor, input: z.output<typeof logoutEverywhereInputSchema>): Promise<number>;
  sessions: Sessions['list'];
  /** Ends a session of the actor. NOT_FOUND where there is none of that id that still stands. */
  revokeSession(actor: Actor, sessionId: string): Promise<void>;
  /** FORBIDDEN on `password` where it is not the actor's, TOO_MANY_REQUESTS. */
  confirmPassword(from: From, password: string): Promise<void>;
  /** Signs a person out everywhere, and makes letters to them void. */
  forget(userId: string): Promise<void>;
  /** Signs a person out everywhere; how many sessions ended. */
  endSessions(userId: string): Promise<number>;
  changeAccount(from: From, change: AccountChange): Promise<Me>;
  changePassword(from: From, input: z.output<typeof changePasswordInputSchema>): Promise<void>;
  requestPasswordReset(input: z.output<typeof requestPasswordResetInputSchema>, caller: Caller): void;
  resetPassword(input: z.output<typeof resetPasswordInputSchema>, caller: Caller): Promise<void>;
  /** What a client asks first: who one is, where one is, and what is unread. */
  me(actor: Actor): Promise<MeOutput>;
  /** Whose access token this is, by its signature alone: nothing is asked of the store. TOKEN_INVALID or TOKEN_EXPIRED. */
  readAccess(token: string): TokenClaims;
  /** Who holds this access token; its session must still stand. TOKEN_INVALID, TOKEN_EXPIRED or SESSION_ENDED. */
  verifyAccess(token: string): Promise<Actor>;
}

export const createAuthService = (parts: AuthParts): AuthService => {
  const { sessions } = parts;
  return {
    register: async (input, caller) =>
      await parts.sessions.open(await createAccount(parts, input, caller), caller, input.device),
    createAccount: async (input, caller) => toMe(await createNamedAccount(parts, input, caller)),
    login: (input, caller) => login(parts, input, caller),
    refresh: sessions.refresh,
    logout: async ({ userId, sessionId }, { refreshToken } = {}) => {
      const other = refreshToken === undefined ? null : sessions.ownedBy(userId, refreshToken);
      if (other !== null && other !== sessionId) await sessions.end(userId, other);
      await sessions.end(userId, sessionId);
    },
    logoutEverywhere: ({ userId, sessionId }, { keepThis }) =>
      sessions.endAll(userId, keepThis ? sessionId : undefined),
    sessions: sessions.list,
    revokeSession: async ({ userId }, sessionId) => {
      if (!(await sessions.end(userId, sessionId))) throw new AppError('NOT_FOUND');
    },
    confirmPassword: async (from, password) => {
      await ownerWith(parts, from, { password, field: 'password' });
    },
    forget: async (userId) => {
      await parts.resets.deleteMany({ user: userId });
      await sessions.endAll(userId);
    },
    endSessions: (userId) => sessions.endAll(userId),
    changeAccount: (from, change) => changeAccount(parts, from, change),
    changePassword: (from, input) => changePassword(parts, from, input),
    requestPasswordReset: (input, caller) => requestPasswordReset(parts, input, caller),
    resetPassword: (input, caller) => resetPassword(parts, input, caller),
    me: (actor) => me(parts, actor),
    readAccess: sessions.read,
    verifyAccess: sessions.verify,
  };
};

const login = async (parts: AuthParts, input: LoginInput, caller: Caller): Promise<SignedIn> => {
  parts.limits.countLogin(input.login, caller.address);
  const user = await parts.users.findByLogin(input.login);
  const matches = await parts.passwords.matches(input.password, user?.passwordHash ?? null);
  if (user === null || !matches) throw new AppError('BAD_CREDENTIALS');
  if (user.suspendedAt !== null) throw new AppError('SUSPENDED');
  parts.limits.forgive(input.login, caller.address);
  const signedIn = await parts.sessions.open(user, caller, input.device);
  // The password may have become another one meanwhile, and this session opened after all others were ended.
  const now = await parts.users.find(user._id);
  if (now?.passwordHash === user.passwordHash) return signedIn;
  await parts.sessions.end(user._id, signedIn.session.id);
  throw new AppError('BAD_CREDENTIALS');
};

const me = async ({ sessions, overview }: AuthParts, actor: Actor): Promise<MeOutput> => {
  const [[{ _id, device, createdAt, expiresAt }, user], where] = await Promise.all([
    sessions.standing(actor),
    overview(actor.userId),
  ]);
  const session = { id: _id, device, createdAt, expiresAt };
  return { user: toMe(user), session, ...where, serverTime: new Date() };
};
