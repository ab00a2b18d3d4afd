import type { Collation } from '../../bson/collation.js';
import type { BsonObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';

/** What an update may have to know beside the document. */
export interface UpdateContext {
  /** The filter that found the document, for `$`. */
  readonly filter: BsonObject;
  /** The document is about to be inserted by an upsert. */
  readonly inserting: boolean;
}

/** What the meaning of an update depends on besides itself. */
export interface UpdateRules {
  readonly collation?: Collation | undefined;
  /** Variables of a `let`, for the expressions of a pipeline. */
  readonly variables?: BsonObject | undefined;
}

/** Computes the new version of a document, leaving the old one untouched. */
export type Updater = (document: BsonObject, context: UpdateContext) => BsonObject;

/** Every kind of update refuses to change `_id`. */
export function immutableId(): StoreError {
  return new StoreError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}
