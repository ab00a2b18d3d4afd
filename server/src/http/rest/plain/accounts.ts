// Owns signing up, in and out over the plain API.
import { AppError, loginInputSchema, refreshInputSchema } from '@parley/shared';
import { z } from 'zod';
import { noFields, route } from '../route.js';
import { doneBody } from './done.js';
import { emailOf, toOwnUser, userBody } from './people.js';
import { registration } from './registration.js';
import { takenIsInvalid } from './taken.js';

const CREATED = 'User account created successfully.';
const created = { success: true, status: 201, message: CREATED, msg: CREATED, Message: CREATED } as const;
const tag = 'Accounts';

const { login, password } = loginInputSchema.shape;
const { refreshToken } = refreshInputSchema.shape;
const refresh = z.object({ refresh: refreshToken });

export const accountRoutes = [
  route({
    id: 'register',
    method: 'POST',
    paths: ['/api/register/', '/api/users/register/'],
    tag,
    summary:
      'Make an account: with a username and perhaps an address, or with names, an address and confirm_password',
    procedure: 'auth.register',
    signedIn: false,
    input: registration,
    statuses: [201],
    // In the words of every client there is.
    response: z.object({
      success: z.literal(true),
      status: z.literal(201),
      message: z.string(),
      msg: z.string(),
      Message: z.string(),
      user: userBody,
      data: userBody.pick({ first_name: true, last_name: true, email: true }),
    }),
    errors: ['CONFLICT'],
    run: async ({ services, caller }, { input }) => {
      const { first_name: firstName, last_name: lastName, confirm_password: _, ...names } = input;
      const me = await takenIsInvalid(services.createAccount({ ...names, firstName, lastName }, caller));
      const user = toOwnUser(me);
      return { body: { ...created, user, data: user } };
    },
  }),
  route({
    id: 'login',
    method: 'POST',
    paths: ['/api/login/', '/api/users/login/', '/api/token/'],
    tag,
    summary: 'Sign in by e-mail address or username',
    procedure: 'auth.login',
    signedIn: false,
    input: z.object({ email: login.optional(), username: login.optional(), password }),
    response: z.object({
      refresh: z.string(),
      access: z.string(),
      ...userBody.pick({ id: true, email: true, username: true }).shape,
      name: z.string(),
    }),
    errors: ['BAD_CREDENTIALS', 'SUSPENDED'],
    run: async ({ api }, { input }) => {
      const name = input.email ?? input.username;
      if (name === undefined) throw nobody();
      const { tokens, user } = await api.auth.login({ login: name, password: input.password });
      const { id, username, firstName, lastName } = user;
      const called = `${firstName} ${lastName}`.trim() || (username ?? '');
      const pair = { refresh: tokens.refreshToken, access: tokens.accessToken };
      return { body: { ...pair, ...{ id, username, name: called }, ...emailOf(user) } };
    },
  }),
  route({
    id: 'refresh',
    method: 'POST',
    paths: ['/api/token/refresh/', '/api/login/refresh/', '/api/users/login/refresh/'],
    tag,
    summary: 'The next pair of tokens; a refresh token works once',
    procedure: 'auth.refresh',
    signedIn: false,
    input: refresh,
    response: z.object({ access: z.string(), refresh: z.string() }),
    errors: ['TOKEN_INVALID', 'SESSION_ENDED'],
    run: async ({ api }, { input }) => {
      const next = await api.auth.refresh({ refreshToken: input.refresh });
      return { body: { access: next.accessToken, refresh: next.refreshToken } };
    },
  }),
  route({
    id: 'logout',
    method: 'POST',
    paths: ['/api/logout/'],
    tag,
    summary: 'Sign out: the session that asks, and that of the refresh token, which must be one’s own',
    procedure: 'auth.logout',
    input: refresh,
    response: doneBody,
    names: { refreshToken: 'refresh' },
    run: async ({ api }, { input }) => {
      await api.auth.logout({ refreshToken: input.refresh });
      return { body: { message: 'User logged out successfully.' } };
    },
  }),
  route({
    id: 'getProtected',
    method: 'GET',
    paths: ['/api/users/protected/'],
    tag,
    summary: 'One’s own address, for whoever is signed in',
    procedure: 'auth.me',
    input: noFields,
    response: doneBody.extend(userBody.pick({ email: true }).shape),
    run: async ({ services, me }) => {
      const own = await services.me(await me());
      return { body: { message: 'You are signed in.', ...emailOf(own) } };
    },
  }),
];

const nobody = (): AppError =>
  new AppError('INVALID_INPUT', {
    details: { fields: { username: ['give a username or an e-mail address'] } },
  });
