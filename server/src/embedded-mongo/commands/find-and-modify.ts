import type { BsonObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { compileProjection } from '../query/projection.js';
import type { WriteTransaction } from '../storage/engine.js';
import type { Store } from '../storage/store.js';
import {
  assertNoCollation,
  assertNoVariables,
  type CommandHandler,
  collectionName,
  objectField,
} from './command.js';
import { removeMatch } from './delete.js';
import {
  applyChange,
  applyUpsert,
  type Change,
  compileChange,
  findOneNow,
  type Located,
  locate,
  type Selection,
} from './modify.js';

interface Work extends Selection {
  readonly database: string;
  readonly name: string;
  readonly change: Change | undefined;
  readonly upsert: boolean;
  readonly returnNew: boolean;
}

interface Result {
  readonly lastErrorObject: BsonObject;
  readonly value: BsonObject | null;
}

/** Finds one document and changes or removes it in the same write job, so no other writer can come between. */
export const findAndModify: CommandHandler = async (request, context) => {
  const { body } = request;
  assertNoCollation(body);
  assertNoVariables(body);
  const work = parseWork(body, request.database, collectionName(request));
  const project = compileProjection(body.fields);
  const { store } = context;
  compileFilter(work.filter);
  const collection = store.catalogue.find(work.database, work.name);
  const located = await locate(store, collection, work);
  const canSkip = !work.upsert && (!collection || located.kind === 'nothing');
  const result = canSkip
    ? nothingFound(work)
    : await store.engine.write((transaction) => perform(transaction, store, work, located));
  const value = result.value && project ? project(result.value) : result.value;
  return { lastErrorObject: result.lastErrorObject, value };
};

function parseWork(body: BsonObject, database: string, name: string): Work {
  const filter = objectField(body, 'query');
  const remove = body.remove === true;
  const upsert = body.upsert === true;
  if (remove && (body.update !== undefined || upsert || body.new === true)) {
    throw new StoreError('FailedToParse', 'Cannot specify remove together with update, upsert or new');
  }
  if (!remove && body.update === undefined) {
    throw new StoreError('FailedToParse', 'Either an update or remove=true must be specified');
  }
  return {
    database,
    name,
    filter,
    sort: body.sort,
    hint: body.hint,
    change: remove ? undefined : compileChange(filter, body.update, body.arrayFilters),
    upsert,
    returnNew: body.new === true,
  };
}

function nothingFound(work: Work): Result {
  return { lastErrorObject: work.change ? { n: 0, updatedExisting: false } : { n: 0 }, value: null };
}

function perform(transaction: WriteTransaction, store: Store, work: Work, located: Located): Result {
  const existing = store.catalogue.find(work.database, work.name);
  const match = existing && findOneNow(store, existing, work, located);
  if (existing && match) {
    if (!work.change) {
      removeMatch(transaction, store, existing, match);
      return { lastErrorObject: { n: 1 }, value: match.document };
    }
    const { after } = applyChange(transaction, { store, collection: existing }, match, work.change);
    return {
      lastErrorObject: { n: 1, updatedExisting: true },
      value: work.returnNew ? after : match.document,
    };
  }
  if (!work.upsert || !work.change) return nothingFound(work);
  const collection = store.catalogue.getOrCreate(transaction, work.database, work.name);
  const document = applyUpsert(transaction, { store, collection }, work.change);
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: document._id },
    value: work.returnNew ? document : null,
  };
}
