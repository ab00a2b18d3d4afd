import { encodeCursorReply, MAX_DOCUMENT_BYTES } from '../bson/raw.js';
import { type BsonObject, numberOf } from '../bson/values.js';
import { notSupported, StoreError } from '../errors.js';
import { idLookup } from '../query/plan/planner.js';
import { compileProjection } from '../query/projection/projection.js';
import { matcherOf, QueryRun, type QuerySpec } from '../query/query-run.js';
import { parseSort } from '../query/sort.js';
import type { Collection } from '../storage/catalogue.js';
import { indexEntryKey, recordOfValue } from '../storage/layout.js';
import type { CommandContext, CommandHandler } from './command.js';
import type { BatchSource } from './cursors.js';
import { collationOf, commandOptions } from './query-options.js';
import {
  assertPresent,
  booleanField,
  collectionName,
  countField,
  objectField,
  requiredArray,
} from './request.js';

/** As MongoDB: the first batch is small unless asked otherwise, later ones are limited by bytes only. */
const DEFAULT_FIRST_BATCH = 101;
const MAX_BATCH_BYTES = MAX_DOCUMENT_BYTES;

/** Options that would change the result, and so must not be ignored. */
const UNSUPPORTED_OPTIONS = ['min', 'max', 'returnKey', 'showRecordId'];

export const find: CommandHandler = async (request, context) => {
  const { body } = request;
  const name = collectionName(request);
  for (const option of UNSUPPORTED_OPTIONS) {
    if (body[option] === undefined || body[option] === false) continue;
    throw notSupported(`the find option '${option}'`, 'BadValue');
  }
  if (booleanField(body, 'tailable') || booleanField(body, 'awaitData')) {
    throw notSupported('a tailable cursor', 'BadValue');
  }
  const namespace = `${request.database}.${name}`;
  const spec = querySpec(body);
  const singleBatch = booleanField(body, 'singleBatch');
  const collection = context.store.catalogue.find(request.database, name);
  if (!collection) {
    assertValidQuery(spec);
    return encodeCursorReply({ batchField: 'firstBatch', documents: [], cursorId: 0n, namespace });
  }
  const wanted = countField(body, 'batchSize') ?? DEFAULT_FIRST_BATCH;
  const single = wanted > 0 ? findById(spec, collection, context) : undefined;
  if (single)
    return encodeCursorReply({ batchField: 'firstBatch', documents: single, cursorId: 0n, namespace });
  const run = new QueryRun(context.store.engine, collection, spec);
  return firstReply(run, { wanted, singleBatch, namespace }, context);
};

/** Pull the first batch of a source, and keep a cursor when there is more. */
export async function firstReply(
  source: BatchSource,
  options: { wanted: number; singleBatch: boolean; namespace: string },
  context: CommandContext,
): Promise<Buffer> {
  const documents = await source.nextBatch(options.wanted, MAX_BATCH_BYTES);
  const finished = options.singleBatch || source.done;
  const cursorId = finished ? 0n : context.cursors.open(source, options.namespace);
  return encodeCursorReply({ batchField: 'firstBatch', documents, cursorId, namespace: options.namespace });
}

/** Read the fields of find (and of the commands that share them) into a query. */
export function querySpec(body: BsonObject): QuerySpec {
  return {
    filter: objectField(body, 'filter'),
    ...commandOptions(body),
    collation: collationOf(body),
    sort: body.sort,
    projection: body.projection,
    hint: body.hint,
    skip: countField(body, 'skip') ?? 0,
    limit: countField(body, 'limit') ?? 0,
  };
}

/** A query on a collection that does not exist is still refused when it is wrong. */
export function assertValidQuery(spec: QuerySpec): void {
  matcherOf(spec);
  compileProjection(spec.projection, spec);
  parseSort(spec.sort);
}

/** The commonest query of all, answered without plan, matcher or decoding. */
function findById(spec: QuerySpec, collection: Collection, context: CommandContext): Buffer[] | undefined {
  const { engine, documents } = context.store;
  const simple =
    spec.projection === undefined &&
    (spec.skip ?? 0) === 0 &&
    spec.hint === undefined &&
    spec.sort === undefined;
  const key = simple ? idLookup(spec.filter, spec.collation) : undefined;
  const idIndex = collection.indexes[0];
  if (!key || !idIndex) return undefined;
  const holder = engine.get(indexEntryKey(idIndex.id, key));
  const bytes = holder && documents.getBytes(collection, recordOfValue(holder));
  return bytes ? [bytes] : [];
}

export const getMore: CommandHandler = async (request, context) => {
  const { body } = request;
  if (body.maxTimeMS !== undefined) {
    throw new StoreError('BadValue', 'cannot set maxTimeMS on getMore command for a non-awaitData cursor');
  }
  const id = cursorIdOf(body.getMore);
  const { collection } = body;
  assertPresent(body, 'collection');
  if (typeof collection !== 'string')
    throw new StoreError('TypeMismatch', "BSON field 'collection' is the wrong type, expected type 'string'");
  const namespace = `${request.database}.${collection}`;
  const batchSize = countField(body, 'batchSize') ?? 0;
  const wanted = batchSize === 0 ? Number.MAX_SAFE_INTEGER : batchSize;
  const { documents, cursorId } = await context.cursors.use(id, namespace, (source) =>
    source.nextBatch(wanted, MAX_BATCH_BYTES),
  );
  return encodeCursorReply({ batchField: 'nextBatch', documents, cursorId, namespace });
};

export const killCursors: CommandHandler = (request, context) => {
  const killed: unknown[] = [];
  const notFound: unknown[] = [];
  for (const id of requiredArray(request.body, 'cursors'))
    (context.cursors.kill(cursorIdOf(id)) ? killed : notFound).push(id);
  return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] };
};

function cursorIdOf(value: unknown): bigint {
  if (
    typeof value === 'object' &&
    value !== null &&
    'toBigInt' in value &&
    typeof value.toBigInt === 'function'
  ) {
    const id: unknown = value.toBigInt();
    if (typeof id === 'bigint') return id;
  }
  const number = numberOf(value);
  if (number === undefined || !Number.isSafeInteger(number)) {
    throw new StoreError('TypeMismatch', 'A cursor id must be a 64-bit integer');
  }
  return BigInt(number);
}
