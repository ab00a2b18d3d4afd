import type { Message, Person } from '@parley/shared';
import type { UsersService } from '../users/index.js';
import type { MessageModel, MessageRow, ReactionRow } from './message.model.js';

/** History as clients see it, with the names of its authors. */
export interface MessageReader {
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, Message>>;
  /** Rows as messages in the same order; the names come in one query. */
  toMessages(rows: readonly MessageRow[]): Promise<Message[]>;
}

export const createMessageReader = (messages: MessageModel, users: UsersService): MessageReader => {
  const toMessages = async (rows: readonly MessageRow[]): Promise<Message[]> => {
    const people = await users.people(rows.map((row) => row.author));
    return rows.map((row) => toMessage(row, people));
  };
  return {
    toMessages,
    byIds: async (ids) => {
      if (ids.length === 0) return new Map();
      const found = await toMessages(await messages.find({ _id: { $in: [...ids] } }).lean());
      return new Map(found.map((message) => [message.id, message]));
    },
  };
};

const toMessage = (row: MessageRow, people: ReadonlyMap<string, Person>): Message => ({
  id: row._id,
  conversationId: row.conversation,
  seq: row.seq,
  author: people.get(row.author) ?? { id: row.author, username: null, name: '' },
  text: row.text,
  system: row.system,
  replyTo: row.replyTo,
  mentions: row.mentions,
  files: row.files,
  reactions: byEmoji(row.reactions),
  sentAt: row.sentAt,
  receivedAt: row.receivedAt,
  editedAt: row.editedAt,
  deletedAt: row.deletedAt,
});

const byEmoji = (reactions: readonly ReactionRow[]): Record<string, string[]> => {
  const users = new Map<string, string[]>();
  for (const { emoji, user } of reactions) {
    users.set(emoji, [...(users.get(emoji) ?? []), user]);
  }
  return Object.fromEntries(users);
};
