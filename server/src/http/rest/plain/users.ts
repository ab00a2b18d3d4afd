// Owns people over the plain API: who there is, and one's own account.
import {
  AppError,
  changePasswordInputSchema,
  emailSchema,
  registerInputSchema,
  usernameSchema,
  usersListInputSchema,
} from '@parley/shared';
import { z } from 'zod';
import { noFields, type RestCall, route } from '../route.js';
import { doneBody } from './done.js';
import { toOwnUser, toUser, userBody } from './people.js';
import { takenIsInvalid } from './taken.js';

const tag = 'Users';

const { search, cursor, limit } = usersListInputSchema.shape;
const { password, firstName, lastName } = registerInputSchema.shape;

const names = z.object({
  username: usernameSchema,
  email: emailSchema,
  first_name: firstName.unwrap(),
  last_name: lastName.unwrap(),
});
/** One's own password; none at all is as wrong as another. */
const given = changePasswordInputSchema.shape.currentPassword.or(z.literal('')).optional();
const passwords = { password: password.optional(), current_password: given };
const change = names.partial().extend(passwords);

const isSelf = async ({ me }: RestCall, userId: string): Promise<boolean> => (await me()).userId === userId;

/** Whoever else it is, and whether there is anybody, is not told. */
const onlySelf = async (call: RestCall, { user_id }: { readonly user_id: string }): Promise<void> => {
  if (!(await isSelf(call, user_id))) throw new AppError('FORBIDDEN');
};

const update = async (
  { services, me, caller }: RestCall,
  { first_name, last_name, password: next, current_password: current, ...names }: z.output<typeof change>,
) => {
  const changed = services.changeAccount(
    { actor: await me(), caller },
    {
      names: { ...names, firstName: first_name, lastName: last_name },
      password: next === undefined ? undefined : { current, next },
    },
  );
  return { body: toOwnUser(await takenIsInvalid(changed)) };
};

/** Of a row that changes an account. */
const changing = {
  tag,
  procedure: 'users.update',
  response: userBody,
  errors: ['FORBIDDEN', 'CONFLICT'],
  names: { newPassword: 'password' },
} as const;

export const userRoutes = [
  route({
    id: 'listUsers',
    method: 'GET',
    paths: ['/api/users/', '/api/users/list/'],
    tag,
    summary: 'People by name, without oneself',
    procedure: 'users.list',
    input: z.object({ search, cursor, limit }),
    response: z.array(userBody.omit({ email: true, date_joined: true })),
    run: async ({ api }, { input }) => {
      const { items, nextCursor } = await api.users.list(input);
      return { body: items.map(toUser), next: nextCursor };
    },
  }),
  route({
    id: 'getUser',
    method: 'GET',
    paths: ['/api/{user_id}', '/api/users/user/{user_id}/'],
    tag,
    summary: 'Somebody; oneself with the e-mail address',
    procedure: 'users.get',
    input: noFields,
    response: userBody,
    run: async (call, { params: { user_id: userId } }) => ({
      body: (await isSelf(call, userId))
        ? toOwnUser(await call.services.me(await call.me()))
        : toUser(await call.api.users.get({ userId })),
    }),
  }),
  route({
    ...changing,
    id: 'updateUser',
    method: 'PATCH',
    paths: ['/api/{user_id}/update/', '/api/users/user/{user_id}/'],
    summary: 'Change what is given of one’s own account; another password wants the current one',
    input: change,
    allow: onlySelf,
    run: (call, { input }) => update(call, input),
  }),
  route({
    ...changing,
    id: 'replaceUser',
    method: 'PUT',
    paths: ['/api/{user_id}/update/', '/api/users/user/{user_id}/'],
    summary: 'One’s own account anew; another password wants the current one',
    input: names.extend(passwords),
    allow: onlySelf,
    run: (call, { input }) => update(call, input),
  }),
  route({
    ...changing,
    id: 'updateOwnNames',
    method: 'PUT',
    paths: ['/api/users/user/update/'],
    summary: 'One’s own username and e-mail address anew',
    input: names.pick({ username: true, email: true }),
    run: (call, { input }) => update(call, input),
  }),
  route({
    id: 'deleteUser',
    method: 'DELETE',
    paths: ['/api/{user_id}/delete/', '/api/users/user/{user_id}/'],
    tag,
    summary: 'Delete one’s own account for good; a password that is given must be right',
    procedure: 'users.delete',
    input: z.object({ password: given }),
    response: doneBody,
    errors: ['FORBIDDEN', 'CONFLICT'],
    allow: onlySelf,
    run: async ({ services, me, caller }, { input }) => {
      await services.deleteAccount({ actor: await me(), caller }, input.password);
      return { body: { message: 'User deleted successfully.' } };
    },
  }),
];
