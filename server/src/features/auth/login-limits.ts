import { AppError, foldName } from '@parley/shared';
import { Limiter } from '../../platform/limiter.js';

/** Slows down guessing: many passwords for one account, or many accounts from one address. */
export interface LoginLimits {
  /** Counts a try before it is judged, so that tries made side by side count too. Throws TOO_MANY_REQUESTS. */
  countLogin(login: string, address: string): void;
  /** The try was right: it does not count against the account. */
  forgive(login: string, address: string): void;
  /** Counts a letter asked for, or (null) a token tried. Throws TOO_MANY_REQUESTS. */
  countReset(email: string | null, address: string): void;
  /** Counts a new account. Throws TOO_MANY_REQUESTS. */
  countRegistration(address: string): void;
}

const MAX_KEYS = 50_000;

/**
 * An account has a tight limit from each address and a wide one from all together: one stranger's guesses must not keep
 * the owner out, who comes from somewhere else.
 */
export const createLoginLimits = (): LoginLimits => {
  const perAccountAndAddress = new Limiter({ burst: 10, refillMs: 30_000, maxKeys: MAX_KEYS });
  const perAccount = new Limiter({ burst: 100, refillMs: 5_000, maxKeys: MAX_KEYS });
  const perAddress = new Limiter({ burst: 60, refillMs: 2_000, maxKeys: MAX_KEYS });
  const registrations = new Limiter({ burst: 60, refillMs: 10_000, maxKeys: MAX_KEYS });
  const letters = new Limiter({ burst: 3, refillMs: 600_000, maxKeys: MAX_KEYS });
  const resets = new Limiter({ burst: 30, refillMs: 20_000, maxKeys: MAX_KEYS });
  return {
    countReset: (email, address) => {
      refuseAfter(resets.take(address));
      if (email !== null) refuseAfter(letters.take(foldName(email)));
    },
    countLogin: (login, address) => {
      refuseAfter(perAddress.take(address));
      refuseAfter(perAccountAndAddress.take(pairKey(login, address)));
      refuseAfter(perAccount.take(foldName(login)));
    },
    forgive: (login, address) => {
      perAccountAndAddress.giveBack(pairKey(login, address));
      perAccount.giveBack(foldName(login));
    },
    countRegistration: (address) => refuseAfter(registrations.take(address)),
  };
};

const pairKey = (login: string, address: string): string => `${address} ${foldName(login)}`;

/** For load tests and test servers. */
export const noLoginLimits: LoginLimits = {
  countReset: () => undefined,
  countLogin: () => undefined,
  forgive: () => undefined,
  countRegistration: () => undefined,
};

const refuseAfter = (retryAfterSeconds: number): void => {
  if (retryAfterSeconds > 0) throw new AppError('TOO_MANY_REQUESTS', { details: { retryAfterSeconds } });
};
