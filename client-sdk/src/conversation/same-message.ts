import type { ConversationMessage } from './message.js';

/**
 * The next list out of the objects of the one before wherever they say the same, and that very list where all do: what is
 * compared by identity, as views do, then changes only where something changed.
 */
export const reuse = (
  before: readonly ConversationMessage[],
  next: readonly ConversationMessage[],
): readonly ConversationMessage[] => {
  const known = new Map(before.map((message) => [message.id, message]));
  const list = next.map((message) => {
    const earlier = known.get(message.id);
    return earlier !== undefined && isSame(earlier, message) ? earlier : message;
  });
  const isUnchanged =
    list.length === before.length && list.every((message, index) => message === before[index]);
  return isUnchanged ? before : list;
};

const isSame = (left: ConversationMessage, right: ConversationMessage): boolean =>
  left.seq === right.seq &&
  left.state === right.state &&
  left.isChanging === right.isChanging &&
  left.text === right.text &&
  left.author.id === right.author.id &&
  left.system?.type === right.system?.type &&
  left.author.name === right.author.name &&
  left.replyTo === right.replyTo &&
  timeOf(left.sentAt) === timeOf(right.sentAt) &&
  timeOf(left.editedAt) === timeOf(right.editedAt) &&
  timeOf(left.deletedAt) === timeOf(right.deletedAt) &&
  isSameList(left.mentions, right.mentions) &&
  isSameList(left.files, right.files) &&
  isSameReactions(left.reactions, right.reactions);

const timeOf = (date: Date | null): number | null => date?.getTime() ?? null;

const isSameList = (left: readonly string[], right: readonly string[]): boolean =>
  left === right || (left.length === right.length && left.every((value, index) => value === right[index]));

type Reactions = ConversationMessage['reactions'];

const isSameReactions = (left: Reactions, right: Reactions): boolean => {
  const emojis = Object.keys(left);
  return (
    emojis.length === Object.keys(right).length &&
    emojis.every((emoji) => isSameList(left[emoji] ?? [], right[emoji] ?? []))
  );
};
