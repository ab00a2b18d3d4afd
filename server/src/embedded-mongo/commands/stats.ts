import { numberOf } from '../bson/values.js';
import { type CommandHandler, collectionName } from './command.js';

export const collStats: CommandHandler = (request, context) => {
  const name = collectionName(request);
  const { catalogue } = context.store;
  const collection = catalogue.find(request.database, name);
  const scale = numberOf(request.body.scale) ?? 1;
  const { count, bytes } = collection ? catalogue.committedCounters(collection) : { count: 0, bytes: 0 };
  return {
    ns: `${request.database}.${name}`,
    count,
    size: Math.floor(bytes / scale),
    ...(count > 0 ? { avgObjSize: Math.floor(bytes / count) } : {}),
    storageSize: Math.floor(bytes / scale),
    nindexes: collection?.indexes.length ?? 0,
    capped: false,
    scaleFactor: scale,
  };
};

export const dbStats: CommandHandler = (request, context) => {
  const { catalogue, engine } = context.store;
  const collections = catalogue.list().filter(({ database }) => database === request.database);
  const counters = collections.map((collection) => catalogue.committedCounters(collection));
  return {
    db: request.database,
    collections: collections.length,
    views: 0,
    objects: counters.reduce((sum, { count }) => sum + count, 0),
    dataSize: counters.reduce((sum, { bytes }) => sum + bytes, 0),
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length, 0),
    storageSize: engine.fileBytes(),
    scaleFactor: 1,
  };
};
