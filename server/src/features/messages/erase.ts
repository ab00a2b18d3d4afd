// Owns erasing messages for good: those that a conversation keeps no longer, and all of one that is removed. First they leave the
// document and its log, then their files, then history: cut short anywhere, it is found and finished the next time.
import { inParts } from '../../platform/rows.js';
import type { ConversationModel, ConversationRow } from '../conversations/index.js';
import { conversationAudience, type Publish } from '../events/index.js';
import type { MessageModel, MessageRow } from './message.model.js';
import type { LiveConversations } from './parts.js';
import type { TermsModel } from './search/terms.model.js';
import { seqAt } from './seq-at.js';

export interface EraseParts {
  readonly conversations: ConversationModel;
  readonly messages: MessageModel;
  readonly messageTerms: TermsModel;
  readonly live: LiveConversations;
  readonly publish: Publish;
  /** Removes the files of messages; may be repeated. */
  removeFiles(messageIds: readonly string[]): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Messages that are removed in one go. */
const STRETCH = 500;

/** Erases what is older than conversations keep. One that cannot be done now holds up no other; then it rejects at the end. */
export const eraseExpired = async (parts: EraseParts, nowMs: number): Promise<void> => {
  const failures: unknown[] = [];
  const keeping = parts.conversations
    .find({ retentionDays: { $gt: 0 }, deletedAt: null })
    .select({ retentionDays: 1 })
    .lean<ConversationRow[]>();
  for await (const { _id, retentionDays } of keeping.cursor()) {
    if (retentionDays === null) continue;
    try {
      await eraseBefore(parts, _id, new Date(nowMs - retentionDays * DAY_MS));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, 'what is too old could not be erased everywhere');
};

const eraseBefore = async (parts: EraseParts, conversation: string, before: Date): Promise<void> => {
  const [oldest] = await parts.messages
    .find({ conversation })
    .sort({ seq: 1 })
    .limit(1)
    .select({ receivedAt: 1 })
    .lean<Pick<MessageRow, 'receivedAt'>[]>();
  if (oldest === undefined || oldest.receivedAt >= before) return;
  const upToSeq = (await seqAt(parts.messages, conversation, before)) - 1;
  await parts.live.perform(conversation, { type: 'erase', upToSeq });
  await parts.live.compact(conversation);
  await parts.conversations.updateOne({ _id: conversation }, { $max: { erasedSeq: upToSeq } });
  await removeRows(parts, { conversation, seq: { $lte: upToSeq } });
  const event = { type: 'conversation.erased', conversationId: conversation, upToSeq } as const;
  await parts.publish([{ event, audiences: [conversationAudience(conversation)] }]);
};

/** Everything that was said in a conversation that nobody may open any more; may be repeated. */
export const eraseAll = async (parts: EraseParts, conversation: string): Promise<void> => {
  await parts.live.remove(conversation);
  await removeRows(parts, { conversation });
};

/** The oldest first: so what is left is always the newest, and numbers go on after it. */
const removeRows = async (
  { conversations, messages, messageTerms, removeFiles }: EraseParts,
  where: { readonly conversation: string; readonly seq?: { readonly $lte: number } },
): Promise<void> => {
  for (;;) {
    const rows = await messages
      .find(where)
      .sort({ seq: 1 })
      .limit(STRETCH)
      .select({ _id: 1 })
      .lean<Pick<MessageRow, '_id'>[]>();
    if (rows.length === 0) return;
    for (const part of inParts(rows)) {
      const ids = part.map(({ _id }) => _id);
      await removeFiles(ids);
      await conversations.updateOne(
        { _id: where.conversation, lastMessage: { $in: ids } },
        { $set: { lastMessage: null } },
      );
      await messageTerms.deleteMany({ _id: { $in: ids } });
      await messages.deleteMany({ _id: { $in: ids } });
    }
  }
};
