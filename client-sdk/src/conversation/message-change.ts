// Owns what a change of a stored message is: how it is written down, which change takes another's place, and what a message is
// with it. Does not own carrying it out.
import {
  type EditInput,
  editInputSchema,
  type MessageRef,
  messageRefSchema,
  type ReactionInput,
  reactionInputSchema,
} from '@parley/shared';
import { invalidInput } from '../api/errors.js';
import type { Row } from './message.js';

/** What somebody wants to become of a message; `at`, when they said so, ms since 1970. */
export type MessageChange =
  | { readonly act: 'edit'; readonly input: EditInput; readonly at: number }
  | { readonly act: 'delete'; readonly input: MessageRef; readonly at: number }
  | { readonly act: 'react' | 'unreact'; readonly input: ReactionInput; readonly at: number };

/** A change that people see already. */
export interface ShownChange {
  readonly change: MessageChange;
  /** In history; the document shows it any moment. */
  readonly isStored: boolean;
}

/** The change, if its input is one that the server takes. Throws INVALID_INPUT with the fields at fault. */
export const checkedChange = (change: MessageChange): MessageChange => {
  const { error } = schemaOf(change.act).safeParse(change.input);
  if (error !== undefined) throw invalidInput(error.issues);
  return change;
};

/** Null, where it cannot be read. */
export const changeFromStored = (stored: unknown): MessageChange | null => {
  if (typeof stored !== 'object' || stored === null) return null;
  if (!('act' in stored && 'at' in stored && 'input' in stored)) return null;
  const { act, at, input } = stored;
  if (typeof at !== 'number') return null;
  if (act === 'edit') {
    const { data } = editInputSchema.safeParse(input);
    return data === undefined ? null : { act, input: data, at };
  }
  if (act === 'delete') {
    const { data } = messageRefSchema.safeParse(input);
    return data === undefined ? null : { act, input: data, at };
  }
  if (act !== 'react' && act !== 'unreact') return null;
  const { data } = reactionInputSchema.safeParse(input);
  return data === undefined ? null : { act, input: data, at };
};

/** Of two changes of one slot only the later one counts. */
export const slotOf = (change: MessageChange): string =>
  change.act === 'react' || change.act === 'unreact'
    ? `${change.input.id} ${change.input.emoji}`
    : change.input.id;

/** The message as it will be; `userId`: whose change it is. */
export const withChange = (row: Row, change: MessageChange, userId: string): Row => {
  if (change.act === 'edit') {
    const { text, mentions = [] } = change.input;
    return { ...row, text, mentions, editedAt: new Date(change.at) };
  }
  if (change.act === 'delete') {
    if (row.deletedAt !== null) return row;
    return { ...row, text: '', mentions: [], files: [], reactions: {}, deletedAt: new Date(change.at) };
  }
  const { emoji } = change.input;
  const { [emoji]: users = [], ...others } = row.reactions;
  const isOn = users.includes(userId);
  if (isOn === (change.act === 'react')) return row;
  if (!isOn) return { ...row, reactions: { ...row.reactions, [emoji]: [...users, userId] } };
  const left = users.filter((user) => user !== userId);
  return { ...row, reactions: left.length === 0 ? others : { ...row.reactions, [emoji]: left } };
};

const schemaOf = (
  act: MessageChange['act'],
): typeof editInputSchema | typeof messageRefSchema | typeof reactionInputSchema => {
  if (act === 'edit') return editInputSchema;
  return act === 'delete' ? messageRefSchema : reactionInputSchema;
};
