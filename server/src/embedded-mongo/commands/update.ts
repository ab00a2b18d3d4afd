import type { BsonObject } from '../bson/values.js';
import { LocationError, StoreError } from '../errors.js';
import { matcherOf, matchTestOf, QueryRun } from '../query/query-run.js';
import { isReplacement } from '../query/update/update.js';
import type { WriteTransaction } from '../storage/engine.js';
import type { Store } from '../storage/store.js';
import type { CommandHandler } from './command.js';
import { assertKnownStatement } from './known-fields.js';
import {
  applyChange,
  applyUpsert,
  assertUpsertFilter,
  type Change,
  compileChange,
  findOneNow,
  type Located,
  locate,
  recheck,
  type Selection,
} from './modify.js';
import { collationOf } from './query-options.js';
import { booleanField, objectField, requiredObject } from './request.js';
import { type Namespace, runStatements } from './statements.js';

interface UpdateStatement extends Selection {
  readonly change: Change;
  readonly multi: boolean;
  readonly upsert: boolean;
}

/** What one statement did. */
interface Outcome {
  matched: number;
  modified: number;
  upsertedId?: { value: unknown };
}

/** Records per commit of a multi-update, so that other writers are not held back for the whole of a long one. */
export const RECORDS_PER_COMMIT = 1000;

export const update: CommandHandler = async (request, { store }) => {
  const tally = { n: 0, nModified: 0, upserted: [] as BsonObject[] };
  const writeErrors = await runStatements<UpdateStatement, Outcome>(request, store, {
    parse: parseStatement,
    runOne: updateOne,
    runLong: runStatement,
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
    ...writeErrors,
  };
};

function parseStatement(
  statement: BsonObject,
  common: Pick<Selection, 'variables' | 'timeLimit'>,
): UpdateStatement {
  assertKnownStatement('update', statement);
  const multi = booleanField(statement, 'multi');
  if (multi && isReplacement(statement.u)) {
    throw new StoreError('FailedToParse', 'multi update is not supported for replacement-style update');
  }
  if (multi && statement.sort !== undefined)
    throw new StoreError('FailedToParse', 'Cannot specify sort with multi=true');
  const selection = {
    ...common,
    filter: requiredObject(statement, 'q'),
    sort: statement.sort,
    hint: statement.hint,
    collation: collationOf(statement),
  };
  const upsert = booleanField(statement, 'upsert');
  if (upsert) assertUpsertFilter(selection.filter);
  const rules = { ...selection, variables: constantsOf(statement, common.variables) };
  return { ...selection, change: compileChange(rules, statement.u, statement.arrayFilters), multi, upsert };
}

/** A statement may bring constants of its own for the expressions of its pipeline. */
function constantsOf(statement: BsonObject, variables: BsonObject | undefined): BsonObject | undefined {
  if (statement.c === undefined) return variables;
  if (!Array.isArray(statement.u)) {
    throw new LocationError(51198, 'Constant values may only be specified for pipeline updates');
  }
  return { ...variables, ...objectField(statement, 'c') };
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
    matcherOf(statement);
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
  // Where there is nothing to search, a malformed filter would go unnoticed.
  if (!existing) matcherOf(statement);
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
 * changed. Returns how many matched. A refusal stops it; what came before stays but is not counted, as in MongoDB.
 */
async function updateMany(
  store: Store,
  namespace: Namespace,
  statement: UpdateStatement,
  note: (outcome: Outcome) => void,
): Promise<number> {
  const matches = matchTestOf(statement);
  const records = await matchingRecords(store, namespace, statement);
  const total: Outcome = { matched: 0, modified: 0 };
  for (let at = 0; at < records.length; at += RECORDS_PER_COMMIT) {
    statement.timeLimit?.check();
    const chunk = records.slice(at, at + RECORDS_PER_COMMIT);
    const refusal = await store.engine.write((transaction) => {
      const collection = store.catalogue.find(namespace.database, namespace.name);
      for (const record of collection ? chunk : []) {
        if (!collection) break;
        const match = recheck(store, collection, record, matches);
        if (!match) continue;
        try {
          const { modified } = applyChange(transaction, { store, collection }, match, statement.change);
          total.matched++;
          if (modified) total.modified++;
        } catch (refusal) {
          if (refusal instanceof StoreError) return refusal;
          throw refusal;
        }
      }
      return undefined;
    });
    if (refusal) throw refusal;
  }
  note(total);
  return total.matched;
}

/** The records of everything that matches now, read without holding anybody up. */
export async function matchingRecords(
  store: Store,
  namespace: Namespace,
  selection: Selection,
): Promise<number[]> {
  const collection = store.catalogue.find(namespace.database, namespace.name);
  if (!collection) return [];
  const run = new QueryRun(store.engine, collection, { ...selection, sort: undefined });
  const records: number[] = [];
  for (let match = await run.nextMatch(); match; match = await run.nextMatch()) records.push(match.record);
  return records;
}
