import { equalValues } from '../../bson/compare.js';
import { type BsonObject, isObject, promoteObject, setField } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { guardMingo, mingo, NO_SCRIPTS } from '../expressions.js';
import { badValue } from '../filter-syntax.js';
import { cloneDocument, getAt, setAt, unsetAt } from './document-path.js';
import { FIELD_OPERATORS } from './field-operators.js';
import { keepTypes } from './keep-types.js';
import { concretePaths, type PositionContext } from './positions.js';

/** Computes the new version of a document, leaving the old one untouched. */
export type Updater = (document: BsonObject, context: PositionContext & { inserting: boolean }) => BsonObject;

/**
 * Compile what an update command wants done: a replacement, update operators, or a pipeline. Values keep the BSON types
 * they have in the document or in the command. Refuses unknown operators and conflicting paths.
 */
export function compileUpdate(update: unknown): Updater {
  if (Array.isArray(update)) return compilePipeline(update);
  if (!isObject(update))
    throw new StoreError('FailedToParse', 'Update argument must be an object or an array');
  const names = Object.keys(update);
  if (!names.some((name) => name.startsWith('$'))) return replaceWith(update);
  const steps = names.flatMap((name) => compileOperator(name, update[name]));
  assertNoConflicts(steps.flatMap((step) => step.paths));
  return (document, context) => {
    const result = cloneDocument(document);
    for (const step of steps) step.apply(result, context);
    assertSameId(document, result);
    return result;
  };
}

/** True for a document without operators, which replaces everything but `_id`. */
export function isReplacement(update: unknown): boolean {
  return isObject(update) && !Object.keys(update).some((name) => name.startsWith('$'));
}

function replaceWith(replacement: BsonObject): Updater {
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

interface UpdateStep {
  readonly paths: readonly string[];
  apply(document: BsonObject, context: PositionContext & { inserting: boolean }): void;
}

function compileOperator(name: string, operands: unknown): UpdateStep[] {
  if (!name.startsWith('$'))
    throw new StoreError('FailedToParse', `Unknown modifier: ${name}. Expected a valid update modifier`);
  const known = FIELD_OPERATORS.has(name) || name === '$unset' || name === '$rename';
  if (!known)
    throw new StoreError('FailedToParse', `Unknown modifier: ${name}. Expected a valid update modifier`);
  if (!isObject(operands)) {
    throw new StoreError(
      'FailedToParse',
      `Modifiers operate on fields but we found type ${typeof operands} instead`,
    );
  }
  return Object.keys(operands).map((path) => {
    assertUpdatePath(path);
    return compileStep(name, path, operands[path]);
  });
}

function compileStep(name: string, path: string, operand: unknown): UpdateStep {
  if (name === '$rename') return renameStep(path, operand);
  if (name === '$unset') {
    return {
      paths: [path],
      apply: (document, context) => eachPath(document, path, context, (at) => unsetAt(document, at)),
    };
  }
  const operator = FIELD_OPERATORS.get(name);
  if (!operator) throw badValue(`Unknown modifier: ${name}`);
  return {
    paths: [path],
    apply: (document, context) => {
      if (name === '$setOnInsert' && !context.inserting) return;
      eachPath(document, path, context, (at) => {
        const value = operator(getAt(document, at), operand, path);
        if (value !== undefined) setAt(document, at, value);
      });
    },
  };
}

function eachPath(
  document: BsonObject,
  path: string,
  context: PositionContext,
  act: (path: readonly string[]) => void,
): void {
  for (const concrete of concretePaths(document, path, context)) act(concrete);
}

function renameStep(from: string, to: unknown): UpdateStep {
  if (typeof to !== 'string') throw badValue(`The 'to' field for $rename must be a string: ${from}`);
  assertUpdatePath(to);
  if (from.includes('$') || to.includes('$'))
    throw badValue(`The field of $rename may not be dynamic: ${from}`);
  return {
    paths: [from, to],
    apply: (document) => {
      const value = getAt(document, from.split('.'));
      if (value === undefined) return;
      unsetAt(document, from.split('.'));
      setAt(document, to.split('.'), value);
    },
  };
}

function assertUpdatePath(path: string): void {
  const segments = path.split('.');
  if (path === '' || segments.includes('')) {
    throw new StoreError(
      path === '' ? 'FailedToParse' : 'BadValue',
      path === ''
        ? 'An empty update path is not valid.'
        : `The update path '${path}' contains an empty field name`,
    );
  }
  if (segments[0]?.startsWith('$')) {
    throw new StoreError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${path}' is not valid for storage.`,
    );
  }
}

function assertNoConflicts(paths: readonly string[]): void {
  const sorted = [...paths].sort();
  for (const [i, path] of sorted.entries()) {
    for (const other of sorted.slice(i + 1)) {
      if (other !== path && !other.startsWith(`${path}.`)) continue;
      throw new StoreError(
        'ConflictingUpdateOperators',
        `Updating the path '${other}' would create a conflict at '${path}'`,
      );
    }
  }
}

function assertSameId(before: BsonObject, after: BsonObject): void {
  if (Object.hasOwn(before, '_id') && !equalValues(before._id, after._id)) throw immutableId();
}

function immutableId(): StoreError {
  return new StoreError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

const PIPELINE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

function compilePipeline(stages: readonly unknown[]): Updater {
  const plain = stages.map((stage) => {
    const name = isObject(stage) ? Object.keys(stage)[0] : undefined;
    if (!isObject(stage) || name === undefined || !PIPELINE_STAGES.has(name)) {
      throw new StoreError('InvalidOptions', `${String(name)} is not allowed to be used within an update`);
    }
    return promoteObject(stage);
  });
  return (document) => {
    const before = promoteObject(document);
    const [after] = guardMingo(() => mingo().aggregate([before], plain, NO_SCRIPTS));
    const result = keepTypes(document, isObject(after) ? after : {});
    if (!Object.hasOwn(result, '_id') && Object.hasOwn(document, '_id'))
      return { _id: document._id, ...result };
    assertSameId(document, result);
    return result;
  };
}
