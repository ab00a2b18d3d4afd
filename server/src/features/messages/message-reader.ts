import type { Message, MessageFile, Person } from '@parley/shared';
import type { NewestMessages } from '../conversations/index.js';
import type { UsersService } from '../users/index.js';
import type { MessageModel, MessageRow, ReactionRow } from './message.model.js';

/** History as clients see it, with the names of its authors. */
export interface MessageReader extends NewestMessages {
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, Message>>;
  /** Rows as messages in the same order; the names come in one query. */
  toMessages(rows: readonly MessageRow[]): Promise<Message[]>;
}

export interface MessageReaderParts {
  readonly messages: MessageModel;
  readonly users: UsersService;
  /** What is to be said of files; nothing of those that are gone without a trace. */
  readonly showFiles: (fileIds: readonly string[]) => Promise<ReadonlyMap<string, MessageFile>>;
}

export const createMessageReader = ({ messages, users, showFiles }: MessageReaderParts): MessageReader => {
  const toMessages = async (rows: readonly MessageRow[]): Promise<Message[]> => {
    const fileIds = rows.flatMap((row) => row.files);
    const [people, files] = await Promise.all([
      users.people(rows.map((row) => row.author)),
      fileIds.length === 0 ? noFiles : showFiles(fileIds),
    ]);
    return rows.map((row) => toMessage(row, people, files));
  };
  return {
    toMessages,
    byIds: async (ids) => {
      if (ids.length === 0) return new Map();
      const found = await toMessages(await messages.find({ _id: { $in: [...ids] } }).lean());
      return new Map(found.map((message) => [message.id, message]));
    },
    newestOf: async (conversations, perConversation) => {
      const stretches = conversations
        .filter(({ messageCount }) => messageCount > 0)
        .map(({ _id, messageCount }) => ({
          ...{ conversation: _id, seq: { $gt: messageCount - perConversation } },
        }));
      if (stretches.length === 0 || perConversation === 0) return new Map();
      const rows = await messages.find({ $or: stretches }).lean<MessageRow[]>();
      const newest = new Map<string, Message[]>();
      for (const message of await toMessages(rows.sort((left, right) => left.seq - right.seq))) {
        const { conversationId } = message;
        newest.set(conversationId, [...(newest.get(conversationId) ?? []), message].slice(-perConversation));
      }
      return newest;
    },
  };
};

const noFiles: ReadonlyMap<string, MessageFile> = new Map();

const goneFile = (id: string): MessageFile => ({
  ...{ id, name: '', size: 0, type: 'application/octet-stream', image: null, gone: true },
});

const toMessage = (
  row: MessageRow,
  people: ReadonlyMap<string, Person>,
  files: ReadonlyMap<string, MessageFile>,
): Message => ({
  id: row._id,
  conversationId: row.conversation,
  seq: row.seq,
  author: people.get(row.author) ?? { id: row.author, username: null, name: '' },
  text: row.text,
  system: row.system,
  replyTo: row.replyTo,
  mentions: row.mentions,
  files: row.files.map((id) => files.get(id) ?? goneFile(id)),
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
