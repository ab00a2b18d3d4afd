import { type Collation, parseCollation } from '../bson/collation.js';
import type { KeyField } from '../bson/key-tuples.js';
import { type BsonObject, isObject, numberOf } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { filterFields } from '../query/filter/filter-fields.js';
import { compileFilter } from '../query/filter/matcher.js';

/**
 * An index as the planner and the writer see it. `multikey` and `truncated` only ever turn true, in the commit that
 * stores the first such key; `ready` turns true once the build is durable, and until then only writers may use it.
 */
export interface IndexDefinition {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly KeyField[];
  readonly keyPattern: BsonObject;
  readonly unique: boolean;
  readonly sparse: boolean;
  /** How its texts are compared; undefined for byte by byte. */
  readonly collation: Collation | undefined;
  readonly partialFilter: BsonObject | undefined;
  readonly isInPartialFilter: ((document: BsonObject) => boolean) | undefined;
  /** Which fields of a document its keys depend on; undefined where that may be any. */
  readonly fieldNames: readonly string[] | undefined;
  expireAfterSeconds: number | undefined;
  /** The specification as `listIndexes` reports it. */
  spec: BsonObject;
  multikey: boolean;
  truncated: boolean;
  ready: boolean;
}

/** The name of the index every collection has. */
export const ID_INDEX_NAME = '_id_';

/** Read an index back from the catalogue's own record. */
export function restoreIndex(record: BsonObject): IndexDefinition {
  return defineIndex({
    id: numberOf(record.id) ?? 0,
    spec: isObject(record.spec) ? record.spec : {},
    multikey: record.multikey === true,
    truncated: record.truncated === true,
    ready: true,
  });
}

/** Turn an index specification, already checked by the command, into what planner and writer use. */
export function defineIndex(from: {
  id: number;
  spec: BsonObject;
  multikey: boolean;
  truncated: boolean;
  ready: boolean;
}): IndexDefinition {
  const { spec } = from;
  const keyPattern = isObject(spec.key) ? spec.key : {};
  const name = typeof spec.name === 'string' ? spec.name : '';
  const collation = parseCollation(spec.collation, (reason) => new StoreError('CannotCreateIndex', reason));
  const partialFilter = isObject(spec.partialFilterExpression) ? spec.partialFilterExpression : undefined;
  const ofFilter = filterFields(partialFilter ?? {});
  const fields = Object.keys(keyPattern).map((path) => ({
    path,
    segments: path.split('.'),
    descending: (numberOf(keyPattern[path]) ?? 1) < 0,
  }));
  return {
    ...from,
    name,
    keyPattern,
    fields,
    fieldNames: ofFilter && [...fields.map(({ segments: [first = ''] }) => first), ...ofFilter],
    unique: name === ID_INDEX_NAME || spec.unique === true,
    sparse: spec.sparse === true,
    collation,
    partialFilter,
    isInPartialFilter: partialFilter && compileFilter(partialFilter, { collation }),
    expireAfterSeconds: numberOf(spec.expireAfterSeconds),
  };
}
