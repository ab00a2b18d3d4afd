import type { Message, MessageFile, Person } from '@parley/shared';
import { together } from '../../platform/together.js';
import type { NewestMessages } from '../conversations/index.js';
import type { UsersService } from '../users/index.js';
import type { MessageModel, MessageRow, ReactionRow } from './message.model.js';
import { seqAt } from './seq-at.js';

/** History as clients see it, with the names of its authors. */
export interface MessageReader extends NewestMessages {
  /** Messages of a conversation after one number, up to and including another, so many at most. Whoever asks may see them. */
  stretch(conversationId: string, stretch: Stretch): Promise<Message[]>;
  /** The highest number in a conversation; 0 where there is none. */
  newestSeq(conversationId: string): Promise<number>;
  /** The number of the last message of a conversation that came before that time; 0 where there is none. */
  seqBefore(conversationId: string, at: Date): Promise<number>;
  byIds(ids: readonly string[]): Promise<ReadonlyMap<string, Message>>;
  /** Rows as messages in the same order; the names come in one query. */
  toMessages(rows: readonly MessageRow[]): Promise<Message[]>;
}

export interface Stretch {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
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
  const newestSeq = together((conversationIds: readonly string[]) => newestSeqs(messages, conversationIds));
  return {
    toMessages,
    stretch: async (conversation, { after, upTo, limit }) =>
      await toMessages(
        await messages
          .find({ conversation, seq: { $gt: after, $lte: upTo } })
          .sort({ seq: 1 })
          .limit(limit)
          .lean<MessageRow[]>(),
      ),
    newestSeq: async (conversationId) => (await newestSeq(conversationId)) ?? 0,
    seqBefore: async (conversationId, at) => (await seqAt(messages, conversationId, at)) - 1,
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

/** Those who ask at the same moment share the answers. */
const newestSeqs = async (
  messages: MessageModel,
  conversationIds: readonly string[],
): Promise<(number | null)[]> => {
  const found = await Promise.all(
    [...new Set(conversationIds)].map(async (conversation) => {
      const newest = await messages.findOne({ conversation }).sort({ seq: -1 }).select({ seq: 1 }).lean();
      return [conversation, newest?.seq ?? null] as const;
    }),
  );
  const seqs = new Map(found);
  return conversationIds.map((id) => seqs.get(id) ?? null);
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
