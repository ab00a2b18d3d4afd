// Owns the routes of accounts: signing in, oneself, and other people.
import { row } from './procedure-route.js';

const TAKEN = ['CONFLICT'] as const;

export const accountRows = [
  row('POST', '/auth/register', 'auth.register', 'Make an account, and sign in', {
    open: true,
    status: 201,
    errors: TAKEN,
  }),
  row('POST', '/auth/login', 'auth.login', 'Sign in by username or e-mail address', {
    open: true,
    errors: ['BAD_CREDENTIALS', 'SUSPENDED'],
  }),
  row('POST', '/auth/refresh', 'auth.refresh', 'Use a refresh token, once, for the next pair', {
    open: true,
    errors: ['TOKEN_INVALID', 'SESSION_ENDED', 'SUSPENDED'],
  }),
  row('POST', '/auth/logout', 'auth.logout', 'End this session'),
  row('POST', '/auth/logout-everywhere', 'auth.logoutEverywhere', 'End all sessions, or all others'),
  row('POST', '/auth/change-password', 'auth.changePassword', 'Change the password; other sessions end', {
    errors: ['FORBIDDEN'],
  }),
  row('POST', '/auth/request-password-reset', 'auth.requestPasswordReset', 'Ask for a letter with a token', {
    open: true,
  }),
  row('POST', '/auth/reset-password', 'auth.resetPassword', 'Set a new password with that token', {
    open: true,
    errors: ['TOKEN_INVALID', 'EXPIRED'],
  }),
  row('GET', '/me', 'auth.me', 'Who one is, where one is, and what is unread'),
  row('PATCH', '/me', 'users.update', 'Change what is given of the profile', { errors: TAKEN }),
  row('PUT', '/me', 'users.replace', 'Set the whole profile anew', { errors: TAKEN }),
  row('DELETE', '/me', 'users.delete', 'Delete the account', {
    from: 'body',
    errors: ['FORBIDDEN', 'CONFLICT'],
  }),
  row('GET', '/me/export', 'users.export', 'All that is kept of oneself, page by page'),
  row('GET', '/me/sessions', 'auth.sessions', 'Where one is signed in'),
  row('DELETE', '/me/sessions/{sessionId}', 'auth.revokeSession', 'Sign a device out'),
  row('GET', '/users', 'users.list', 'People, oneself left out'),
  row('GET', '/users/{userId}', 'users.get', 'A person'),
];
