// The id of a pad names the conversation that rules it, so that nobody has to be asked for that.
import { newId } from '@parley/shared';

/** A new id; of one conversation they sort by the time of making. */
export const newPadId = (conversationId: string): string => `pad_${conversationId}_${newId()}`;

/** The conversation whose pad has the id; null for what is no pad's id. */
export const conversationOfPad = (padId: string): string | null =>
  /^pad_([^_]+)_[0-9A-Z]{26}$/.exec(padId)?.[1] ?? null;
