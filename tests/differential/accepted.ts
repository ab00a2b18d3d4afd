import type { Difference } from './compare.js';

/** A difference from every witness that asked which is right by MongoDB's manual. */
export interface AcceptedDifference {
  readonly name: string;
  /** What the manual says, in our own words, or which fault of the witness this is. */
  readonly why: string;
  readonly covers: (difference: Difference) => boolean;
}

export const ACCEPTED: readonly AcceptedDifference[] = [];
