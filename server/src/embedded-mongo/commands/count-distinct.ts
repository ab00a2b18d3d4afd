import { encodeValue } from '../bson/key-encoding.js';
import { encodeDocument, MAX_DOCUMENT_BYTES } from '../bson/raw.js';
import { StoreError } from '../errors.js';
import { collectValues, splitPath } from '../query/path.js';
import { QueryRun, type QuerySpec } from '../query/query-run.js';
import type { Collection } from '../storage/catalogue.js';
import {
  assertNoCollation,
  type CommandContext,
  type CommandHandler,
  collectionName,
  countField,
  numberField,
  objectField,
} from './command.js';
import { assertValidQuery } from './find.js';

export const count: CommandHandler = async (request, context) => {
  const { body } = request;
  assertNoCollation(body);
  const limit = Math.abs(Math.trunc(numberField(body, 'limit') ?? 0));
  const spec = {
    filter: objectField(body, 'query'),
    hint: body.hint,
    skip: countField(body, 'skip') ?? 0,
    limit,
  };
  const collection = context.store.catalogue.find(request.database, collectionName(request));
  if (collection) return { n: await countMatches(collection, spec, context) };
  assertValidQuery(spec);
  return { n: 0 };
};

/** Count by the stored counters when nothing is asked, else by reading the matches. */
export async function countMatches(
  collection: Collection,
  spec: QuerySpec,
  context: CommandContext,
): Promise<number> {
  if (Object.keys(spec.filter).length === 0) {
    const { count: all } = context.store.catalogue.committedCounters(collection);
    const rest = Math.max(all - (spec.skip ?? 0), 0);
    return spec.limit ? Math.min(rest, spec.limit) : rest;
  }
  const run = new QueryRun(context.store.engine, collection, spec);
  let n = 0;
  while (await run.nextMatch()) n++;
  return n;
}

export const distinct: CommandHandler = async (request, context) => {
  const { body } = request;
  assertNoCollation(body);
  const { key } = body;
  if (typeof key !== 'string' || key === '') throw new StoreError('TypeMismatch', "'key' must be a string");
  const filter = objectField(body, 'query');
  const collection = context.store.catalogue.find(request.database, collectionName(request));
  if (!collection) {
    assertValidQuery({ filter });
    return { values: [] };
  }
  const segments = splitPath(key);
  const run = new QueryRun(context.store.engine, collection, { filter, hint: body.hint });
  const values = new Map<string, unknown>();
  for (let match = await run.nextMatch(); match; match = await run.nextMatch()) {
    for (const reached of collectValues(match.document, segments)) {
      const found: unknown[] = Array.isArray(reached) ? reached : [reached];
      for (const value of found) {
        if (value !== undefined) values.set(encodeValue(value).toString('latin1'), value);
      }
    }
  }
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  const reply = encodeDocument({ values: sorted, ok: 1 });
  if (reply.length > MAX_DOCUMENT_BYTES)
    throw new StoreError('BSONObjectTooLarge', 'distinct too big, 16mb cap');
  return reply;
};
