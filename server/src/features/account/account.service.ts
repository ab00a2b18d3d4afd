// Owns what concerns an account as a whole, across all features: its end, and taking everything of it along.
import { AppError, type ExportPage } from '@parley/shared';
import type { Logger } from '../../platform/logger.js';
import type { Actor, Caller } from '../../trpc/index.js';
import type { UsersService } from '../users/index.js';
import { type ExportParts, exportPage } from './export.js';

export interface AccountParts extends ExportParts {
  readonly users: UsersService;
  readonly log: Logger;
  /** Undoes whatever ties a deleted person to others, feature by feature; each may be repeated. */
  readonly farewells: readonly ((userId: string) => Promise<unknown>)[];
}

export interface AccountService {
  /** Deletes the actor's account for good. FORBIDDEN on `password`, where one is given; CONFLICT for the last admin, TOO_MANY_REQUESTS. */
  delete(
    from: { readonly actor: Actor; readonly caller: Caller },
    password: string | undefined,
  ): Promise<void>;
  /** A page of everything that is kept of the actor; see export.ts. */
  export(actor: Actor, cursor: string | undefined): Promise<ExportPage>;
  /** Finishes what an earlier run began. */
  finishDeletions(): Promise<void>;
}

export const createAccountService = (parts: AccountParts): AccountService => {
  const { users, auth } = parts;
  return {
    delete: async (from, password) => {
      if (password !== undefined) await auth.confirmPassword(from, password);
      if (!(await users.beginDeletion(from.actor.userId))) throw new AppError('SESSION_ENDED');
      await sayFarewell(parts, from.actor.userId);
    },
    export: (actor, cursor) => exportPage(parts, actor, cursor),
    finishDeletions: async () => {
      for (const userId of await users.leaving()) {
        parts.log.info({ user: userId }, 'finishing the deletion of an account');
        await sayFarewell(parts, userId);
      }
    },
  };
};

const sayFarewell = async ({ users, farewells }: AccountParts, userId: string): Promise<void> => {
  for (const farewell of farewells) await farewell(userId);
  await users.finishDeletion(userId);
};
