// Owns what lets somebody put or fetch bytes without anything else: the id of a file and what for, signed, for a while.
import type { KeyObject } from 'node:crypto';
import { AppError } from '@parley/shared';
import jwt from 'jsonwebtoken';
import { z } from 'zod';

const ALGORITHM = 'HS256';
const ISSUER = 'parley';
/** No other sorts of token have these. */
const AUDIENCES = { upload: 'parley:file-upload', download: 'parley:file-download' } as const;

type Purpose = keyof typeof AUDIENCES;

const payload = z.object({ sub: z.string() });

export const signFile = (
  fileId: string,
  {
    purpose,
    expiresAt,
    key,
  }: { readonly purpose: Purpose; readonly expiresAt: Date; readonly key: KeyObject },
): string =>
  jwt.sign({ exp: Math.ceil(expiresAt.getTime() / 1_000) }, key, {
    algorithm: ALGORITHM,
    issuer: ISSUER,
    audience: AUDIENCES[purpose],
    subject: fileId,
    noTimestamp: true,
  });

/** The id of the file. Throws EXPIRED, and TOKEN_INVALID for what is no such token. The algorithm is pinned, or a token could choose "none". */
export const readFileToken = (
  token: string,
  { purpose, key }: { readonly purpose: Purpose; readonly key: KeyObject },
): string => {
  try {
    const audience = AUDIENCES[purpose];
    return payload.parse(jwt.verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER, audience })).sub;
  } catch (cause) {
    throw new AppError(cause instanceof jwt.TokenExpiredError ? 'EXPIRED' : 'TOKEN_INVALID', { cause });
  }
};
