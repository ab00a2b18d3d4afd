import { createHash, type KeyObject, randomUUID } from 'node:crypto';
import { AppError } from '@parley/shared';
import jwt from 'jsonwebtoken';
import { z } from 'zod';

const ALGORITHM = 'HS256';
const ISSUER = 'parley';
const audiences = { access: 'parley:access', refresh: 'parley:refresh' } as const;
export type TokenSort = keyof typeof audiences;

/** Whose token it is, and of which session. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
}

const payloadSchema = z.object({ sub: z.string(), sid: z.string() });

/** Signs a token that only `verifyToken` of the same sort takes. `jti` makes two tokens of one second differ. */
export const signToken = (
  sort: TokenSort,
  claims: TokenClaims,
  options: { readonly key: KeyObject; readonly expiresAt: Date },
): string =>
  jwt.sign({ sid: claims.sessionId, exp: Math.floor(options.expiresAt.getTime() / 1000) }, options.key, {
    algorithm: ALGORITHM,
    issuer: ISSUER,
    audience: audiences[sort],
    subject: claims.userId,
    jwtid: randomUUID(),
  });

/**
 * Reads a token back. The algorithm is pinned, or a token could choose "none". Throws TOKEN_EXPIRED, and TOKEN_INVALID
 * for everything else: forged, cut, of another sort, or with other claims than ours.
 */
export const verifyToken = (sort: TokenSort, token: string, key: KeyObject): TokenClaims => {
  try {
    const verified = jwt.verify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: audiences[sort],
    });
    const payload = payloadSchema.parse(verified);
    return { userId: payload.sub, sessionId: payload.sid };
  } catch (cause) {
    throw new AppError(cause instanceof jwt.TokenExpiredError ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID', { cause });
  }
};

/** What is stored of a refresh token: it is random enough that a fast hash hides it. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('base64url');
