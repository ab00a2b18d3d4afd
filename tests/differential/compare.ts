import type { Document } from 'mongodb';
import { ACCEPTED } from './accepted.js';
import { agree, canonical, describeOutcome, type Outcome, outcomeOf } from './outcome.js';
import type { Bench, Server } from './servers.js';

/** One operation on a small collection, and how to tell what came of it. */
export interface Operation {
  /** What stands in the collection before. */
  readonly documents: readonly Document[];
  readonly indexes?: readonly Document[];
  /** The command; its collection is always `subject`. */
  readonly command: Document;
  /** It changes nothing, so operations on the same documents need them put there only once. */
  readonly reads?: boolean;
  /** Runs the command and says what came of it, replies and contents alike. */
  readonly observe: (server: Server, command: Document) => Promise<string>;
}

/** A difference, as the report shows it and as the accepted ones look at it. */
export interface Difference {
  readonly operation: Operation;
  readonly witness: string;
  readonly store: Outcome;
  readonly other: Outcome;
}

export interface Tally {
  operations: number;
  /** Operations at least one witness had an opinion on. */
  witnessed: number;
  /** By name of the accepted difference. */
  readonly accepted: Map<string, number>;
  /** How often each witness stood alone against the store and another witness. */
  readonly outvoted: Map<string, number>;
  readonly failures: string[];
}

export const newTally = (): Tally => ({
  operations: 0,
  witnessed: 0,
  accepted: new Map(),
  outvoted: new Map(),
  failures: [],
});

/** The collection every operation works on. */
export const SUBJECT = 'subject';

/**
 * Run one operation everywhere. The store is right when a witness agrees with it, or when each witness that does not is
 * covered by an accepted difference; otherwise the smallest set of documents that still shows it is added to the failures.
 */
export async function compare(
  bench: Bench,
  operation: Operation,
  label: string,
  tally: Tally,
): Promise<void> {
  tally.operations++;
  const differences = await differencesOf(bench, operation, tally);
  if (differences.length === 0) return;
  const smallest = await shrink(bench, operation);
  const shown = await differencesOf(bench, smallest);
  tally.failures.push(describe(label, shown.length > 0 ? shown : differences));
}

/** What nobody vouches for and nothing excuses; empty when all is well. */
async function differencesOf(bench: Bench, operation: Operation, tally?: Tally): Promise<Difference[]> {
  const [store, ...others] = await Promise.all(
    [bench.store, ...bench.witnesses].map((server) => perform(server, operation)),
  );
  if (!store) return [];
  const opinions = bench.witnesses.flatMap((witness, i): Difference[] => {
    const other = others[i];
    if (!other || other.kind === 'abstains') return [];
    return [{ operation, witness: witness.name, store, other }];
  });
  const against = opinions.filter(({ other }) => !agree(store, other));
  if (tally && opinions.length > 0) tally.witnessed++;
  if (against.length < opinions.length) {
    if (tally) for (const { witness } of against) count(tally.outvoted, witness);
    return [];
  }
  return against.filter((difference) => {
    const excuse = ACCEPTED.find((accepted) => accepted.covers(difference));
    if (excuse && tally) count(tally.accepted, excuse.name);
    return excuse === undefined;
  });
}

/** Set the collection up and do it. A witness that cannot even hold the documents or the indexes has no opinion. */
async function perform(server: Server, operation: Operation): Promise<Outcome> {
  const prepared = await prepare(server, operation);
  if (prepared.kind !== 'value') {
    if (server.name === 'store' && prepared.kind === 'error') return prepared;
    return { kind: 'abstains', message: prepared.message };
  }
  return outcomeOf(() => operation.observe(server, operation.command)).catch((error: unknown): Outcome => {
    // A witness that drops the connection has no opinion; the store has no such excuse.
    if (server.name === 'store') throw error;
    return { kind: 'abstains', message: String(error) };
  });
}

/** What stands in a server's collection, if only reads have run since it was put there. */
const standing = new WeakMap<Server, { documents: readonly Document[]; outcome: Outcome }>();

async function prepare(server: Server, operation: Operation): Promise<Outcome> {
  const { documents, indexes = [], reads = false } = operation;
  const before = standing.get(server);
  if (reads && before?.documents === documents) return before.outcome;
  standing.delete(server);
  const outcome = await outcomeOf(async () => {
    if (indexes.length > 0) await server.run({ drop: SUBJECT });
    else await server.run({ delete: SUBJECT, deletes: [{ q: {}, limit: 0 }] });
    if (documents.length > 0) {
      const reply = await server.run({ insert: SUBJECT, documents });
      if (reply.writeErrors) throw new Error(`cannot insert: ${canonical(reply.writeErrors)}`);
    }
    if (indexes.length > 0) await server.run({ createIndexes: SUBJECT, indexes });
    return '';
  }).catch((error: unknown): Outcome => ({ kind: 'abstains', message: String(error) }));
  if (reads) standing.set(server, { documents, outcome });
  return outcome;
}

/** Leave out documents as long as the difference stays. */
async function shrink(bench: Bench, operation: Operation): Promise<Operation> {
  let smallest = operation;
  for (const document of operation.documents) {
    const documents = smallest.documents.filter((other) => other !== document);
    const smaller = { ...smallest, documents };
    if ((await differencesOf(bench, smaller)).length > 0) smallest = smaller;
  }
  return smallest;
}

function describe(label: string, differences: readonly Difference[]): string {
  const [first] = differences;
  if (!first) return label;
  const { operation } = first;
  return [
    label,
    ...(operation.indexes ?? []).map((index) => `  index   ${canonical(index)}`),
    ...operation.documents.map((document) => `  holds   ${canonical(document)}`),
    `  command ${canonical(operation.command)}`,
    `  store   ${describeOutcome(first.store)}`,
    ...differences.map(({ witness, other }) => `  ${witness}   ${describeOutcome(other)}`),
  ].join('\n');
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
