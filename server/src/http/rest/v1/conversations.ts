// Owns the routes of conversations of every kind, what is said in them, and files.
import { row } from './procedure-route.js';

const HIDDEN = ['FORBIDDEN'] as const;
const RULES = ['FORBIDDEN', 'CONFLICT'] as const;
/** What a document answers that does not take something in. */
const REFUSED = ['FORBIDDEN', 'CONFLICT', 'MESSAGE_ID_TAKEN', 'UPDATE_REFUSED'] as const;

const it = '/conversations/{conversationId}';
const message = `${it}/messages/{id}`;
const reaction = `${message}/reactions/{emoji}`;

export const conversationRows = [
  row(
    'POST',
    '/conversations/direct',
    'conversations.start',
    'The conversation with somebody, made where there is none',
    {
      errors: ['NOT_FOUND', ...RULES],
    },
  ),
  row('GET', '/conversations', 'conversations.list', 'Own conversations, the newest activity first'),
  row('GET', it, 'conversations.get', 'A conversation', { errors: HIDDEN }),
  row('DELETE', it, 'conversations.delete', 'Delete a conversation for oneself', { errors: RULES }),
  row('GET', `${it}/participants`, 'conversations.participants', 'Who is in it, and how far each has read', {
    errors: HIDDEN,
  }),
  row('POST', `${it}/read`, 'conversations.markRead', 'Say how far one has read', { errors: HIDDEN }),
  row('PUT', `${it}/mute`, 'conversations.mute', 'No notifications until then', { errors: RULES }),
  row('PUT', `${it}/pin`, 'conversations.pin', 'Pin it, or no longer', { errors: RULES }),
  row('PUT', `${it}/archive`, 'conversations.archive', 'Put it away for oneself, or take it back', {
    errors: RULES,
  }),
  row('PUT', `${it}/keep`, 'conversations.keep', 'How long one wants a direct conversation kept', {
    errors: RULES,
  }),
  row('GET', `${it}/messages`, 'messages.list', 'History, page by page in either direction', {
    errors: HIDDEN,
  }),
  row('GET', `${it}/messages/around`, 'messages.around', 'History around a message or a time', {
    errors: HIDDEN,
  }),
  row('POST', `${it}/messages`, 'messages.send', 'Say something; the same id twice is said once', {
    status: 201,
    errors: REFUSED,
  }),
  row('PATCH', message, 'messages.edit', 'Change the text of a message', { errors: REFUSED }),
  row('DELETE', message, 'messages.delete', 'Delete a message', { errors: REFUSED }),
  row('PUT', reaction, 'messages.react', 'React to a message', { errors: REFUSED }),
  row('DELETE', reaction, 'messages.unreact', 'Take a reaction back', { errors: REFUSED }),
  row('GET', '/messages/search', 'messages.search', 'Messages with all of those words', {
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  }),
  row('POST', '/files', 'files.ticket', 'A path that takes the bytes of a file once, by PUT', {
    status: 201,
    errors: [...RULES, 'NOT_FOUND'],
  }),
  row('GET', '/files/{fileId}', 'files.get', 'What is known of a file, and where its bytes are', {
    errors: ['FORBIDDEN', 'EXPIRED'],
  }),
  row('DELETE', '/files/{fileId}', 'files.delete', 'Delete a file that is in no message', { errors: RULES }),
  row('GET', `${it}/files`, 'files.list', 'Files of a conversation, the newest first', { errors: HIDDEN }),
  row('GET', '/me/files', 'files.usage', 'How much of the quota is used'),
];
