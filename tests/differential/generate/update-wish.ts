import type { Document } from 'mongodb';

/** What an update wants done, as far as its three ways to say so go. */
export interface UpdateWish {
  readonly q: Document;
  readonly u: Document;
  readonly arrayFilters?: Document[];
}

/** An operator, its path and its operand; a few in a hundred are not well-formed. */
export type Operation = readonly [operator: string, path: string, operand: unknown];
