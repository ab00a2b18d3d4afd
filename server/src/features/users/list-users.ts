import type { Profile, usersListInputSchema } from '@parley/shared';
import type { z } from 'zod';
import { encodeCursor } from '../../platform/cursor.js';
import { findByName, namePlaceOf } from './by-name.js';
import { toProfile } from './profile.js';
import type { UserModel } from './user.model.js';

/** Which of these people somebody must not see, because one of the two has blocked the other. */
export type HiddenFrom = (viewerId: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;

type ListInput = z.output<typeof usersListInputSchema>;

const LIST = 'users';
/** Rounds in which hidden people are made up for; a page may be shorter than asked for, and still not the last. */
const MAX_ROUNDS = 5;

/** People by name, without the viewer and whoever is hidden from them. */
export const listUsers = async (
  { users, hiddenFrom }: { readonly users: UserModel; readonly hiddenFrom: HiddenFrom },
  viewerId: string,
  { search = '', cursor, limit }: ListInput,
): Promise<{ items: Profile[]; nextCursor: string | null }> => {
  const items: Profile[] = [];
  let after = namePlaceOf(LIST, cursor);
  for (let round = 0; round < MAX_ROUNDS && items.length < limit; round += 1) {
    const wanted = limit - items.length;
    const rows = await findByName(users, { filter: { isListed: true }, search, after, limit: wanted + 1 });
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
