import type { BsonObject } from '../bson/values.js';

/** One field of an index, its path already split. */
export interface IndexField {
  readonly path: string;
  readonly segments: readonly string[];
  readonly descending: boolean;
}

/**
 * An index as the planner and the writer see it. `multikey` and `truncated` only ever turn true, in the commit that
 * stores the first such key; `ready` turns true once the build is durable, and until then only writers may use it.
 */
export interface IndexDefinition {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly keyPattern: BsonObject;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly partialFilter: BsonObject | undefined;
  readonly isInPartialFilter: ((document: BsonObject) => boolean) | undefined;
  expireAfterSeconds: number | undefined;
  /** The specification as `listIndexes` reports it. */
  spec: BsonObject;
  multikey: boolean;
  truncated: boolean;
  ready: boolean;
}

/** The name of the index every collection has. */
export const ID_INDEX_NAME = '_id_';
