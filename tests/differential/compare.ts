import { ACCEPTED } from './accepted.js';
import type { Difference, Operation } from './operation.js';
import { agree, canonical, describeOutcome, type Outcome, outcomeOf } from './outcome.js';
import { noteChange, prepare } from './prepare.js';
import type { Bench, Server } from './servers.js';
import { smallerCommands } from './smaller-commands.js';

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

/**
 * Run one operation everywhere. The store is right when a witness agrees with it. When every witness that has an opinion has
 * another, the documents are reduced to those that show it, and each difference must be an accepted one.
 */
export async function compare(
  bench: Bench,
  operation: Operation,
  label: string,
  tally: Tally,
): Promise<void> {
  tally.operations++;
  const opinions = await opinionsOf(bench, operation);
  if (opinions.length > 0) tally.witnessed++;
  if (!standsAlone(opinions)) {
    for (const { witness } of opinions.filter(differs)) count(tally.outvoted, witness);
    return;
  }
  const smallest = await shrink(bench, operation);
  const differences = (await opinionsOf(bench, smallest)).filter(differs);
  const unexplained = differences.filter((difference) => {
    const excuse = ACCEPTED.find((accepted) => accepted.covers(difference));
    if (excuse) count(tally.accepted, excuse.name);
    return excuse === undefined;
  });
  if (unexplained.length > 0) tally.failures.push(describe(label, unexplained));
}

const differs = ({ store, other }: Difference): boolean => !agree(store, other);
const standsAlone = (opinions: readonly Difference[]): boolean =>
  opinions.length > 0 && opinions.every(differs);

/** What each witness that claims to do this makes of it, beside what the store does. */
async function opinionsOf(bench: Bench, operation: Operation): Promise<Difference[]> {
  const [store, ...others] = await Promise.all(
    [bench.store, ...bench.witnesses].map((server) => perform(server, operation)),
  );
  if (!store) return [];
  return bench.witnesses.flatMap((witness, i): Difference[] => {
    const other = others[i];
    if (!other || other.kind === 'abstains') return [];
    return [{ operation, witness: witness.name, store, other }];
  });
}

/** Set the collection up and do it. A witness that cannot even hold the documents or the indexes has no opinion. */
async function perform(server: Server, operation: Operation): Promise<Outcome> {
  const prepared = await prepare(server, operation);
  if (prepared.kind !== 'value') {
    if (server.name === 'store' && prepared.kind === 'error') return prepared;
    return { kind: 'abstains', message: prepared.message };
  }
  const outcome = await outcomeOf(() => operation.observe(server, operation.command)).catch(
    (error: unknown): Outcome => {
      // A witness that drops the connection has no opinion; the store has no such excuse.
      if (server.name === 'store') throw error;
      return { kind: 'abstains', message: String(error) };
    },
  );
  noteChange(server, operation, outcome);
  return outcome;
}

/** Leave out documents and parts of the command as long as the store still stands alone. */
async function shrink(bench: Bench, operation: Operation): Promise<Operation> {
  let smallest = operation;
  const tried = await opinionsOf(bench, { ...operation, documents: [] });
  if (standsAlone(tried)) smallest = { ...operation, documents: [] };
  for (const document of smallest.documents) {
    const documents = smallest.documents.filter((other) => other !== document);
    const smaller = { ...smallest, documents };
    if (standsAlone(await opinionsOf(bench, smaller))) smallest = smaller;
  }
  for (let commands = smallerCommands(smallest.command); commands.length > 0; ) {
    const [command, ...others] = commands;
    if (!command) break;
    const smaller = { ...smallest, command };
    const alone = standsAlone(await opinionsOf(bench, smaller));
    if (alone) smallest = smaller;
    commands = alone ? smallerCommands(command) : others;
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
