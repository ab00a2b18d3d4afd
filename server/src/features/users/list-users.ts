import type { Profile, usersListInputSchema } from '@parley/shared';
import type { z } from 'zod';
import { fillPage } from '../../platform/cursor.js';
import { findByName, type NamePlace, namePlaceOf } from './by-name.js';
import { toProfile } from './profile.js';
import type { UserModel } from './user.model.js';

/** Which of these people somebody must not see, because one of the two has blocked the other. */
export type HiddenFrom = (viewerId: string, ids: readonly string[]) => Promise<ReadonlySet<string>>;

type ListInput = z.output<typeof usersListInputSchema>;

const LIST = 'users';

/** People by name, without the viewer and whoever is hidden from them. */
export const listUsers = async (
  { users, hiddenFrom }: { readonly users: UserModel; readonly hiddenFrom: HiddenFrom },
  viewerId: string,
  { search = '', cursor, limit }: ListInput,
): Promise<{ items: Profile[]; nextCursor: string | null }> =>
  fillPage({
    list: LIST,
    limit,
    after: namePlaceOf(LIST, cursor),
    read: (after, count) => findByName(users, { filter: { isListed: true }, search, after, limit: count }),
    placeOf: ({ nameKey, _id }): NamePlace => [nameKey, _id],
    show: async (rows) => {
      const ids = rows.map(({ _id }) => _id);
      const hidden = await hiddenFrom(viewerId, ids);
      return rows.filter(({ _id }) => _id !== viewerId && !hidden.has(_id)).map(toProfile);
    },
  });
