import { decodeTyped } from '../bson/raw.js';
import { type BsonObject, isObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import { QueryRun } from '../query/query-run.js';
import type { WriteTransaction } from '../storage/engine.js';
import type { Store } from '../storage/store.js';
import { runBulk } from './bulk.js';
import {
  assertNoCollation,
  assertNoVariables,
  type CommandHandler,
  collectionName,
  objectField,
} from './command.js';
import { assertBatchSize } from './insert.js';
import {
  applyChange,
  applyUpsert,
  type Change,
  compileChange,
  findOneNow,
  type Located,
  locate,
  needsWideScan,
  recheck,
  SEARCH,
  type Selection,
} from './modify.js';

interface UpdateStatement extends Selection {
  readonly change: Change;
  readonly multi: boolean;
  readonly upsert: boolean;
}

interface Namespace {
  readonly database: string;
  readonly name: string;
}

/** What one statement did. */
interface Outcome {
  matched: number;
  modified: number;
  upsertedId?: { value: unknown };
}

/** Records per commit of a multi-update, so that other writers are not held back for the whole of a long one. */
export const RECORDS_PER_COMMIT = 1000;

export const update: CommandHandler = async (request, context) => {
  const { store } = context;
  const namespace = { database: request.database, name: collectionName(request) };
  const statements = request.documents;
  assertBatchSize(statements.length);
  assertNoVariables(request.body);
  const tally = { n: 0, nModified: 0, upserted: [] as BsonObject[] };
  const writeErrors = await runBulk<UpdateStatement, Outcome>({
    engine: store.engine,
    count: statements.length,
    ordered: request.body.ordered !== false,
    parse: (index) => parseStatement(decodeTyped(statements[index] ?? Buffer.alloc(0))),
    isShort: (statement) =>
      !statement.multi && !needsWideScan(store.catalogue.find(namespace.database, namespace.name), statement),
    runShort: (transaction, statement) =>
      updateOne(transaction, store, namespace, { statement, located: SEARCH }),
    runLong: (statement, note) => runStatement(store, namespace, statement, note),
    note: (index, outcome) => {
      tally.n += outcome.matched + (outcome.upsertedId ? 1 : 0);
      tally.nModified += outcome.modified;
      if (outcome.upsertedId) tally.upserted.push({ index, _id: outcome.upsertedId.value });
    },
  });
  return {
    n: tally.n,
    nModified: tally.nModified,
    ...(tally.upserted.length > 0 ? { upserted: tally.upserted } : {}),
    ...(writeErrors.length > 0 ? { writeErrors } : {}),
  };
};

function parseStatement(statement: BsonObject): UpdateStatement {
  assertNoCollation(statement);
  const filter = objectField(statement, 'q');
  const multi = statement.multi === true;
  if (multi && isObject(statement.u) && !Object.keys(statement.u).some((name) => name.startsWith('$'))) {
    throw new StoreError('FailedToParse', 'multi update is not supported for replacement-style update');
  }
  return {
    filter,
    sort: statement.sort,
    hint: statement.hint,
    change: compileChange(filter, statement.u, statement.arrayFilters),
    multi,
    upsert: statement.upsert === true,
  };
}

async function runStatement(
  store: Store,
  namespace: Namespace,
  statement: UpdateStatement,
  note: (outcome: Outcome) => void,
): Promise<void> {
  if (statement.multi) {
    const matched = await updateMany(store, namespace, statement, note);
    if (matched > 0 || !statement.upsert) return;
  }
  const collection = store.catalogue.find(namespace.database, namespace.name);
  const located = await locate(store, collection, statement);
  if (!statement.upsert && (!collection || located.kind === 'nothing')) {
    compileFilter(statement.filter);
    return;
  }
  note(
    await store.engine.write((transaction) =>
      updateOne(transaction, store, namespace, { statement, located }),
    ),
  );
}

function updateOne(
  transaction: WriteTransaction,
  store: Store,
  namespace: Namespace,
  work: { statement: UpdateStatement; located: Located },
): Outcome {
  const { statement, located } = work;
  const existing = store.catalogue.find(namespace.database, namespace.name);
  const match = existing && findOneNow(store, existing, statement, located);
  if (existing && match) {
    const { modified } = applyChange(transaction, { store, collection: existing }, match, statement.change);
    return { matched: 1, modified: modified ? 1 : 0 };
  }
  if (!statement.upsert) return { matched: 0, modified: 0 };
  const collection = store.catalogue.getOrCreate(transaction, namespace.database, namespace.name);
  const document = applyUpsert(transaction, { store, collection }, statement.change);
  return { matched: 0, modified: 0, upsertedId: { value: document._id } };
}

/**
 * Every match, found first and then changed in commits of limited size; each document is checked again when it is
 * changed. Returns how many matched. A refusal stops it, what came before stays, as in MongoDB.
 */
async function updateMany(
  store: Store,
  namespace: Namespace,
  statement: UpdateStatement,
  note: (outcome: Outcome) => void,
): Promise<number> {
  const matcher = compileFilter(statement.filter);
  const records = await matchingRecords(store, namespace, statement);
  let total = 0;
  for (let at = 0; at < records.length; at += RECORDS_PER_COMMIT) {
    const chunk = records.slice(at, at + RECORDS_PER_COMMIT);
    const { outcome, refusal } = await store.engine.write((transaction) => {
      const collection = store.catalogue.find(namespace.database, namespace.name);
      const outcome: Outcome = { matched: 0, modified: 0 };
      for (const record of collection ? chunk : []) {
        if (!collection) break;
        const match = recheck(store, collection, record, matcher);
        if (!match) continue;
        try {
          const { modified } = applyChange(transaction, { store, collection }, match, statement.change);
          outcome.matched++;
          if (modified) outcome.modified++;
        } catch (refusal) {
          if (!(refusal instanceof StoreError)) throw refusal;
          return { outcome, refusal };
        }
      }
      return { outcome, refusal: undefined };
    });
    note(outcome);
    total += outcome.matched;
    if (refusal) throw refusal;
  }
  return total;
}

/** The records of everything that matches now, read without holding anybody up. */
export async function matchingRecords(
  store: Store,
  namespace: Namespace,
  query: { filter: BsonObject; hint?: unknown },
): Promise<number[]> {
  const collection = store.catalogue.find(namespace.database, namespace.name);
  if (!collection) return [];
  const run = new QueryRun(store.engine, collection, { filter: query.filter, hint: query.hint });
  const records: number[] = [];
  for (let match = await run.nextMatch(); match; match = await run.nextMatch()) records.push(match.record);
  return records;
}
