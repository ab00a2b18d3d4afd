import { type KeyObject, randomUUID } from 'node:crypto';
import { AppError } from '@parley/shared';
import jwt from 'jsonwebtoken';
import { z } from 'zod';

const ALGORITHM = 'HS256';
const ISSUER = 'parley';
const ACCESS = 'parley:access';
const REFRESH = 'parley:refresh';

/** Whose token it is, and of which session. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
}

/** `expiresAt`: of the token. */
export interface AccessClaims extends TokenClaims {
  readonly expiresAt: Date;
}

/** `rotation`: how many of its session came before it. */
export interface RefreshClaims extends TokenClaims {
  readonly rotation: number;
}

interface SignOptions {
  readonly key: KeyObject;
  readonly expiresAt: Date;
}

const ownPayload = z.object({ sub: z.string(), sid: z.string() });
const accessPayload = ownPayload.extend({ exp: z.number().int() });
const refreshPayload = ownPayload.extend({ rot: z.number().int().min(0) });

/** `jti` makes two tokens of one second differ. */
export const signAccess = (claims: TokenClaims, { key, expiresAt }: SignOptions): string =>
  jwt.sign({ sid: claims.sessionId, exp: secondsOf(expiresAt) }, key, {
    algorithm: ALGORITHM,
    issuer: ISSUER,
    audience: ACCESS,
    subject: claims.userId,
    jwtid: randomUUID(),
  });

/** The same claims with the same expiry are the same token, whenever it is signed. */
export const signRefresh = (claims: RefreshClaims, { key, expiresAt }: SignOptions): string =>
  jwt.sign({ sid: claims.sessionId, rot: claims.rotation, exp: secondsOf(expiresAt) }, key, {
    algorithm: ALGORITHM,
    issuer: ISSUER,
    audience: REFRESH,
    subject: claims.userId,
    noTimestamp: true,
  });

/** Throws TOKEN_EXPIRED, and TOKEN_INVALID for everything else: forged, cut, of another sort, or with other claims than ours. */
export const verifyAccess = (token: string, key: KeyObject): AccessClaims => {
  const { sub, sid, exp } = verify(token, key, { audience: ACCESS, payload: accessPayload });
  return { userId: sub, sessionId: sid, expiresAt: new Date(exp * 1_000) };
};

/** Throws as `verifyAccess` does. */
export const verifyRefresh = (token: string, key: KeyObject): RefreshClaims => {
  const { sub, sid, rot } = verify(token, key, { audience: REFRESH, payload: refreshPayload });
  return { userId: sub, sessionId: sid, rotation: rot };
};

/** The algorithm is pinned, or a token could choose "none". */
const verify = <T>(
  token: string,
  key: KeyObject,
  { audience, payload }: { readonly audience: string; readonly payload: z.ZodType<T> },
): T => {
  try {
    return payload.parse(jwt.verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER, audience }));
  } catch (cause) {
    throw new AppError(cause instanceof jwt.TokenExpiredError ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID', { cause });
  }
};

const secondsOf = (date: Date): number => Math.floor(date.getTime() / 1_000);
