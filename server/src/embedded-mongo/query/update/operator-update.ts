import type { Collation } from '../../bson/collation.js';
import { encodeDocument } from '../../bson/raw.js';
import { type BsonObject, isObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue } from '../filter/filter-syntax.js';
import { assertViable, cloneDocument, getAt, renameAt, setAt, unsetAt } from './document-path.js';
import { FIELD_OPERATORS } from './field-operators.js';
import { type ArrayFilters, assertAllUsed, assertKnown, concretePaths } from './positions.js';
import { comparePaths, isDynamic, ReservedPaths, type UpdatePath, updatePath } from './update-path.js';
import { immutableId, type Updater } from './updater.js';

/** What one operator does at one path of the update. */
interface Step {
  /** Where the value goes; it decides when the step's turn is. */
  readonly path: UpdatePath;
  /** Every path that no other step may touch. */
  readonly names: readonly UpdatePath[];
  readonly onlyInserting: boolean;
  /** Changes the document at one of the places `path` stands for. */
  act(document: BsonObject, place: UpdatePath): void;
}

/**
 * Compile `{ $set: …, $inc: … }`. Operands and conflicts are judged at once, whether or not a document will match. Each
 * document is changed path by path in MongoDB's order, not in the order they were written down.
 */
export function compileOperators(
  update: BsonObject,
  arrayFilters: ArrayFilters,
  collation: Collation | undefined,
): Updater {
  const steps: Step[] = [];
  const named = new ReservedPaths();
  for (const name of Object.keys(update)) {
    for (const operand of operandsOf(name, update[name])) {
      const step = compileStep(name, operand, collation);
      assertKnown(arrayFilters, step.path);
      for (const path of step.names) named.reserve(path);
      steps.push(step);
    }
  }
  assertAllUsed(
    arrayFilters,
    steps.map((step) => step.path),
  );
  const touchesId = steps.some((step) => step.names.some(([root]) => root === '_id'));
  return (document, context) => {
    // What is about to be inserted was not found by the filter, so `$` means no place in it.
    const places = { filter: context.inserting ? {} : context.filter, arrayFilters, collation };
    const result = cloneDocument(document);
    const visits = steps
      .filter((step) => context.inserting || !step.onlyInserting)
      .flatMap((step) => concretePaths(document, step.path, places).map((place) => ({ step, place })))
      .sort((a, b) => comparePaths(a.place, b.place));
    if (steps.some((step) => isDynamic(step.path))) assertApart(visits.map((visit) => visit.place));
    for (const { step, place } of visits) step.act(result, place);
    if (touchesId) assertSameId(document, result);
    return result;
  };
}

function operandsOf(name: string, operands: unknown): [string, unknown][] {
  if (!FIELD_OPERATORS.has(name) && name !== '$unset' && name !== '$rename') {
    throw new StoreError(
      'FailedToParse',
      `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isObject(operands)) {
    throw new StoreError(
      'FailedToParse',
      `Modifiers operate on fields but we found type ${typeof operands} instead`,
    );
  }
  return Object.entries(operands);
}

function compileStep(
  name: string,
  [field, operand]: [string, unknown],
  collation: Collation | undefined,
): Step {
  if (name === '$rename') return renameStep(field, operand);
  const path = updatePath(field);
  const step = { path, names: [path], onlyInserting: name === '$setOnInsert' };
  if (name === '$unset') return { ...step, act: unsetAt };
  const operator = FIELD_OPERATORS.get(name);
  if (!operator) throw badValue(`Unknown modifier: ${name}`);
  const change = operator(operand, field, collation);
  return {
    ...step,
    act: (document, place) => {
      const current = getAt(document, place);
      const value = change(current);
      if (value !== undefined) setAt(document, place, value);
      else if (current === undefined) assertViable(document, place);
    },
  };
}

function renameStep(field: string, operand: unknown): Step {
  if (typeof operand !== 'string') throw badValue(`The 'to' field for $rename must be a string: ${field}`);
  const path = updatePath(operand);
  const from = updatePath(field);
  if (field === operand) throw badValue(`The source and target field for $rename must differ: ${field}`);
  if (field.startsWith(`${operand}.`) || operand.startsWith(`${field}.`)) {
    throw badValue(`The source and target field for $rename must not be on the same path: ${field}`);
  }
  if (isDynamic(from) || isDynamic(path)) {
    throw badValue(`The fields of $rename may not be dynamic: ${field}, ${operand}`);
  }
  return {
    path,
    names: [path, from],
    onlyInserting: false,
    act: (document, place) => renameAt(document, from, place),
  };
}

/** Two filters may choose the same element, which is seen only once the document is known. */
function assertApart(sorted: readonly UpdatePath[]): void {
  for (const [i, path] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next && path.every((segment, at) => segment === next[at])) {
      throw new StoreError('ConflictingUpdateOperators', `Update created a conflict at '${path.join('.')}'`);
    }
  }
}

/** The `_id` stays what it is, to the type of a number. */
function assertSameId(before: BsonObject, after: BsonObject): void {
  if (!Object.hasOwn(before, '_id')) return;
  const same =
    Object.hasOwn(after, '_id') &&
    encodeDocument({ _id: before._id }).equals(encodeDocument({ _id: after._id }));
  if (!same) throw immutableId();
}
