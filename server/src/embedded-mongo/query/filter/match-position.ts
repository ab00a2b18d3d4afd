import type { Collation } from '../../bson/collation.js';
import { equalValues } from '../../bson/compare.js';
import { type BsonObject, isObject } from '../../bson/values.js';
import { cloneDocument, getAt, setAt } from '../update/document-path.js';
import { isOperatorObject } from './filter-syntax.js';
import { compileFilter, type Matcher } from './matcher.js';

/** The filter that found a document, and how it compares texts. */
export interface FoundBy {
  readonly filter: BsonObject;
  readonly collation?: Collation | undefined;
}

/**
 * Where in the array at `path` the filter matched: the first element that satisfies its conditions on that array. Undefined when
 * it has none, or none that an element can satisfy.
 */
export function matchedPosition(
  document: BsonObject,
  path: readonly string[],
  foundBy: FoundBy,
): number | undefined {
  const array = getAt(document, path);
  const conditions = conditionsBelow(foundBy.filter, path.join('.'), foundBy.collation);
  if (!Array.isArray(array) || conditions.length === 0) return undefined;
  const copy = cloneDocument(document);
  const firstWith = (wanted: readonly Matcher[]): number =>
    array.findIndex((element: unknown) => {
      setAt(copy, path, [element]);
      return wanted.every((matches) => matches(copy));
    });
  const every = firstWith(conditions);
  const found = every === -1 ? firstWith(conditions.slice(0, 1)) : every;
  return found === -1 ? undefined : found;
}

/** These hold because nothing in the array matches. */
const NEGATIONS = new Set(['$ne', '$nin', '$not']);
const OF_WHOLE_ARRAYS = new Set(['$size', '$exists']);

function conditionsBelow(filter: BsonObject, arrayPath: string, collation: Collation | undefined): Matcher[] {
  return Object.keys(filter).flatMap((field): Matcher[] => {
    const operand = filter[field];
    if (field === '$and' && Array.isArray(operand)) {
      return operand.filter(isObject).flatMap((clause) => conditionsBelow(clause, arrayPath, collation));
    }
    if (field !== arrayPath && !field.startsWith(`${arrayPath}.`)) return [];
    // A position the filter names itself is no match of an element.
    if (/^\d+(\.|$)/.test(field.slice(arrayPath.length + 1))) return [];
    const whole = isOperatorObject(operand) ? operand.$eq : operand;
    if (field === arrayPath && Array.isArray(whole)) return [firstEquals(field.split('.'), whole, collation)];
    if (!isOperatorObject(operand)) return [compileFilter({ [field]: operand }, { collation })];
    const wanted = Object.keys(operand).filter(
      (name) => !NEGATIONS.has(name) && (field !== arrayPath || !OF_WHOLE_ARRAYS.has(name)),
    );
    if (wanted.length === 0) return [];
    const conditions = Object.fromEntries(wanted.map((name) => [name, operand[name]]));
    return [compileFilter({ [field]: conditions }, { collation })];
  });
}

/** An array equal as a whole is no match of an element; an element that is such an array itself is one. */
function firstEquals(
  path: readonly string[],
  wanted: readonly unknown[],
  collation: Collation | undefined,
): Matcher {
  return (document) => {
    const array = getAt(document, path);
    return Array.isArray(array) && equalValues(array[0], wanted, collation);
  };
}
