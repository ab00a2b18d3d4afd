import { decodeTyped } from '../bson/raw.js';
import type { BsonObject } from '../bson/values.js';
import type { WriteTransaction } from '../storage/engine.js';
import type { Store } from '../storage/store.js';
import { runBulk, writeErrorsOf } from './bulk.js';
import { assertBatchSize } from './insert.js';
import { type Located, needsWideScan, SEARCH, type Selection } from './modify.js';
import { commandOptions } from './query-options.js';
import { booleanField, type CommandRequest, collectionName } from './request.js';

/** The collection that a command changes. */
export interface Namespace {
  readonly database: string;
  readonly name: string;
}

/** How an update or delete command reads its statements and carries them out. */
export interface StatementRules<Statement extends Selection, Outcome> {
  parse(statement: BsonObject, common: Pick<Selection, 'variables' | 'timeLimit'>): Statement;
  /** Changes one document inside a write job. */
  runOne(
    transaction: WriteTransaction,
    store: Store,
    namespace: Namespace,
    work: { statement: Statement; located: Located },
  ): Outcome;
  /** Everything that reads much or means many documents; it may report several partial outcomes. */
  runLong(
    store: Store,
    namespace: Namespace,
    statement: Statement,
    note: (outcome: Outcome) => void,
  ): Promise<void>;
  note(index: number, outcome: Outcome): void;
}

/** Carries out the statements of a command in order. Returns what the reply says of those that were refused. */
export async function runStatements<Statement extends Selection & { readonly multi: boolean }, Outcome>(
  request: CommandRequest,
  store: Store,
  rules: StatementRules<Statement, Outcome>,
): Promise<BsonObject> {
  const namespace = { database: request.database, name: collectionName(request) };
  const statements = request.documents;
  assertBatchSize(statements.length);
  const common = commandOptions(request.body);
  const writeErrors = await runBulk<Statement, Outcome>({
    engine: store.engine,
    count: statements.length,
    ordered: booleanField(request.body, 'ordered', true),
    timeLimit: common.timeLimit,
    parse: (index) => rules.parse(decodeTyped(statements[index] ?? Buffer.alloc(0)), common),
    isShort: (statement) =>
      !statement.multi && !needsWideScan(store.catalogue.find(namespace.database, namespace.name), statement),
    runShort: (transaction, statement) =>
      rules.runOne(transaction, store, namespace, { statement, located: SEARCH }),
    runLong: (statement, note) => rules.runLong(store, namespace, statement, note),
    note: (index, outcome) => rules.note(index, outcome),
  });
  return writeErrorsOf(writeErrors);
}
