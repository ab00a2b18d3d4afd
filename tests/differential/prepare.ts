import { type Document, MongoServerError } from 'mongodb';
import { type Operation, SUBJECT } from './operation.js';
import { canonical, type Outcome, outcomeOf } from './outcome.js';
import type { Server } from './servers.js';

/** What stands in a server's collection. */
interface Standing {
  readonly database: string;
  readonly indexes: readonly Document[];
  /** Undefined once something was changed. */
  readonly documents: readonly Document[] | undefined;
  /** Whether it could be put there. */
  readonly outcome: Outcome;
}

const standing = new WeakMap<Server, Standing>();
const NO_INDEXES: readonly Document[] = [];

/** Put an operation's documents and indexes there, as far as they are not there from the operation before. */
export async function prepare(server: Server, operation: Operation): Promise<Outcome> {
  const { documents, indexes = NO_INDEXES } = operation;
  const { database } = server;
  const before = standing.get(server);
  const indexed = before?.database === database && before.indexes === indexes;
  if (indexed && before.documents === documents) return before.outcome;
  const outcome = await outcomeOf(async () => {
    const isMade = indexed && before.outcome.kind === 'value';
    if (isMade || !before) await server.run({ delete: SUBJECT, deletes: [{ q: {}, limit: 0 }] });
    else await dropIfThere(server);
    if (documents.length > 0) {
      const reply = await server.run({ insert: SUBJECT, documents });
      if (reply.writeErrors) throw new Error(`cannot insert: ${canonical(reply.writeErrors)}`);
    }
    if (!isMade && indexes.length > 0) await server.run({ createIndexes: SUBJECT, indexes });
    return '';
  }).catch((error: unknown): Outcome => ({ kind: 'abstains', message: String(error) }));
  standing.set(server, { database, indexes, documents, outcome });
  return outcome;
}

/** Remember that an operation may have changed the documents, unless it reads or says that it did not. */
export function noteChange(server: Server, operation: Operation, outcome: Outcome): void {
  const before = standing.get(server);
  if (!before || operation.reads || leavesAll(operation, outcome)) return;
  standing.set(server, { ...before, documents: undefined });
}

function leavesAll({ documents, contents }: Operation, outcome: Outcome): boolean {
  if (outcome.kind !== 'value' || !contents) return false;
  const held = documents.map((document) => canonical(document)).sort();
  return contents(outcome.text).join('\n') === held.join('\n');
}

/** Not every server drops what was never made. */
async function dropIfThere(server: Server): Promise<void> {
  await server.run({ drop: SUBJECT }).catch((error: unknown) => {
    if (!(error instanceof MongoServerError)) throw error;
  });
}
