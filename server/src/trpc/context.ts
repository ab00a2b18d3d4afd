import { AppError } from '@parley/shared';
import type { Logger } from '../platform/logger.js';
import type { Actor, Caller } from './actor.js';
import { type Line, requestLine } from './line.js';
import type { Streams } from './streams.js';

/** What every procedure of one HTTP request shares, the calls of a batch included; or those of one socket. */
export interface Context {
  readonly requestId: string;
  readonly log: Logger;
  readonly caller: Caller;
  readonly streams: Streams;
  readonly line: Line;
  /** Who calls, verified when first asked for. Rejects with NOT_SIGNED_IN, TOKEN_… or SESSION_ENDED. */
  actor(): Promise<Actor>;
}

export interface ContextParts extends Omit<Context, 'actor' | 'line'> {
  readonly authorization: string | undefined;
  /** Turns an access token into its owner; rejects with the AppError to answer with. */
  verify(token: string): Promise<Actor>;
}

/** Never throws: whether a caller is needed is the procedure's to say. */
export const createContext = (parts: ContextParts): Context => {
  let actor: Promise<Actor> | undefined;
  const { requestId, log, caller, streams } = parts;
  return {
    ...{ requestId, log, caller, streams, line: requestLine },
    actor: () => {
      actor ??= identify(parts);
      return actor;
    },
  };
};

const identify = async ({ authorization, verify }: ContextParts): Promise<Actor> => {
  return await verify(bearerOf(authorization));
};

/** The token that a request brings. Throws NOT_SIGNED_IN where it brings none, TOKEN_INVALID where it cannot be read. */
export const bearerOf = (authorization: string | undefined): string => {
  if (authorization === undefined || authorization.trim() === '') throw new AppError('NOT_SIGNED_IN');
  const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token === undefined) throw new AppError('TOKEN_INVALID');
  return token;
};
