import type { KeyObject } from 'node:crypto';
import {
  AppError,
  type loginInputSchema,
  type Me,
  type meOutputSchema,
  newId,
  type registerInputSchema,
  type SignedIn,
  type Tokens,
} from '@parley/shared';
import type { z } from 'zod';
import { rowsTogether } from '../../platform/together.js';
import type { Actor, Caller } from '../../trpc/index.js';
import { displayName, toMe, type UserRow, type UsersService } from '../users/index.js';
import type { LoginLimits } from './login-limits.js';
import { passwordFaults } from './password.policy.js';
import type { Passwords } from './passwords.js';
import type { SessionModel, SessionRow } from './session.model.js';
import { hashToken, signToken, type TokenClaims, verifyToken } from './tokens.js';

export interface AuthParts {
  readonly sessions: SessionModel;
  readonly users: UsersService;
  readonly passwords: Passwords;
  readonly limits: LoginLimits;
  /** Signs tokens; made once, because making it costs more than using it. */
  readonly key: KeyObject;
  readonly accessTokenSeconds: number;
  readonly sessionDays: number;
  /** Told when a session ends before its time; whoever holds connections of it closes them. */
  onSessionEnded(sessionId: string): void;
}

type RegisterInput = z.output<typeof registerInputSchema>;
type LoginInput = z.output<typeof loginInputSchema>;
type MeOutput = z.output<typeof meOutputSchema>;

export interface AuthService {
  /** Makes an account and signs in. INVALID_INPUT for a weak password, CONFLICT for a taken name, TOO_MANY_REQUESTS. */
  register(input: RegisterInput, caller: Caller): Promise<SignedIn>;
  /** BAD_CREDENTIALS, after the same work, whether the account exists or not; TOO_MANY_REQUESTS. */
  login(input: LoginInput, caller: Caller): Promise<SignedIn>;
  /** Trades a refresh token for the next pair. A token that was used before ends the session: SESSION_ENDED. */
  refresh(refreshToken: string): Promise<Tokens>;
  /** Ends the actor's own session, at once. */
  logout(actor: Actor): Promise<void>;
  me(actor: Actor): Promise<MeOutput>;
  /** Whose access token this is, by its signature alone: nothing is asked of the store. TOKEN_INVALID or TOKEN_EXPIRED. */
  readAccess(token: string): TokenClaims;
  /** Who holds this access token; its session must still stand. TOKEN_INVALID, TOKEN_EXPIRED or SESSION_ENDED. */
  verifyAccess(token: string): Promise<Actor>;
}

const DAY_MS = 86_400_000;

export const createAuthService = (parts: AuthParts): AuthService => {
  const standing = createStanding(parts);
  return {
    register: (input, caller) => register(parts, input, caller),
    login: (input, caller) => login(parts, input, caller),
    refresh: (refreshToken) => refresh(parts, refreshToken),
    logout: (actor) => endSession(parts, actor.sessionId),
    me: (actor) => me(standing, actor),
    readAccess: (token) => readAccess(parts, token),
    verifyAccess: async (token) => verifyAccess(standing, readAccess(parts, token)),
  };
};

const register = async (parts: AuthParts, input: RegisterInput, caller: Caller): Promise<SignedIn> => {
  parts.limits.countRegistration(caller.address);
  const faults = passwordFaults(input.password, input);
  if (faults.length > 0) throw new AppError('INVALID_INPUT', { details: { fields: { password: faults } } });
  const user = await parts.users.create({
    username: input.username,
    email: input.email,
    firstName: input.firstName,
    lastName: input.lastName,
    passwordHash: await parts.passwords.hash(input.password),
  });
  return await signIn(parts, user, { caller, device: input.device });
};

const login = async (parts: AuthParts, input: LoginInput, caller: Caller): Promise<SignedIn> => {
  parts.limits.countLogin(input.login, caller.address);
  const user = await parts.users.findByLogin(input.login);
  const matches = await parts.passwords.matches(input.password, user?.passwordHash ?? null);
  if (user === null || !matches) throw new AppError('BAD_CREDENTIALS');
  parts.limits.forgive(input.login, caller.address);
  return await signIn(parts, user, { caller, device: input.device });
};

const signIn = async (
  parts: AuthParts,
  user: UserRow,
  from: { readonly caller: Caller; readonly device: string | undefined },
): Promise<SignedIn> => {
  const claims = { userId: user._id, sessionId: newId() };
  const now = new Date();
  const { tokens, refreshHash, expiresAt } = issue(parts, claims, now);
  await parts.sessions.insertOne({
    _id: claims.sessionId,
    user: user._id,
    refreshHash,
    device: from.device ?? null,
    userAgent: from.caller.userAgent?.slice(0, 300) ?? null,
    ip: from.caller.address,
    createdAt: now,
    refreshedAt: now,
    expiresAt,
    revokedAt: null,
  });
  return { user: toMe(user), session: { id: claims.sessionId }, tokens };
};

const issue = (parts: AuthParts, claims: TokenClaims, now: Date) => {
  const { key } = parts;
  const expiresAt = new Date(now.getTime() + parts.sessionDays * DAY_MS);
  const accessExpiresAt = new Date(now.getTime() + parts.accessTokenSeconds * 1000);
  const refreshToken = signToken('refresh', claims, { key, expiresAt });
  const accessToken = signToken('access', claims, { key, expiresAt: accessExpiresAt });
  const tokens: Tokens = { accessToken, refreshToken, accessExpiresAt };
  return { tokens, refreshHash: hashToken(refreshToken), expiresAt };
};

const refresh = async (parts: AuthParts, refreshToken: string): Promise<Tokens> => {
  const claims = readRefreshToken(parts, refreshToken);
  const now = new Date();
  const { tokens, refreshHash, expiresAt } = issue(parts, claims, now);
  // The old hash is part of the filter: of two uses of one token, made side by side, one finds nothing.
  const rotated = await parts.sessions
    .findOneAndUpdate(
      {
        _id: claims.sessionId,
        user: claims.userId,
        refreshHash: hashToken(refreshToken),
        revokedAt: null,
        expiresAt: { $gt: now },
      },
      { $set: { refreshHash, expiresAt, refreshedAt: now } },
    )
    .lean();
  if (rotated !== null) return tokens;
  // We signed this token, so it was the session's once: either it is over, or somebody kept a copy.
  await endSession(parts, claims.sessionId);
  throw new AppError('SESSION_ENDED');
};

const readRefreshToken = (parts: AuthParts, token: string) => {
  try {
    return verifyToken('refresh', token, parts.key);
  } catch (error) {
    // Advice to refresh, as TOKEN_EXPIRED gives it, would lead nowhere.
    if (error instanceof AppError && error.code === 'TOKEN_EXPIRED') throw new AppError('SESSION_ENDED');
    throw error;
  }
};

const endSession = async (parts: AuthParts, sessionId: string): Promise<void> => {
  const ended = await parts.sessions.updateOne(
    { _id: sessionId, revokedAt: null },
    { $set: { revokedAt: new Date() } },
  );
  if (ended.modifiedCount > 0) parts.onSessionEnded(sessionId);
};

const readAccess = ({ key }: AuthParts, token: string): TokenClaims => verifyToken('access', token, key);

const verifyAccess = async (standing: Standing, claims: TokenClaims): Promise<Actor> => {
  const [, user] = await standing(claims);
  return { userId: user._id, sessionId: claims.sessionId, name: displayName(user) };
};

const me = async (standing: Standing, actor: Actor): Promise<MeOutput> => {
  const [session, user] = await standing(actor);
  const { _id, device, createdAt, expiresAt } = session;
  const mine: Me = toMe(user);
  return { user: mine, session: { id: _id, device, createdAt, expiresAt }, serverTime: new Date() };
};

/** The session and its user as they are now. Throws SESSION_ENDED when either is gone, over or revoked. */
type Standing = (claims: TokenClaims) => Promise<[SessionRow, UserRow]>;

const createStanding = ({ sessions, users }: AuthParts): Standing => {
  const findSession = rowsTogether((ids) => sessions.find({ _id: { $in: ids } }).lean());
  return async ({ userId, sessionId }) => {
    const [session, user] = await Promise.all([findSession(sessionId), users.find(userId)]);
    const stands =
      session !== null &&
      session.user === userId &&
      session.revokedAt === null &&
      session.expiresAt > new Date();
    if (!stands || user === null) throw new AppError('SESSION_ENDED');
    return [session, user];
  };
};
