import type { BsonObject } from '../bson/values.js';
import { notSupported, StoreError } from '../errors.js';
import { namespaceOf } from '../storage/catalogue.js';
import { checkCollection } from '../storage/collection-check.js';
import type { CommandHandler } from './command.js';
import { collectionName } from './request.js';

/** Options that would change something; the others only say how thorough to be, and every check is the full one. */
const REPAIRS = ['repair', 'fixMultikey'];

/** Check a collection: its documents, its counters, and every index entry by entry. */
export const validate: CommandHandler = async (request, { store }) => {
  const name = collectionName(request);
  for (const option of REPAIRS) {
    if (request.body[option] !== undefined && request.body[option] !== false)
      throw notSupported(`'validate' with '${option}'`);
  }
  const collection = store.catalogue.find(request.database, name);
  if (!collection) {
    throw new StoreError(
      'NamespaceNotFound',
      `Collection '${request.database}.${name}' does not exist to validate.`,
    );
  }
  const findings = await checkCollection(store, collection);
  const details = findings.indexes.map(({ name: index, problems }): [string, BsonObject] => [
    index,
    problems.length === 0 ? { valid: true } : { valid: false, errors: problems },
  ]);
  const damaged = findings.indexes.filter(({ problems }) => problems.length > 0);
  const errors = [
    ...findings.problems,
    ...damaged.map((index) => `index ${index.name} does not agree with the documents`),
  ];
  return {
    ns: namespaceOf(collection),
    nInvalidDocuments: findings.unreadable,
    nrecords: findings.documents,
    nIndexes: findings.indexes.length,
    keysPerIndex: Object.fromEntries(findings.indexes.map(({ name: index, entries }) => [index, entries])),
    indexDetails: Object.fromEntries(details),
    valid: errors.length === 0,
    warnings: [],
    errors,
  };
};
