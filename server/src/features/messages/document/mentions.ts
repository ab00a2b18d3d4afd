// Owns which mentions become part of history: none between two people of whom one has blocked the other. Blocks are looked at when
// history is written; what it holds already stays as it is.
import type { EditValue, MessageValue } from '@parley/shared';
import type { StoredChanges } from '../../../sync/index.js';
import type { Pair, Standings } from '../../friends/index.js';
import type { ConversationChange } from './changes.js';

type Batches = readonly StoredChanges<ConversationChange>[];

/** The batches without mentions that a block stands against; texts stay as written. Asks nothing where nobody is mentioned. */
export const withoutBlockedMentions = async (batches: Batches, standings: Standings): Promise<Batches> => {
  const pairs = batches.flatMap(({ changes }) => changes.flatMap(mentionsIn));
  if (pairs.length === 0) return batches;
  const standing = await standings(pairs);
  const allowed = <Value extends MessageValue | EditValue>(value: Value): Value =>
    value.mentions === undefined
      ? value
      : { ...value, mentions: value.mentions.filter((id) => standing(value.author, id) !== 'blocked') };
  const trimmed = (change: ConversationChange): ConversationChange => {
    if (change.type === 'message') return { ...change, value: allowed(change.value) };
    return change.type === 'edit' ? { ...change, value: allowed(change.value) } : change;
  };
  return batches.map((batch) => ({ ...batch, changes: batch.changes.map(trimmed) }));
};

/** Each with the author beside it. */
const mentionsIn = (change: ConversationChange): Pair[] => {
  if (change.type !== 'message' && change.type !== 'edit') return [];
  const { author, mentions = [] } = change.value;
  return mentions.map((id) => [author, id] as const);
};
