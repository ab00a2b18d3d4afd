// Owns what is handed out as a link: the id of its row, signed. It can be made again from the row; nobody else can make one.
import type { KeyObject } from 'node:crypto';
import { AppError } from '@parley/shared';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { LinkRow } from './link.model.js';

const ALGORITHM = 'HS256';
const ISSUER = 'parley';

/** Signs links of one sort. No other sort of token has the audience, and this sort has no other. */
export interface LinkSigner {
  readonly key: KeyObject;
  readonly audience: string;
}

const payload = z.object({ sub: z.string() });

/** The same row is the same token, whenever it is signed. */
export const signLink = ({ _id, expiresAt }: LinkRow, { key, audience }: LinkSigner): string =>
  jwt.sign({ exp: expiresAt.getTime() / 1_000 }, key, {
    algorithm: ALGORITHM,
    issuer: ISSUER,
    audience,
    subject: _id,
    noTimestamp: true,
  });

/**
 * The id of the link. Throws EXPIRED, and INVALID_INPUT for what is no link's token: no code of the 401 family, for the caller is signed
 * in well. The algorithm is pinned, or a token could choose "none".
 */
export const readLink = (token: string, { key, audience }: LinkSigner): string => {
  try {
    const claims = jwt.verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER, audience });
    return payload.parse(claims).sub;
  } catch (cause) {
    if (cause instanceof jwt.TokenExpiredError) throw new AppError('EXPIRED', { cause });
    throw new AppError('INVALID_INPUT', { details: { fields: { token: ['is no link'] } }, cause });
  }
};
