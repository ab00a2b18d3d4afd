import type { Document } from 'mongodb';
import type { Outcome } from './outcome.js';
import type { Server } from './servers.js';

/** The collection every operation works on. */
export const SUBJECT = 'subject';

/** One operation on a small collection, and how to tell what came of it. */
export interface Operation {
  /** What stands in the collection before. */
  readonly documents: readonly Document[];
  readonly indexes?: readonly Document[];
  /** The command; its collection is always `subject`. */
  readonly command: Document;
  /** It changes nothing, so operations on the same documents need them put there only once. */
  readonly reads?: boolean;
  /** Runs the command and says what came of it, replies and contents alike. */
  readonly observe: (server: Server, command: Document) => Promise<string>;
  /** The documents, each in canonical form and sorted, that the collection holds afterwards by what was observed. */
  readonly contents?: (observed: string) => readonly string[];
}

/** A difference, as the report shows it and as the accepted ones look at it. */
export interface Difference {
  readonly operation: Operation;
  readonly witness: string;
  readonly store: Outcome;
  readonly other: Outcome;
}
