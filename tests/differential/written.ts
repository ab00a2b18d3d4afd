import { EJSON } from 'bson';
import { type Document, MongoServerError } from 'mongodb';
import { type Operation, SUBJECT } from './operation.js';
import { canonical, isClaimedCode, type Outcome } from './outcome.js';
import type { Server } from './servers.js';

/** What came of a write: the part of the reply that counts, and what the collection holds, sorted as text. */
export interface Written {
  readonly reply: Document;
  readonly documents: readonly string[];
}

/** Runs a write and writes down what came of it: the reply in the first line, then the documents, one a line. */
export function observeWrite(
  write: (server: Server, command: Document) => Promise<Document>,
): Pick<Operation, 'observe' | 'contents'> {
  return {
    observe: async (server, command) => {
      const reply = await write(server, command);
      const { cursor } = await server.run({ find: SUBJECT });
      const documents: string[] = cursor.firstBatch.map((document: Document) => canonical(document));
      return [JSON.stringify(reply), ...documents.sort()].join('\n');
    },
    contents: (observed) => observed.split('\n').slice(1),
  };
}

/** The same, read back. */
export function writtenIn(outcome: Outcome): Written | undefined {
  if (outcome.kind !== 'value') return undefined;
  const [reply = '', ...documents] = outcome.text.split('\n');
  return { reply: JSON.parse(reply), documents };
}

/** Runs a bulk as it is. */
export const writeBulk = (server: Server, command: Document): Promise<Document> =>
  server.run(command).then(bulkPicture, (error: unknown) => {
    const statements: unknown[] = command[listIn(command)];
    // It is the same whether the only statement is refused or the command.
    return statements.length === 1
      ? { ...NOTHING, errors: [{ index: 0, ...refused(error) }] }
      : refused(error);
  });

/** Runs the statements of a bulk one after the other, which must come to the same. */
export async function writeOneByOne(server: Server, command: Document): Promise<Document> {
  const list = listIn(command);
  const statements: unknown[] = command[list];
  const total = { ...NOTHING, upserted: [] as Document[], errors: [] as Document[] };
  for (const [index, statement] of statements.entries()) {
    const { n, nModified, upserted, errors } = await writeBulk(server, { ...command, [list]: [statement] });
    total.n += n;
    total.nModified += nModified;
    total.upserted.push(...upserted.map((one: Document) => ({ ...one, index })));
    total.errors.push(...errors.map((one: Document) => ({ ...one, index })));
    if (errors.length > 0 && command.ordered !== false) break;
  }
  return total;
}

/** The field of a bulk that holds its statements. */
const listIn = (command: Document): string =>
  ['updates', 'deletes', 'documents'].find((name) => Array.isArray(command[name])) ?? 'updates';

const NOTHING = { n: 0, nModified: 0, upserted: [], errors: [] };

function bulkPicture(reply: Document): Document {
  const { n = 0, nModified = 0, upserted = [], writeErrors = [] } = reply;
  for (const error of writeErrors) {
    if (!isClaimedCode(error.code)) throw new MongoServerError(error);
  }
  return {
    n: Number(n),
    nModified: Number(nModified),
    upserted: upserted.map(upsertedPicture),
    errors: writeErrors.map(refusalPicture),
  };
}

const upsertedPicture = ({ index, _id }: Document): Document => ({
  index: Number(index),
  _id: pictureOf(_id),
});

/** A value with its types, as plain JSON. */
const pictureOf = (value: unknown): unknown => JSON.parse(canonical(value));

/** The reply of findAndModify. */
export function modifiedPicture({ value, lastErrorObject }: Document): Document {
  if (!lastErrorObject) return { value: pictureOf(value) };
  const { n, upserted, ...flags } = lastErrorObject;
  return {
    value: pictureOf(value),
    lastErrorObject: {
      n: Number(n),
      ...flags,
      ...(upserted === undefined ? {} : { upserted: pictureOf(upserted) }),
    },
  };
}

/** What is seen of a refused command. What a server does not claim to do stays an error. */
export function refused(error: unknown): Document {
  if (!(error instanceof MongoServerError) || !isClaimedCode(error.code)) throw error;
  return refusalPicture({ code: error.code, errmsg: error.message });
}

/** A refusal; the message of a duplicate key says which, where a server knows. */
function refusalPicture({ index, code, errmsg }: Document): Document {
  const [duplicate] = Number(code) === DUPLICATE_KEY ? (/index: .* dup key: .*/.exec(errmsg) ?? []) : [];
  const place = index === undefined ? {} : { index: Number(index) };
  const key = duplicate === undefined ? {} : { duplicate: asShownAnywhere(duplicate) };
  return { ...place, code: Number(code), ...key };
}

/** Only MongoDB shows times, ids and empty documents as its shell does. */
const asShownAnywhere = (text: string): string =>
  text
    .replace(TIMES, 'a time')
    .replace(/ObjectId\('(\w+)'\)/g, '$1')
    .replace(/\{ {2}\}/g, '{}');
const TIMES = /new Date\(\d+\)|Timestamp\(\d+, \d+\)|"[\d-]+T[\d:]+Z"|"BsonTimestamp[^"]*"/g;
const DUPLICATE_KEY = 11000;

/**
 * Makes or drops indexes, and says what the server answered and which there are then. In one witness what could not be
 * made lives on, so nothing else is done in the same database.
 */
export async function observeIndexes(server: Server, command: Document): Promise<string> {
  const reply = await server.run(command).then(indexPicture, refused);
  const { cursor } = await server.run({ listIndexes: SUBJECT });
  const specs: string[] = cursor.firstBatch.map(specPicture);
  await server.moveOn();
  return [JSON.stringify(reply), ...specs.sort()].join('\n');
}

function indexPicture({ numIndexesBefore, numIndexesAfter, nIndexesWas }: Document): Document {
  if (numIndexesBefore === undefined) return nIndexesWas === undefined ? {} : { was: Number(nIndexesWas) };
  return { before: Number(numIndexesBefore), after: Number(numIndexesAfter) };
}

const specPicture = ({ name, key, unique, sparse, partialFilterExpression }: Document): string =>
  EJSON.stringify({ name, key, unique, sparse, partialFilterExpression });
