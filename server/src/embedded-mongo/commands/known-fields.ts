import type { BsonObject } from '../bson/values.js';
import { StoreError } from '../errors.js';
import type { CommandRequest } from './request.js';

/** Fields any command may have, besides those whose names begin with a dollar sign. */
const GENERIC = new Set([
  ...['lsid', 'txnNumber', 'autocommit', 'startTransaction', 'readConcern', 'writeConcern', 'maxTimeMS'],
  ...['comment', 'help', 'apiVersion', 'apiStrict', 'apiDeprecationErrors', 'clientOperationKey'],
]);

/** Accepted by every command that writes documents; there are no validators, and an empty timestamp is kept anyway. */
const OF_WRITES = ['ordered', 'bypassDocumentValidation', 'bypassEmptyTsReplacement'];

const OF_FIND_AND_MODIFY = [
  ...['query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert', 'bypassDocumentValidation'],
  ...['bypassEmptyTsReplacement', 'collation', 'arrayFilters', 'hint', 'let'],
];

/** The fields of the commands for documents, in MongoDB's own spelling. */
const OF_COMMAND: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    find: [
      ...[
        'filter',
        'sort',
        'projection',
        'hint',
        'skip',
        'limit',
        'batchSize',
        'singleBatch',
        'allowDiskUse',
      ],
      ...[
        'min',
        'max',
        'returnKey',
        'showRecordId',
        'tailable',
        'oplogReplay',
        'noCursorTimeout',
        'awaitData',
      ],
      ...['allowPartialResults', 'collation', 'let', 'readOnce'],
    ],
    getMore: ['collection', 'batchSize'],
    aggregate: [
      ...['pipeline', 'explain', 'allowDiskUse', 'cursor', 'bypassDocumentValidation', 'collation', 'hint'],
      'let',
    ],
    count: ['query', 'limit', 'skip', 'hint', 'collation', 'fields'],
    distinct: ['key', 'query', 'hint', 'collation'],
    insert: ['documents', ...OF_WRITES],
    update: ['updates', 'let', ...OF_WRITES],
    delete: ['deletes', 'let', ...OF_WRITES],
    findAndModify: OF_FIND_AND_MODIFY,
    findandmodify: OF_FIND_AND_MODIFY,
  }).map(([name, fields]) => [name, new Set([name, ...fields])]),
);

const OF_STATEMENT = {
  update: new Set(['q', 'u', 'c', 'multi', 'upsert', 'arrayFilters', 'hint', 'collation', 'sort']),
  delete: new Set(['q', 'limit', 'hint', 'collation']),
} as const;

/** Refuse a command for documents with a field MongoDB does not know: ignored, a misspelt condition would select too much. */
export function assertKnownFields({ name, body }: CommandRequest): void {
  const known = OF_COMMAND.get(name);
  if (known === undefined) return;
  for (const field in body) {
    if (!known.has(field) && !GENERIC.has(field) && !field.startsWith('$')) throw unknownField(name, field);
  }
}

/** The same for one statement of a bulk. */
export function assertKnownStatement(kind: 'update' | 'delete', statement: BsonObject): void {
  for (const field in statement) {
    if (!OF_STATEMENT[kind].has(field)) throw unknownField(`${kind}.${kind}s`, field);
  }
}

function unknownField(where: string, field: string): StoreError {
  return new StoreError('IDLUnknownField', `BSON field '${where}.${field}' is an unknown field.`);
}
