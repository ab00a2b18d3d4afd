// Owns what a message looks like to people, and how it is made from each of its sources.
import type { DocumentMessage, Message, MessageValue, SystemNote } from '@parley/shared';

/** `pending`: not acknowledged yet; `stored`: on the server's disk; `refused`: the server will not have it. */
export type MessageState = 'pending' | 'stored' | 'refused';

/** A message as a person sees it. */
export interface ConversationMessage {
  readonly id: string;
  /** Its number in the conversation; null until the server has told it. */
  readonly seq: number | null;
  /** The name where it is known: from history or presence. */
  readonly author: { readonly id: string; readonly name?: string };
  /** Empty for a deleted message. */
  readonly text: string;
  /** What happened, where the server says it there: the author is who did it, and there is no text. */
  readonly system: SystemNote | null;
  /** By the author's clock; never what the order goes by. */
  readonly sentAt: Date;
  readonly editedAt: Date | null;
  /** Only history knows deleted messages: one that is deleted while in the window leaves the list. */
  readonly deletedAt: Date | null;
  readonly replyTo: string | null;
  readonly mentions: readonly string[];
  /** Ids of files; `client.files.get` says what they are. */
  readonly files: readonly string[];
  /** User ids by emoji. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
  readonly state: MessageState;
  /** A change of one's own to it is on its way; what stands here is what it will be. */
  readonly isChanging: boolean;
}

/** A message before its author's name and its state are looked up. */
export type Row = Omit<ConversationMessage, 'author' | 'state' | 'isChanging'> & { readonly author: string };

export const rowOfHistory = (message: Message): Row => {
  const { id, seq, author, text, system, sentAt, editedAt, deletedAt, replyTo, mentions, files, reactions } =
    message;
  return {
    id,
    seq,
    author: author.id,
    text,
    system,
    sentAt,
    editedAt,
    deletedAt,
    replyTo,
    mentions,
    files: files.map((file) => file.id),
    reactions,
  };
};

export const rowOfWindow = (message: DocumentMessage, seq: number | null): Row => ({
  ...message,
  seq,
  sentAt: new Date(message.sentAt),
  editedAt: message.editedAt === null ? null : new Date(message.editedAt),
  deletedAt: null,
});

export const rowOfValue = (value: MessageValue): Row => ({
  id: value.id,
  seq: null,
  author: value.author,
  text: value.text,
  system: value.system ?? null,
  sentAt: new Date(value.sentAt),
  editedAt: null,
  deletedAt: null,
  replyTo: value.replyTo ?? null,
  mentions: value.mentions ?? [],
  files: value.files ?? [],
  reactions: {},
});
