// What procedures about conversations and history take, and must not.
import { ID, longId, type Row, wrongPage } from './bad-input-row.js';

const ofConversation = {
  valid: { conversationId: ID },
  required: ['conversationId'],
  wrong: [['conversationId', ...longId]],
} as const;

export const talk: Readonly<Record<string, Row>> = {
  'conversations.get': { type: 'query', ...ofConversation },
  'conversations.delete': { type: 'mutation', ...ofConversation },
  'conversations.participants': {
    type: 'query',
    valid: { conversationId: ID, role: 'owner', cursor: 'x', limit: 1 },
    required: ['conversationId'],
    wrong: [...wrongPage, ['role', 'no role', 'king']],
  },
  'conversations.mute': {
    type: 'mutation',
    valid: { conversationId: ID, until: new Date() },
    required: ['conversationId', 'until'],
    nullable: ['until'],
    wrong: [['until', 'no date', 'tomorrow']],
  },
  'conversations.pin': {
    type: 'mutation',
    valid: { conversationId: ID, pinned: true },
    required: ['conversationId', 'pinned'],
    wrong: [['pinned', 'a word', 'yes']],
  },
  'conversations.archive': {
    type: 'mutation',
    valid: { conversationId: ID, archived: true },
    required: ['conversationId', 'archived'],
    wrong: [['archived', 'a number', 1]],
  },
  'conversations.keep': {
    type: 'mutation',
    valid: { conversationId: ID, days: 7 },
    required: ['conversationId', 'days'],
    nullable: ['days'],
    wrong: [
      ['days', 'no day', 0],
      ['days', 'half a day', 0.5],
      ['days', 'for ever and a day', 3_651],
    ],
  },
  'messages.around': {
    type: 'query',
    valid: { conversationId: ID, id: ID, limit: 1 },
    required: ['conversationId'],
    wrong: [
      ...wrongPage.filter(([field]) => field === 'limit'),
      ['id', 'no message id', 'x'],
      ['at', 'no date', 'yesterday'],
      ['id', 'neither this nor a time', undefined],
    ],
  },
  'messages.search': {
    type: 'query',
    valid: {
      text: 'word',
      conversationId: ID,
      authorId: ID,
      after: new Date(0),
      before: new Date(),
      hasFile: true,
      cursor: 'x',
      limit: 1,
    },
    required: ['text'],
    wrong: [
      ...wrongPage,
      ['text', 'too long', 'x'.repeat(101)],
      ['text', 'no word', '?!'],
      ['text', 'control characters', 'a\u0000b'],
      ['authorId', ...longId],
      ['after', 'no date', 5],
      ['before', 'no date', {}],
      ['hasFile', 'a word', 'yes'],
    ],
  },
};
