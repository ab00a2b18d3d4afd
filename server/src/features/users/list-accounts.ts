import { type Account, type accountsListInputSchema, foldName } from '@parley/shared';
import type { z } from 'zod';
import { cutPage } from '../../platform/cursor.js';
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
  const found = await findByName(users, { filter, search: isAddress ? '' : search, after, limit: limit + 1 });
  const { rows, nextCursor } = cutPage(LIST, found, limit, (last) => [last.nameKey, last._id]);
  return { items: rows.map(toAccount), nextCursor };
};
