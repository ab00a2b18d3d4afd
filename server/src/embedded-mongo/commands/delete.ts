import type { BsonObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import { type Match, type MatchTest, matchTestOf } from '../query/query-run.js';
import type { Collection } from '../storage/catalogue.js';
import type { WriteTransaction } from '../storage/engine.js';
import type { Store } from '../storage/store.js';
import type { CommandHandler } from './command.js';
import { assertKnownStatement } from './known-fields.js';
import { findOneNow, type Located, locate, recheck, type Selection } from './modify.js';
import { collationOf } from './query-options.js';
import { assertPresent, numberField, requiredObject } from './request.js';
import { type Namespace, runStatements } from './statements.js';
import { matchingRecords, RECORDS_PER_COMMIT } from './update.js';

interface DeleteStatement extends Selection {
  readonly matches: MatchTest;
  readonly multi: boolean;
}

export const deleteDocuments: CommandHandler = async (request, { store }) => {
  let n = 0;
  const writeErrors = await runStatements<DeleteStatement, number>(request, store, {
    parse: parseStatement,
    runOne: deleteOne,
    runLong: runStatement,
    note: (_index, deleted) => {
      n += deleted;
    },
  });
  return { n, ...writeErrors };
};

function parseStatement(
  statement: BsonObject,
  common: Pick<Selection, 'variables' | 'timeLimit'>,
): DeleteStatement {
  assertKnownStatement('delete', statement);
  assertPresent(statement, 'limit');
  const limit = numberField(statement, 'limit');
  if (limit !== 0 && limit !== 1) throw new StoreError('FailedToParse', 'The limit field must be 0 or 1');
  const selection = {
    ...common,
    filter: requiredObject(statement, 'q'),
    hint: statement.hint,
    collation: collationOf(statement),
  };
  return { ...selection, matches: matchTestOf(selection), multi: limit === 0 };
}

async function runStatement(
  store: Store,
  namespace: Namespace,
  statement: DeleteStatement,
  note: (deleted: number) => void,
): Promise<void> {
  if (!statement.multi) {
    const collection = store.catalogue.find(namespace.database, namespace.name);
    const located = await locate(store, collection, statement);
    if (located.kind === 'nothing') return;
    note(
      await store.engine.write((transaction) =>
        deleteOne(transaction, store, namespace, { statement, located }),
      ),
    );
    return;
  }
  const records = await matchingRecords(store, namespace, statement);
  for (let at = 0; at < records.length; at += RECORDS_PER_COMMIT) {
    statement.timeLimit?.check();
    const chunk = { records: records.slice(at, at + RECORDS_PER_COMMIT), matches: statement.matches };
    note(await store.engine.write((transaction) => removeRecords(transaction, store, namespace, chunk)));
  }
}

function deleteOne(
  transaction: WriteTransaction,
  store: Store,
  namespace: Namespace,
  work: { statement: DeleteStatement; located: Located },
): number {
  const collection = store.catalogue.find(namespace.database, namespace.name);
  const match = collection && findOneNow(store, collection, work.statement, work.located);
  if (!collection || !match) return 0;
  removeMatch(transaction, store, collection, match);
  return 1;
}

/** Remove those of `records` that are still there and still match. */
function removeRecords(
  transaction: WriteTransaction,
  store: Store,
  namespace: Namespace,
  wanted: { records: readonly number[]; matches: MatchTest },
): number {
  const collection = store.catalogue.find(namespace.database, namespace.name);
  if (!collection) return 0;
  let removed = 0;
  for (const record of wanted.records) {
    const match = recheck(store, collection, record, wanted.matches);
    if (!match) continue;
    removeMatch(transaction, store, collection, match);
    removed++;
  }
  return removed;
}

/** Remove one document that was just read in the same write job. */
export function removeMatch(
  transaction: WriteTransaction,
  store: Store,
  collection: Collection,
  match: Match,
): void {
  store.documents.remove(transaction, collection, match);
}
