import { assertDocumentSize, encodeDocument } from '../bson/raw.js';
import { type BsonObject, isObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { planQuery } from '../query/plan/planner.js';
import { type Match, type MatchTest, matchTestOf, QueryRun, type QuerySpec } from '../query/query-run.js';
import { parseSort } from '../query/sort.js';
import { compileArrayFilters } from '../query/update/positions.js';
import { compileUpdate } from '../query/update/update.js';
import type { Updater } from '../query/update/updater.js';
import { upsertedDocument } from '../query/update/upsert.js';
import type { Collection } from '../storage/catalogue.js';
import { assertUsableId } from '../storage/document-store.js';
import type { WriteTransaction } from '../storage/engine.js';
import type { Store } from '../storage/store.js';

/** Which one document a single update, delete or findAndModify means. */
export type Selection = Pick<QuerySpec, 'filter' | 'sort' | 'hint' | 'variables' | 'collation' | 'timeLimit'>;

/** A compiled change, ready to be applied to any number of documents. */
export interface Change {
  readonly filter: BsonObject;
  readonly update: unknown;
  readonly updater: Updater;
}

/** Compile what is to be done with the selected documents. Refuses what could be done to none. */
export function compileChange(selection: Selection, update: unknown, arrayFilters: unknown): Change {
  const { filter, collation } = selection;
  const filters = compileArrayFilters(arrayFilters, collation);
  return { filter, update, updater: compileUpdate(update, filters, selection) };
}

/** Refuse the filters an upsert cannot have: an expression fixes no values. */
export function assertUpsertFilter(filter: BsonObject): void {
  for (const [field, operand] of Object.entries(filter)) {
    if (field === '$expr') {
      throw new StoreError(
        'QueryFeatureNotAllowed',
        '$expr is not allowed in the query predicate for an upsert',
      );
    }
    if (field.startsWith('$') && Array.isArray(operand)) operand.filter(isObject).forEach(assertUpsertFilter);
  }
}

/** Collections smaller than this are searched inside the write job even without an index. */
const WIDE_SCAN_DOCUMENTS = 2000;

export type Located = { kind: 'search' } | { kind: 'nothing' } | { kind: 'candidate'; record: number };

export const SEARCH: Located = { kind: 'search' };

/** True when finding the document means reading a whole large collection, or sorting it. */
export function needsWideScan(collection: Collection | undefined, wanted: Selection): boolean {
  if (!collection || collection.count < WIDE_SCAN_DOCUMENTS) return false;
  const plan = planQuery(collection, {
    filter: wanted.filter,
    sort: parseSort(wanted.sort),
    hint: wanted.hint,
    collation: wanted.collation,
  });
  return plan.kind !== 'index' || !plan.providesSort || plan.score === 0;
}

/**
 * Find the document ahead of the write job when that takes a wide scan, so that the search gives way to others. The job
 * checks the candidate again and searches itself if it no longer fits.
 */
export async function locate(
  store: Store,
  collection: Collection | undefined,
  wanted: Selection,
): Promise<Located> {
  if (!collection || !needsWideScan(collection, wanted)) return SEARCH;
  const match = await new QueryRun(store.engine, collection, { ...wanted, limit: 1 }).nextMatch();
  return match ? { kind: 'candidate', record: match.record } : { kind: 'nothing' };
}

/** The selected document, found and checked inside a write job. */
export function findOneNow(
  store: Store,
  collection: Collection,
  wanted: Selection,
  located: Located,
): Match | undefined {
  if (located.kind === 'candidate') {
    const match = recheck(store, collection, located.record, matchTestOf(wanted));
    if (match) return match;
  }
  return new QueryRun(store.engine, collection, { ...wanted, limit: 1 }).nextMatchNow();
}

/** A document by its record, if it is still there and still matches. */
export function recheck(
  store: Store,
  collection: Collection,
  record: number,
  matches: MatchTest,
): Match | undefined {
  const bytes = store.documents.getBytes(collection, record);
  return bytes && matches({ record, bytes });
}

export interface Changed {
  readonly modified: boolean;
  readonly after: BsonObject;
}

/** Apply a change to one document. A change that alters nothing writes nothing. */
export function applyChange(
  transaction: WriteTransaction,
  target: { store: Store; collection: Collection },
  match: Match,
  change: Change,
): Changed {
  const after = change.updater(match.document, { filter: change.filter, inserting: false });
  const bytes = encodeDocument(after);
  if (bytes.equals(match.bytes)) return { modified: false, after };
  target.store.documents.replace(transaction, target.collection, {
    record: match.record,
    before: match.document,
    beforeBytes: match.bytes.length,
    after,
    bytes,
  });
  return { modified: true, after };
}

/** Insert what an upsert that found nothing stands for. */
export function applyUpsert(
  transaction: WriteTransaction,
  target: { store: Store; collection: Collection },
  change: Change,
): BsonObject {
  const document = upsertedDocument(change);
  assertUsableId(document._id);
  const bytes = encodeDocument(document);
  assertDocumentSize(bytes, 'upsert');
  target.store.documents.insert(transaction, target.collection, bytes);
  return document;
}
