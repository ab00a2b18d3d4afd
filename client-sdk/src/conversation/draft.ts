import { CONVERSATION_MODEL, type MessageValue, messageValueSchema } from '@parley/shared';
import { invalidInput } from '../api/errors.js';

/** What to say beside the text. */
export interface SendOptions {
  /** Id of the message that this one answers. */
  readonly replyTo?: string;
  /** User ids. */
  readonly mentions?: readonly string[];
  /** Ids of files that were put up for this conversation; with one there need be no text. */
  readonly files?: readonly string[];
}

/** What somebody wanted to say. */
export interface Draft extends SendOptions {
  readonly text: string;
}

/** Who says it, under which id and when (ms since 1970). */
export interface Envelope {
  readonly id: string;
  readonly author: string;
  readonly sentAt: number;
}

/** The draft as the message it becomes. Throws INVALID_INPUT with the fields at fault. */
export const messageOf = (
  { text, replyTo, mentions = [], files = [] }: Draft,
  envelope: Envelope,
): MessageValue => {
  const parsed = messageValueSchema.safeParse({
    v: CONVERSATION_MODEL,
    type: 'message',
    ...envelope,
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(mentions.length === 0 ? {} : { mentions: [...mentions] }),
    ...(files.length === 0 ? {} : { files: [...files] }),
  });
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error.issues);
};

/** The draft a message was made of. */
export const draftOf = ({ text, replyTo, mentions, files }: MessageValue): Draft => ({
  text,
  ...(replyTo === undefined ? {} : { replyTo }),
  ...(mentions === undefined ? {} : { mentions }),
  ...(files === undefined ? {} : { files }),
});
