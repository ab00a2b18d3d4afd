// Owns the routes for admins of the whole server.
import { row } from './procedure-route.js';

const ONLY_ADMINS = ['FORBIDDEN'] as const;
const RULES = ['FORBIDDEN', 'CONFLICT'] as const;

export const adminRows = [
  row('GET', '/admin/users', 'admin.users.list', 'Accounts', { errors: ONLY_ADMINS }),
  row('POST', '/admin/users/{userId}/suspend', 'admin.users.suspend', 'Shut an account', { errors: RULES }),
  row('POST', '/admin/users/{userId}/restore', 'admin.users.restore', 'Open it again', { errors: RULES }),
  row(
    'PUT',
    '/admin/users/{userId}/role',
    'admin.users.setRole',
    'Make somebody an admin of the server, or no longer',
    { errors: RULES },
  ),
  row('POST', '/admin/users/{userId}/sign-out', 'admin.sessions.revoke', 'Sign somebody out everywhere', {
    errors: RULES,
  }),
  row('GET', '/admin/stats', 'admin.stats', 'How much there is', { errors: ONLY_ADMINS }),
  row('GET', '/admin/audit', 'admin.audit', 'What admins did', { errors: ONLY_ADMINS }),
];
