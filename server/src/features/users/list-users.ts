import type { Profile, usersListInputSchema } from '@parley/shared';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../platform/cursor.js';
import { startsWith } from '../../platform/rows.js';
import { toProfile, wordsOf } from './profile.js';
import type { UserModel, UserRow } from './user.model.js';

/** Which of these people somebody must not see, because one of the two has blocked the other. */
export type HiddenFrom = (viewerId: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;

type ListInput = z.output<typeof usersListInputSchema>;

const LIST = 'users';
const place = z.tuple([z.string().max(1_000), z.string().min(1).max(64)]);
/** Each word is one more condition on the same index. */
const MAX_WORDS = 5;
/** Rounds in which hidden people are made up for; a page may be shorter than asked for, and still not the last. */
const MAX_ROUNDS = 5;

/** People by name, without the viewer and whoever is hidden from them. */
export const listUsers = async (
  { users, hiddenFrom }: { readonly users: UserModel; readonly hiddenFrom: HiddenFrom },
  viewerId: string,
  { search, cursor, limit }: ListInput,
): Promise<{ items: Profile[]; nextCursor: string | null }> => {
  const words = wordsOf(search ?? '').slice(0, MAX_WORDS);
  const filter = {
    isListed: true,
    ...(words.length > 0 && { $and: words.map((word) => ({ searchKeys: startsWith(word) })) }),
  };
  const items: Profile[] = [];
  let after = cursor === undefined ? null : decodeCursor(LIST, place, cursor);
  for (let round = 0; round < MAX_ROUNDS && items.length < limit; round += 1) {
    const wanted = limit - items.length;
    const rows: UserRow[] = await users
      .find({ ...filter, ...(after !== null && afterPlace(after)) })
      .sort({ nameKey: 1, _id: 1 })
      .limit(wanted + 1)
      .lean();
    const page = rows.slice(0, wanted);
    const hidden = await hiddenFrom(
      viewerId,
      page.map(({ _id }) => _id),
    );
    items.push(...page.filter(({ _id }) => _id !== viewerId && !hidden.has(_id)).map(toProfile));
    const last = page.at(-1);
    after = rows.length > wanted && last !== undefined ? [last.nameKey, last._id] : null;
    if (after === null) break;
  }
  return { items, nextCursor: after === null ? null : encodeCursor(LIST, after) };
};

const afterPlace = ([nameKey, id]: readonly [string, string]): object => ({
  $or: [{ nameKey: { $gt: nameKey } }, { nameKey, _id: { $gt: id } }],
});
