// Owns that whoever loses an e-mail address of their account hears of it there. Does not own sending: letters go through a port.
import { AppError } from '@parley/shared';
import type { Letter } from '../../mail/index.js';
import { Limiter } from '../../platform/limiter.js';
import type { Caller } from '../../trpc/index.js';
import type { UserRow } from './user.model.js';

export interface OldAddressesParts {
  /** Sends it in the background. */
  sendLetter(letter: Letter): void;
  readonly rateLimits: boolean;
}

export interface OldAddresses {
  /** Counts a change before it is made. Throws TOO_MANY_REQUESTS: nobody is to send letters to strangers by taking their addresses. */
  count(userId: string): void;
  /** Tells the address that an account had `before`. */
  tell(
    before: UserRow & { readonly email: string },
    now: { readonly hasEmail: boolean; readonly caller: Caller },
  ): void;
}

const CHANGES = { burst: 5, refillMs: 3_600_000, maxKeys: 50_000 };

export const createOldAddresses = ({ sendLetter, rateLimits }: OldAddressesParts): OldAddresses => {
  const changes = rateLimits ? new Limiter(CHANGES) : null;
  return {
    count: (userId) => {
      const retryAfterSeconds = changes?.take(userId) ?? 0;
      if (retryAfterSeconds > 0) throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds } });
    },
    tell: (before, { hasEmail, caller }) =>
      sendLetter(addressLetter(before, { hasEmail, caller, at: new Date() })),
  };
};

/**
 * Names the account by its username alone, and never the new address: what else somebody calls themself is up to them, and this
 * goes to whatever address they had.
 */
const addressLetter = (
  { email, username }: UserRow & { readonly email: string },
  { hasEmail, caller, at }: { readonly hasEmail: boolean; readonly caller: Caller; readonly at: Date },
): Letter => ({
  to: email,
  subject: 'The e-mail address of your account has changed',
  text: [
    username === undefined ? 'This is about your account.' : `This is about your account ${username}.`,
    '',
    hasEmail
      ? `Its e-mail address was ${email} until now; it has another one.`
      : `Its e-mail address was ${email} until now; it has none any more.`,
    `This was done on ${timeOf(at)} by somebody who was signed in, from the network address ${caller.address}.`,
    '',
    'If it was you, there is nothing to do.',
    '',
    'If it was not you, somebody else is signed in as you. Sign in with your username, put your address back and choose',
    'a new password: that signs out every other device. If you cannot sign in any more, ask an admin of this server for help.',
    '',
  ].join('\n'),
});

/** 2026-01-31 13:05 UTC */
const timeOf = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
