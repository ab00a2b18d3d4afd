// Owns how people are told by the plain API.
import type { Me, Person, Profile } from '@parley/shared';
import { z } from 'zod';

export const personBody = z.object({ id: z.string(), username: z.string().nullable() });

export const toPerson = ({ id, username }: Person): z.input<typeof personBody> => ({ id, username });

/** Somebody's account. The address is told to its owner alone, and is not there where they have none. */
export const userBody = personBody.extend({
  email: z.string().optional(),
  first_name: z.string(),
  last_name: z.string(),
  date_joined: z.date(),
});

export const toUser = (user: Profile): z.input<typeof userBody> => ({
  ...{ id: user.id, username: user.username },
  ...{ first_name: user.firstName, last_name: user.lastName, date_joined: user.createdAt },
});

export const toOwnUser = ({ email, ...me }: Me): z.input<typeof userBody> => ({
  ...{ id: me.id, username: me.username, ...emailOf({ email }) },
  ...{ first_name: me.firstName, last_name: me.lastName, date_joined: me.createdAt },
});

export const emailOf = ({ email }: Pick<Me, 'email'>): { readonly email?: string } =>
  email === null ? {} : { email };
