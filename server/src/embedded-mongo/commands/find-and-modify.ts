import type { BsonObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { compileProjection, isPositional } from '../query/projection/projection.js';
import { matcherOf } from '../query/query-run.js';
import type { WriteTransaction } from '../storage/engine.js';
import type { Store } from '../storage/store.js';
import type { CommandHandler } from './command.js';
import { removeMatch } from './delete.js';
import {
  applyChange,
  applyUpsert,
  assertUpsertFilter,
  type Change,
  compileChange,
  findOneNow,
  type Located,
  locate,
  type Selection,
} from './modify.js';
import { collationOf, commandOptions } from './query-options.js';
import { collectionName, looseBooleanField, objectField } from './request.js';

interface Work extends Selection {
  readonly database: string;
  readonly name: string;
  readonly change: Change | undefined;
  readonly upsert: boolean;
  readonly returnNew: boolean;
  /** What the client sees of a document. A refusal of it comes in time to leave everything as it was. */
  readonly show: (document: BsonObject) => BsonObject;
}

interface Result {
  readonly lastErrorObject: BsonObject;
  readonly value: BsonObject | null;
}

/** Finds one document and changes or removes it in the same write job, so no other writer can come between. */
export const findAndModify: CommandHandler = async (request, context) => {
  const { body } = request;
  const work = parseWork(body, request.database, collectionName(request));
  const { store } = context;
  matcherOf(work);
  const collection = store.catalogue.find(work.database, work.name);
  const located = await locate(store, collection, work);
  const canSkip = !work.upsert && (!collection || located.kind === 'nothing');
  if (canSkip) return nothingFound(work);
  return store.engine.write((transaction) => ({ ...perform(transaction, store, work, located) }));
};

function parseWork(body: BsonObject, database: string, name: string): Work {
  const selection = {
    filter: objectField(body, 'query'),
    sort: body.sort,
    hint: body.hint,
    ...commandOptions(body),
    collation: collationOf(body),
  };
  const remove = looseBooleanField(body, 'remove');
  const upsert = looseBooleanField(body, 'upsert');
  const returnNew = looseBooleanField(body, 'new');
  if (remove && (body.update !== undefined || upsert || returnNew)) {
    throw new StoreError('FailedToParse', 'Cannot specify remove together with update, upsert or new');
  }
  if (!remove && body.update === undefined) {
    throw new StoreError('FailedToParse', 'Either an update or remove=true must be specified');
  }
  if (upsert) assertUpsertFilter(selection.filter);
  if (returnNew && isPositional(body.fields)) {
    throw new StoreError('BadValue', 'cannot use a positional projection and return the new document');
  }
  return {
    ...selection,
    database,
    name,
    change: remove ? undefined : compileChange(selection, body.update, body.arrayFilters),
    upsert,
    returnNew,
    show: compileProjection(body.fields, selection) ?? ((document) => document),
  };
}

function nothingFound(work: Work): BsonObject & Result {
  return { lastErrorObject: work.change ? { n: 0, updatedExisting: false } : { n: 0 }, value: null };
}

function perform(transaction: WriteTransaction, store: Store, work: Work, located: Located): Result {
  const existing = store.catalogue.find(work.database, work.name);
  const match = existing && findOneNow(store, existing, work, located);
  if (existing && match) {
    const old = work.returnNew ? null : work.show(match.document);
    if (!work.change) {
      removeMatch(transaction, store, existing, match);
      return { lastErrorObject: { n: 1 }, value: old };
    }
    const { after } = applyChange(transaction, { store, collection: existing }, match, work.change);
    return { lastErrorObject: { n: 1, updatedExisting: true }, value: old ?? work.show(after) };
  }
  if (!work.upsert || !work.change) return nothingFound(work);
  const collection = store.catalogue.getOrCreate(transaction, work.database, work.name);
  const document = applyUpsert(transaction, { store, collection }, work.change);
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: document._id },
    value: work.returnNew ? work.show(document) : null,
  };
}
