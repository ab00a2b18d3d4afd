import { equalValues } from '../../bson/compare.js';
import { type BsonObject, isObject, setField } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { compileOperators } from './operator-update.js';
import { compilePipelineUpdate } from './pipeline-update.js';
import type { ArrayFilters } from './positions.js';
import { immutableId, type UpdateRules, type Updater } from './updater.js';

/**
 * Compile what an update command wants done: a replacement, update operators, or a pipeline. Values keep the BSON types
 * they have in the document or in the command. Refuses unknown operators, bad operands and conflicting paths.
 */
export function compileUpdate(update: unknown, arrayFilters: ArrayFilters, rules: UpdateRules = {}): Updater {
  if (Array.isArray(update)) {
    if (arrayFilters.size > 0) {
      throw new StoreError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
    }
    return compilePipelineUpdate(update, rules);
  }
  if (!isObject(update))
    throw new StoreError('FailedToParse', 'Update argument must be an object or an array');
  return isReplacement(update)
    ? replaceWith(update)
    : compileOperators(update, arrayFilters, rules.collation);
}

/** True for a document that replaces everything but `_id`: its first field is not an operator. */
export function isReplacement(update: unknown): update is BsonObject {
  return isObject(update) && Object.keys(update)[0]?.startsWith('$') !== true;
}

function replaceWith(replacement: BsonObject): Updater {
  const dollar = Object.keys(replacement).find((field) => field.startsWith('$'));
  if (dollar !== undefined) {
    throw new StoreError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' is not allowed in the context of an update's replacement document.`,
    );
  }
  return (document) => {
    const result: BsonObject = {};
    const id = Object.hasOwn(document, '_id') ? document._id : replacement._id;
    if (id !== undefined) result._id = id;
    for (const field of Object.keys(replacement)) {
      if (field !== '_id') setField(result, field, replacement[field]);
    }
    if (Object.hasOwn(replacement, '_id') && !equalValues(replacement._id, id)) throw immutableId();
    return result;
  };
}
