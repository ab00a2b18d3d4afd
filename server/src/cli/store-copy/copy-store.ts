import { mongo } from 'mongoose';
import type { CopyCommand } from '../arguments.js';
import { CommandError } from '../problems.js';
import { type OpenStore, openStore, storeIdOf } from '../store-folder.js';
import { buildIndexes } from './build-indexes.js';
import { copyCollection, type Outcome } from './copy-collection.js';
import { expires } from './indexes.js';
import { type Plan, type PlannedCollection, planCopy } from './plan.js';
import { ProgressLine } from './progress-line.js';
import { Target } from './target.js';

/** Never, as far as a timer can say it: what has expired is still to be copied and compared. */
const NO_SWEEP_MS = 2 ** 31 - 1;

/**
 * Copies the embedded store to a MongoDB and reads everything back. The store is open here meanwhile, so nothing else writes
 * to it. Answers with the exit code; throws `CommandError` for what ends the copy before it is complete.
 */
export const copyStore = async (command: CopyCommand): Promise<number> => {
  // First, so that the target cannot be the store itself: its port is not open yet.
  const target = await Target.connect(command.to);
  try {
    const store = await openStore(command.dataDir, { ttlSweepMs: NO_SWEEP_MS });
    const source = new mongo.MongoClient(store.uri);
    const progress = new ProgressLine();
    try {
      const work = copyFrom(source, { store, target, progress, databases: command.databases });
      return await Promise.race([work, failureOf(store)]);
    } finally {
      progress.stop();
      // Ends what is still under way when the store has failed.
      await source.close();
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error;
    throw new CommandError(target.explain(error));
  } finally {
    await target.close();
  }
};

const failureOf = async (store: OpenStore): Promise<never> => {
  const { message } = await store.stopped;
  throw new CommandError(`The embedded store stopped by itself: ${message}`);
};

interface CopyParts {
  readonly store: OpenStore;
  readonly target: Target;
  readonly progress: ProgressLine;
  readonly databases: readonly string[];
}

const copyFrom = async (
  source: mongo.MongoClient,
  { store, target, progress, databases }: CopyParts,
): Promise<number> => {
  const plan = await planCopy({ source, target, databases, storeId: await storeIdOf(store) });
  const outcomes = await copyAll(plan, target, progress);
  const failed = outcomes.filter(({ agrees }) => !agrees);
  if (failed.length > 0) {
    throw new CommandError(
      `The copy is not complete: ${failed.length} of ${outcomes.length} collections failed.`,
    );
  }
  progress.start('Building the indexes by which documents expire');
  for (const collection of plan.collections) {
    const expiring = collection.indexes.filter(expires);
    await about(collection, target, () => buildIndexes(collection, expiring, target));
  }
  // Told before the notes go: after that, another run would find a finished copy and nothing to tell of this one.
  process.stdout.write(summaryOf(outcomes, store.folder));
  await plan.marker.remove();
  return 0;
};

const copyAll = async (plan: Plan, target: Target, progress: ProgressLine): Promise<Outcome[]> => {
  const { collections, complete, marker, skipped } = plan;
  for (const name of skipped) process.stdout.write(`skipped ${name}: a database of the server itself\n`);
  for (const [namespace, content] of complete) await marker.set(namespace, { ...content, verified: true });
  const outcomes: Outcome[] = [];
  for (const collection of collections) {
    const tools = { target, marker, progress };
    const outcome = await about(collection, target, () => copyCollection(collection, tools));
    outcomes.push(outcome);
    process.stdout.write(`${lineOf(outcome)}\n`);
  }
  return outcomes;
};

/** What the target does not take is told with the name of the collection. */
const about = async <T>(
  { namespace }: PlannedCollection,
  target: Target,
  task: () => Promise<T>,
): Promise<T> => {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof mongo.MongoError)) throw error;
    throw new CommandError(`${namespace}: ${target.explain(error)}`);
  }
};

const lineOf = (outcome: Outcome): string => {
  if (!outcome.agrees) return `FAILED  ${outcome.namespace}: ${outcome.problem}`;
  const { documents, bytes, sha256 } = outcome.content;
  return `ok      ${outcome.namespace}: ${documents} documents, ${bytes} bytes, ${outcome.indexes} indexes, sha256 ${sha256}`;
};

const summaryOf = (outcomes: readonly Outcome[], folder: string): string => {
  let documents = 0;
  for (const outcome of outcomes) if (outcome.agrees) documents += outcome.content.documents;
  return [
    `Everything agrees: ${outcomes.length} collections, ${documents} documents, read back and compared byte for byte.`,
    `The store in ${folder} is as it was. Start Parley with MONGODB_URI set to the address of the copy.`,
    '',
  ].join('\n');
};
