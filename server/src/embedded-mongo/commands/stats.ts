import { setImmediate } from 'node:timers/promises';
import { type BsonObject, numberOf } from '../bson/values.js';
import { LocationError, notSupported, StoreError } from '../errors.js';
import type { Collection } from '../storage/catalogue.js';
import type { Engine } from '../storage/engine.js';
import { afterPrefix, prefixOf, SPACE } from '../storage/layout.js';
import type { CommandContext, CommandHandler } from './command.js';
import { splitNamespace } from './namespace.js';
import { collectionName } from './request.js';

/** What a collection and its indexes take, without the pages around it. */
interface CollectionSizes {
  readonly count: number;
  readonly bytes: number;
  readonly indexBytes: ReadonlyMap<string, number>;
}

const ENTRIES_PER_TURN = 1000;

/** Documents are counted as they are written, index entries are read through, giving way to others on the way. */
async function measure(collection: Collection, context: CommandContext): Promise<CollectionSizes> {
  const { catalogue, engine } = context.store;
  const indexBytes = new Map<string, number>();
  for (const index of collection.indexes) {
    if (index.ready) indexBytes.set(index.name, await bytesBelow(engine, prefixOf(SPACE.indexes, index.id)));
  }
  return { ...catalogue.committedCounters(collection), indexBytes };
}

async function bytesBelow(engine: Engine, prefix: Buffer): Promise<number> {
  const end = afterPrefix(prefix);
  let bytes = 0;
  let last: Buffer | undefined;
  for (;;) {
    const entries = engine.range({
      start: last ?? prefix,
      end,
      limit: ENTRIES_PER_TURN,
      exclusiveStart: last !== undefined,
    });
    for (const { key, value } of entries) bytes += key.length + value.length;
    last = entries.at(-1)?.key;
    if (entries.length < ENTRIES_PER_TURN) return bytes;
    await setImmediate();
  }
}

/** The figures of `collStats` and of `$collStats`; nothing is compressed, so what is stored is as long as the documents. */
export async function storageStats(
  collection: Collection | undefined,
  scale: number,
  context: CommandContext,
): Promise<BsonObject> {
  const sizes = collection
    ? await measure(collection, context)
    : { count: 0, bytes: 0, indexBytes: new Map<string, number>() };
  const { count, bytes, indexBytes } = sizes;
  const indexTotal = sum(indexBytes.values());
  const scaled = (size: number): number => Math.floor(size / scale);
  return {
    size: scaled(bytes),
    count,
    ...(count > 0 ? { avgObjSize: Math.floor(bytes / count) } : {}),
    storageSize: scaled(bytes),
    capped: false,
    nindexes: indexBytes.size,
    indexSizes: Object.fromEntries([...indexBytes].map(([name, size]) => [name, scaled(size)])),
    totalIndexSize: scaled(indexTotal),
    totalSize: scaled(bytes + indexTotal),
    scaleFactor: scale,
  };
}

/** The unit sizes are given in, in bytes. */
export function scaleOf(value: unknown): number {
  if (value === undefined || value === null) return 1;
  const scale = numberOf(value);
  if (scale === undefined) throw new StoreError('TypeMismatch', "'scale' must be a number");
  if (!(scale >= 1))
    throw new LocationError(51024, `BSON field 'scale' value must be >= 1, actual value '${scale}'`);
  return Math.trunc(scale);
}

export const collStats: CommandHandler = async (request, context) => {
  const name = collectionName(request);
  const collection = context.store.catalogue.find(request.database, name);
  const stats = await storageStats(collection, scaleOf(request.body.scale), context);
  return { ns: `${request.database}.${name}`, ...stats };
};

export const dbStats: CommandHandler = async (request, context) => {
  const scale = scaleOf(request.body.scale);
  const collections = context.store.catalogue.list().filter(({ database }) => database === request.database);
  const sizes: CollectionSizes[] = [];
  for (const collection of collections) sizes.push(await measure(collection, context));
  const objects = sum(sizes.map(({ count }) => count));
  const dataSize = sum(sizes.map(({ bytes }) => bytes));
  const indexSize = sum(sizes.map(({ indexBytes }) => sum(indexBytes.values())));
  return {
    db: request.database,
    collections: collections.length,
    views: 0,
    objects,
    avgObjSize: objects > 0 ? dataSize / objects : 0,
    dataSize: dataSize / scale,
    storageSize: dataSize / scale,
    indexes: sum(sizes.map(({ indexBytes }) => indexBytes.size)),
    indexSize: indexSize / scale,
    totalSize: (dataSize + indexSize) / scale,
    scaleFactor: scale,
  };
};

/** The size of a whole collection; a part of one would have to be read. */
export const dataSize: CommandHandler = ({ body }, context) => {
  const { database, name } = splitNamespace(body.dataSize);
  for (const bound of ['keyPattern', 'min', 'max']) {
    if (body[bound] !== undefined) throw notSupported(`'dataSize' with '${bound}'`);
  }
  const collection = context.store.catalogue.find(database, name);
  const { count, bytes } = collection
    ? context.store.catalogue.committedCounters(collection)
    : { count: 0, bytes: 0 };
  return { estimate: false, size: bytes, numObjects: count };
};

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
