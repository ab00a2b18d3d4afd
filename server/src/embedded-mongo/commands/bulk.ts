import { calculateObjectSize } from 'bson';
import type { BsonObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { TimeLimit } from '../query/time-limit.js';
import type { Engine, WriteTransaction } from '../storage/engine.js';

/** What the errors of one reply may hold in words and values; those after it only say which statement and why. */
const MAX_ERROR_BYTES = 1024 * 1024;

/** The `writeErrors` of a reply, absent when there are none. However many there are, the reply stays small enough to be sent. */
export function writeErrorsOf(errors: readonly BsonObject[]): BsonObject {
  if (errors.length === 0) return {};
  let bytes = 0;
  const writeErrors = errors.map((error) => {
    if (bytes > MAX_ERROR_BYTES) return { index: error.index, code: error.code, errmsg: '' };
    bytes += calculateObjectSize(error);
    return error;
  });
  return { writeErrors };
}

/** One refused statement of a bulk, as the driver expects it in `writeErrors`. */
function writeError(index: number, refusal: StoreError): BsonObject {
  return { index, code: refusal.code, errmsg: refusal.message, ...refusal.extra };
}

/** Run each statement inside a write job; an ordered bulk stops at its first refusal. Anything else is passed on. */
export function runInJob(
  indexes: readonly number[],
  ordered: boolean,
  run: (index: number) => void,
): BsonObject[] {
  const errors: BsonObject[] = [];
  for (const index of indexes) {
    try {
      run(index);
    } catch (error) {
      errors.push(writeError(index, asRefusal(error)));
      if (ordered) break;
    }
  }
  return errors;
}

/** Time that is over ends the whole command, not one statement. */
function asRefusal(error: unknown): StoreError {
  if (error instanceof StoreError && error.codeName !== 'MaxTimeMSExpired') return error;
  throw error;
}

/** How the statements of an update or delete command are carried out. */
export interface BulkPlan<Statement, Outcome> {
  readonly engine: Engine;
  readonly count: number;
  readonly ordered: boolean;
  readonly timeLimit: TimeLimit | undefined;
  /** Read one statement; refusals become its write error. */
  parse(index: number): Statement;
  /** True when the statement can run inside a write job without reading much. */
  isShort(statement: Statement): boolean;
  runShort(transaction: WriteTransaction, statement: Statement): Outcome;
  /** Everything else manages its own write jobs, and may report several partial outcomes. */
  runLong(statement: Statement, note: (outcome: Outcome) => void): Promise<void>;
  note(index: number, outcome: Outcome): void;
}

/** Short statements that share a commit; in a longer bulk others get their turn in between. */
const STATEMENTS_PER_COMMIT = 1000;

/**
 * Carry out a bulk in order. Short statements that follow each other share one commit, so a bulk of a thousand small updates
 * flushes once. Returns the write errors.
 */
export async function runBulk<Statement, Outcome>(plan: BulkPlan<Statement, Outcome>): Promise<BsonObject[]> {
  const errors: BsonObject[] = [];
  let group: { index: number; statement: Statement }[] = [];
  const flush = async (): Promise<void> => {
    const current = group;
    group = [];
    if (current.length > 0) errors.push(...(await runGroup(plan, current)));
  };
  const stopped = (): boolean => plan.ordered && errors.length > 0;
  for (let index = 0; index < plan.count && !stopped(); index++) {
    plan.timeLimit?.check();
    try {
      const statement = plan.parse(index);
      if (plan.isShort(statement)) {
        group.push({ index, statement });
        if (group.length === STATEMENTS_PER_COMMIT) await flush();
        continue;
      }
      await flush();
      if (stopped()) break;
      await plan.runLong(statement, (outcome) => plan.note(index, outcome));
    } catch (error) {
      const refusal = asRefusal(error);
      await flush();
      if (!stopped()) errors.push(writeError(index, refusal));
    }
  }
  await flush();
  return errors;
}

async function runGroup<Statement, Outcome>(
  plan: BulkPlan<Statement, Outcome>,
  group: readonly { index: number; statement: Statement }[],
): Promise<BsonObject[]> {
  const { errors, outcomes } = await plan.engine.write((transaction) => {
    const outcomes = new Map<number, Outcome>();
    const statements = new Map(group.map((entry) => [entry.index, entry.statement]));
    const errors = runInJob([...statements.keys()], plan.ordered, (index) => {
      const statement = statements.get(index);
      if (statement !== undefined) outcomes.set(index, plan.runShort(transaction, statement));
    });
    return { errors, outcomes };
  });
  for (const [index, outcome] of outcomes) plan.note(index, outcome);
  return errors;
}
