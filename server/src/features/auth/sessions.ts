// Owns the sessions of signed-in devices: opening them, trading refresh tokens, and how each of them ends.
import type { KeyObject } from 'node:crypto';
import {
  AppError,
  limits,
  newId,
  type SessionInfo,
  type SignedIn,
  type sessionsInputSchema,
  type Tokens,
} from '@parley/shared';
import { z } from 'zod';
import { cutPage, decodeCursor } from '../../platform/cursor.js';
import { rowsTogether } from '../../platform/together.js';
import type { Actor, Caller } from '../../trpc/index.js';
import { displayName, toMe, type UserRow, type UsersService } from '../users/index.js';
import { deviceName } from './device-name.js';
import type { SessionModel, SessionRow } from './session.model.js';
import {
  type AccessClaims,
  type RefreshClaims,
  signAccess,
  signRefresh,
  type TokenClaims,
  verifyAccess,
  verifyRefresh,
} from './tokens.js';

export interface SessionsParts {
  readonly sessions: SessionModel;
  readonly users: UsersService;
  /** Signs tokens; made once, because making it costs more than using it. */
  readonly key: KeyObject;
  readonly accessTokenSeconds: number;
  readonly sessionDays: number;
  /** For so long the token before the newest gives the newest once more. */
  readonly refreshGraceMs: number;
  /** Told when a session ends before its time; whoever holds connections of it closes them. */
  onSessionEnded(sessionId: string): void;
}

type ListInput = z.output<typeof sessionsInputSchema>;

export interface Sessions {
  /** Signs a device in. Beyond a number of devices the one that was away longest is signed out. */
  open(user: UserRow, caller: Caller, device: string | undefined): Promise<SignedIn>;
  /**
   * Trades a refresh token for the next pair. The one before gives that same pair again for a moment: two tabs may refresh at
   * once, and answers get lost. Any other has been stolen from somebody: the session ends. SESSION_ENDED.
   */
  refresh(refreshToken: string): Promise<Tokens>;
  /** The session of a refresh token that is somebody's, whether it still works or not. INVALID_INPUT on `refreshToken` where it is not. */
  ownedBy(userId: string, refreshToken: string): string;
  /** Whose access token this is, by its signature alone. TOKEN_INVALID or TOKEN_EXPIRED. */
  read(accessToken: string): AccessClaims;
  /** Who holds this access token; its session must still stand. TOKEN_INVALID, TOKEN_EXPIRED or SESSION_ENDED. */
  verify(accessToken: string): Promise<Actor>;
  /** The session and its user as they are now. Throws SESSION_ENDED when either is gone, over or revoked. */
  standing(claims: TokenClaims): Promise<readonly [SessionRow, UserRow]>;
  /** Those of one person that still stand, the newest first. */
  list(actor: Actor, input: ListInput): Promise<{ items: SessionInfo[]; nextCursor: string | null }>;
  /** Ends one. Whether it stood until now. */
  end(userId: string, sessionId: string): Promise<boolean>;
  /** Ends all of a person, or all but one; how many. */
  endAll(userId: string, except?: string): Promise<number>;
}

const DAY_MS = 86_400_000;
const LIST = 'auth.sessions';
const place = z.tuple([z.string().min(1).max(64)]);

export const createSessions = (parts: SessionsParts): Sessions => {
  const standing = createStanding(parts);
  const read = (accessToken: string): AccessClaims => verifyAccess(accessToken, parts.key);
  return {
    open: (user, caller, device) => open(parts, user, { caller, device }),
    refresh: (refreshToken) => refresh(parts, refreshToken),
    ownedBy: (userId, refreshToken) => ownedBy(parts, userId, refreshToken),
    read,
    verify: async (accessToken) => {
      const claims = read(accessToken);
      const [, user] = await standing(claims);
      return { ...claims, name: displayName(user), role: user.role };
    },
    standing,
    list: (actor, input) => list(parts, actor, input),
    end: async (userId, sessionId) => (await endThose(parts, { _id: sessionId, user: userId })) > 0,
    endAll: (userId, except) =>
      endThose(parts, { user: userId, ...(except === undefined ? {} : { _id: { $ne: except } }) }),
  };
};

const open = async (
  parts: SessionsParts,
  user: UserRow,
  { caller, device }: { readonly caller: Caller; readonly device: string | undefined },
): Promise<SignedIn> => {
  const now = new Date();
  const row: SessionRow = {
    _id: newId(),
    user: user._id,
    rotation: 0,
    device: device ?? null,
    userAgent: caller.userAgent?.slice(0, 300) ?? null,
    ip: caller.address,
    createdAt: now,
    refreshedAt: now,
    expiresAt: expiryFrom(parts, now),
    revokedAt: null,
  };
  await parts.sessions.insertOne(row);
  await endLongestAway(parts, user._id);
  return { user: toMe(user), session: { id: row._id }, tokens: tokensOf(parts, row, now) };
};

const expiryFrom = ({ sessionDays }: SessionsParts, now: Date): Date =>
  new Date(now.getTime() + sessionDays * DAY_MS);

/** The refresh token follows from the row alone, so that it can be given once more; no table holds it. */
const tokensOf = ({ key, accessTokenSeconds }: SessionsParts, row: SessionRow, now: Date): Tokens => {
  const claims = { userId: row.user, sessionId: row._id };
  const accessExpiresAt = new Date(now.getTime() + accessTokenSeconds * 1_000);
  return {
    accessToken: signAccess(claims, { key, expiresAt: accessExpiresAt }),
    refreshToken: signRefresh({ ...claims, rotation: row.rotation }, { key, expiresAt: row.expiresAt }),
    accessExpiresAt,
  };
};

const refresh = async (parts: SessionsParts, refreshToken: string): Promise<Tokens> => {
  const { userId, sessionId, rotation } = readRefreshToken(parts, refreshToken);
  const now = new Date();
  const standing = { _id: sessionId, user: userId, revokedAt: null, expiresAt: { $gt: now } };
  // The rotation is part of the filter: of two uses of one token, made side by side, one finds nothing.
  const rotated = await parts.sessions
    .findOneAndUpdate(
      { ...standing, rotation },
      { $set: { rotation: rotation + 1, expiresAt: expiryFrom(parts, now), refreshedAt: now } },
      { returnDocument: 'after' },
    )
    .lean();
  if (rotated !== null) return tokensOf(parts, rotated, now);
  const since = new Date(now.getTime() - parts.refreshGraceMs);
  const current = await parts.sessions
    .findOne({ ...standing, rotation: rotation + 1, refreshedAt: { $gt: since } })
    .lean();
  if (current !== null) return tokensOf(parts, current, now);
  // We signed this token, so it was the session's once: either that is over, or somebody kept a copy.
  await endThose(parts, { _id: sessionId, user: userId });
  throw new AppError('SESSION_ENDED');
};

const readRefreshToken = (parts: SessionsParts, token: string): RefreshClaims => {
  try {
    return verifyRefresh(token, parts.key);
  } catch (error) {
    // Advice to refresh, as TOKEN_EXPIRED gives it, would lead nowhere.
    if (error instanceof AppError && error.code === 'TOKEN_EXPIRED') throw new AppError('SESSION_ENDED');
    throw error;
  }
};

const ownedBy = ({ key }: SessionsParts, userId: string, refreshToken: string): string => {
  const details = { fields: { refreshToken: ['is no refresh token of yours'] } };
  try {
    const claims = verifyRefresh(refreshToken, key);
    if (claims.userId === userId) return claims.sessionId;
  } catch (cause) {
    throw new AppError('INVALID_INPUT', { details, cause });
  }
  throw new AppError('INVALID_INPUT', { details });
};

const createStanding = ({ sessions, users }: SessionsParts): Sessions['standing'] => {
  const findSession = rowsTogether((ids) => sessions.find({ _id: { $in: ids } }).lean());
  return async ({ userId, sessionId }) => {
    const [session, user] = await Promise.all([findSession(sessionId), users.find(userId)]);
    const stands =
      session !== null &&
      session.user === userId &&
      session.revokedAt === null &&
      session.expiresAt > new Date();
    if (!stands || user === null || user.suspendedAt !== null) throw new AppError('SESSION_ENDED');
    return [session, user];
  };
};

const list = async ({ sessions }: SessionsParts, actor: Actor, { cursor, limit }: ListInput) => {
  const [before] = cursor === undefined ? [] : decodeCursor(LIST, place, cursor);
  const found = await sessions
    .find({
      user: actor.userId,
      revokedAt: null,
      expiresAt: { $gt: new Date() },
      ...(before === undefined ? {} : { _id: { $lt: before } }),
    })
    .sort({ _id: -1 })
    .limit(limit + 1)
    .lean();
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last._id]);
  return { items: rows.map((row) => toInfo(row, actor.sessionId)), nextCursor };
};

const toInfo = (row: SessionRow, own: string): SessionInfo => ({
  id: row._id,
  device: deviceName(row),
  address: row.ip,
  createdAt: row.createdAt,
  usedAt: row.refreshedAt,
  expiresAt: row.expiresAt,
  isCurrent: row._id === own,
});

const endLongestAway = async (parts: SessionsParts, userId: string): Promise<void> => {
  const beyond = await parts.sessions
    .find({ user: userId, revokedAt: null, expiresAt: { $gt: new Date() } })
    .sort({ refreshedAt: -1 })
    .skip(limits.sessionsPerUser.value)
    .select({ _id: 1 })
    .lean();
  if (beyond.length > 0) await endThose(parts, { user: userId, _id: { $in: beyond.map(({ _id }) => _id) } });
};

interface Those {
  readonly user: string;
  readonly _id?: string | { readonly $ne: string } | { readonly $in: readonly string[] };
}

const endThose = async (parts: SessionsParts, those: Those): Promise<number> => {
  // Marked first and looked up by the mark: one that is opened meanwhile either ends too, or is none of them.
  const revokedAt = new Date();
  const { modifiedCount } = await parts.sessions.updateMany(
    { ...those, revokedAt: null },
    { $set: { revokedAt } },
  );
  if (modifiedCount === 0) return 0;
  const ended = await parts.sessions
    .find({ ...those, revokedAt })
    .select({ _id: 1 })
    .lean();
  for (const { _id } of ended) parts.onSessionEnded(_id);
  return modifiedCount;
};
