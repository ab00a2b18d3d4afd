import { type Account, type accountsListInputSchema, foldName } from '@parley/shared';
import type { z } from 'zod';
import { encodeCursor } from '../../platform/cursor.js';
import { findByName, namePlaceOf } from './by-name.js';
import { toAccount } from './profile.js';
import type { UserModel } from './user.model.js';

type ListInput = z.output<typeof accountsListInputSchema>;

const LIST = 'accounts';

/** Everybody by name, for admins. */
export const listAccounts = async (
  users: UserModel,
  { search = '', role, suspended, cursor, limit }: ListInput,
): Promise<{ items: Account[]; nextCursor: string | null }> => {
  const isAddress = search.includes('@');
  const filter = {
    deletedAt: null,
    ...(role !== undefined && { role }),
    ...(suspended !== undefined && { suspendedAt: suspended ? { $ne: null } : null }),
    ...(isAddress && { emailKey: foldName(search) }),
  };
  const after = namePlaceOf(LIST, cursor);
  const rows = await findByName(users, { filter, search: isAddress ? '' : search, after, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: page.map(toAccount),
    nextCursor: hasMore ? encodeCursor(LIST, [last.nameKey, last._id]) : null,
  };
};
