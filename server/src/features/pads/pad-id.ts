// The id of a pad names the place that rules it, so that nobody has to be asked for that.
import { newId } from '@parley/shared';

/** Whose a pad is: who is in there may see it, and what they may do there says what they may do with it. */
export interface PadPlace {
  readonly kind: 'conversation' | 'project';
  readonly id: string;
}

const FORM = /^pad_(p_)?([^_]+)_[0-9A-Z]{26}$/;

/** A new id; of one place they sort by the time of making. */
export const newPadId = ({ kind, id }: PadPlace): string =>
  `pad_${kind === 'project' ? 'p_' : ''}${id}_${newId()}`;

/** The place whose pad has the id; null for what is no pad's id. */
export const placeOfPad = (padId: string): PadPlace | null => {
  const [, mark, id] = FORM.exec(padId) ?? [];
  if (id === undefined) return null;
  return { kind: mark === undefined ? 'conversation' : 'project', id };
};
