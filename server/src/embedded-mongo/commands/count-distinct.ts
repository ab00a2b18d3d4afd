import { calculateObjectSize } from 'bson';
import { encodeValue } from '../bson/key-encoding.js';
import { MAX_DOCUMENT_BYTES } from '../bson/raw.js';
import { StoreError } from '../errors.js';
import { collectValues, splitPath } from '../query/path.js';
import { countedKeys } from '../query/plan/count-by-keys.js';
import { QueryRun, type QuerySpec } from '../query/query-run.js';
import type { Collection } from '../storage/catalogue.js';
import type { CommandContext, CommandHandler } from './command.js';
import { assertValidQuery } from './find.js';
import { collationOf, timeLimitOf } from './query-options.js';
import { assertPresent, collectionName, countField, numberField, objectField } from './request.js';

export const count: CommandHandler = async (request, context) => {
  const { body } = request;
  const limit = Math.abs(Math.trunc(numberField(body, 'limit') ?? 0));
  const spec = {
    filter: objectField(body, 'query'),
    hint: body.hint ?? undefined,
    skip: countField(body, 'skip') ?? 0,
    limit,
    collation: collationOf(body),
    timeLimit: timeLimitOf(body),
  };
  const collection = context.store.catalogue.find(request.database, collectionName(request));
  if (collection) return { n: await countMatches(collection, spec, context) };
  assertValidQuery(spec);
  return { n: 0 };
};

/** Count by the stored counters when nothing is asked, by the keys of an index where those say all, else by reading the matches. */
export async function countMatches(
  collection: Collection,
  spec: QuerySpec,
  context: CommandContext,
): Promise<number> {
  // An index that leaves documents out also decides what is counted by it.
  if (Object.keys(spec.filter).length === 0 && spec.hint === undefined) {
    return cutCount(context.store.catalogue.committedCounters(collection).count, spec);
  }
  const run = new QueryRun(context.store.engine, collection, spec);
  const keys = countedKeys(spec.filter, run.plan);
  if (keys) return cutCount(context.store.engine.count(keys.low, keys.high), spec);
  let n = 0;
  while (await run.nextMatch()) n++;
  return n;
}

function cutCount(all: number, { skip = 0, limit = 0 }: QuerySpec): number {
  const rest = Math.max(all - skip, 0);
  return limit === 0 ? rest : Math.min(rest, limit);
}

export const distinct: CommandHandler = async (request, context) => {
  const { body } = request;
  const { key } = body;
  assertPresent(body, 'key');
  if (typeof key !== 'string' || key === '') throw new StoreError('TypeMismatch', "'key' must be a string");
  const collation = collationOf(body);
  const spec = {
    filter: objectField(body, 'query'),
    hint: body.hint,
    collation,
    timeLimit: timeLimitOf(body),
  };
  const collection = context.store.catalogue.find(request.database, collectionName(request));
  if (!collection) {
    assertValidQuery(spec);
    return { values: [] };
  }
  const segments = splitPath(key);
  const run = new QueryRun(context.store.engine, collection, spec);
  const values = new Map<string, unknown>();
  let bytes = 0;
  for (let match = await run.nextMatch(); match; match = await run.nextMatch()) {
    for (const reached of collectValues(match.document, segments)) {
      const found: unknown[] = Array.isArray(reached) ? reached : [reached];
      for (const value of found) {
        const form = encodeValue(value, false, collation).toString('latin1');
        if (value === undefined || values.has(form)) continue;
        bytes += elementBytes(value, values.size);
        if (bytes > MAX_DOCUMENT_BYTES)
          throw new StoreError('BSONObjectTooLarge', 'distinct too big, 16mb cap');
        values.set(form, value);
      }
    }
  }
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return { values: sorted };
};

/** What a value takes at a place of an array; a document takes five bytes besides its elements. */
function elementBytes(value: unknown, place: number): number {
  return calculateObjectSize({ [place]: value }) - 5;
}
