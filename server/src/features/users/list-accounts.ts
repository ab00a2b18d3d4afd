import { type Account, type accountsListInputSchema, foldName } from '@parley/shared';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../platform/cursor.js';
import { startsWith } from '../../platform/rows.js';
import { toAccount, wordsOf } from './profile.js';
import type { UserModel } from './user.model.js';

type ListInput = z.output<typeof accountsListInputSchema>;

const LIST = 'accounts';
const place = z.tuple([z.string().max(1_000), z.string().min(1).max(64)]);
const MAX_WORDS = 5;

/** Everybody by name, for admins. */
export const listAccounts = async (
  users: UserModel,
  { search = '', role, suspended, cursor, limit }: ListInput,
): Promise<{ items: Account[]; nextCursor: string | null }> => {
  const after = cursor === undefined ? null : decodeCursor(LIST, place, cursor);
  const rows = await users
    .find({
      $and: [
        { deletedAt: null, ...(role !== undefined && { role }) },
        suspended === undefined ? {} : { suspendedAt: suspended ? { $ne: null } : null },
        ...found(search),
        after === null
          ? {}
          : { $or: [{ nameKey: { $gt: after[0] } }, { nameKey: after[0], _id: { $gt: after[1] } }] },
      ],
    })
    .sort({ nameKey: 1, _id: 1 })
    .limit(limit + 1)
    .lean();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: page.map(toAccount),
    nextCursor: hasMore ? encodeCursor(LIST, [last.nameKey, last._id]) : null,
  };
};

const found = (search: string): object[] => {
  if (search.includes('@')) return [{ emailKey: foldName(search) }];
  return wordsOf(search)
    .slice(0, MAX_WORDS)
    .map((word) => ({ searchKeys: startsWith(word) }));
};
