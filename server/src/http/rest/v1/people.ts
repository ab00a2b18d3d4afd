// Owns the routes of how people stand to each other: friends, who is here, what concerns one.
import { row } from './procedure-route.js';

const STANDING = ['CONFLICT'] as const;

export const peopleRows = [
  row('GET', '/friends', 'friends.list', 'Friends, requests, and whom one has blocked'),
  row('GET', '/friends/suggestions', 'friends.suggestions', 'People one may know, and why'),
  row('POST', '/friends/{userId}/request', 'friends.request', 'Ask to be friends', { errors: STANDING }),
  row('POST', '/friends/{userId}/accept', 'friends.accept', 'Accept a request', { errors: STANDING }),
  row('POST', '/friends/{userId}/decline', 'friends.decline', 'Decline a request', { errors: STANDING }),
  row('POST', '/friends/{userId}/cancel', 'friends.cancel', 'Take a request back', { errors: STANDING }),
  row('DELETE', '/friends/{userId}', 'friends.remove', 'End a friendship', { errors: STANDING }),
  row('POST', '/friends/{userId}/block', 'friends.block', 'Block somebody', { errors: STANDING }),
  row('POST', '/friends/{userId}/unblock', 'friends.unblock', 'Block somebody no longer', {
    errors: STANDING,
  }),
  row('GET', '/presence', 'presence.get', 'Whether people are here'),
  row('GET', '/presence/online', 'presence.online', 'Who is here'),
  row('GET', '/me/status', 'presence.status', 'How one is seen while one is here'),
  row('PUT', '/me/status', 'presence.setStatus', 'Set how one is seen'),
  row('GET', '/notifications', 'notifications.list', 'What concerns one, the newest first'),
  row('GET', '/notifications/unread', 'notifications.unread', 'How many are unread'),
  row('POST', '/notifications/read', 'notifications.markRead', 'Mark some as read, or all up to one'),
  row('GET', '/notifications/preferences', 'notifications.preferences', 'Which kinds one hears of'),
  row('PATCH', '/notifications/preferences', 'notifications.setPreferences', 'Set which kinds one hears of'),
];
