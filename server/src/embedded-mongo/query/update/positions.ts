import { type BsonObject, isObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue, isOperatorObject } from '../filter-syntax.js';
import { compileFilter, type Matcher } from '../matcher.js';
import { cloneDocument, getAt, setAt } from './document-path.js';

/** What the special segments of an update path refer to. */
export interface PositionContext {
  /** The filter that found the document, for `$`. */
  readonly filter: BsonObject;
  /** Compiled `arrayFilters` by identifier, for `$[identifier]`. */
  readonly arrayFilters: ReadonlyMap<string, Matcher>;
}

/** Compile `arrayFilters`; each names one identifier, and its test sees `{ identifier: element }`. */
export function compileArrayFilters(filters: unknown): Map<string, Matcher> {
  const compiled = new Map<string, Matcher>();
  if (filters === undefined || filters === null) return compiled;
  if (!Array.isArray(filters)) throw badValue('arrayFilters must be an array');
  for (const filter of filters) {
    if (!isObject(filter)) throw badValue('each array filter must be an object');
    const identifiers = new Set(identifiersOf(filter));
    const [identifier] = identifiers;
    if (identifiers.size !== 1 || identifier === undefined) {
      throw new StoreError('FailedToParse', 'each array filter must name exactly one identifier');
    }
    if (compiled.has(identifier)) {
      throw new StoreError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    }
    compiled.set(identifier, compileFilter(filter));
  }
  return compiled;
}

function identifiersOf(filter: BsonObject): string[] {
  return Object.keys(filter).flatMap((field) => {
    const operand = filter[field];
    if (!field.startsWith('$')) return [field.split('.')[0] ?? ''];
    return Array.isArray(operand) ? operand.filter(isObject).flatMap(identifiersOf) : [];
  });
}

/** The concrete paths an update path stands for in one document, every array position a number. */
export function concretePaths(document: BsonObject, path: string, context: PositionContext): string[][] {
  const segments = path.split('.');
  if (!path.includes('$')) return [segments];
  let paths: string[][] = [[]];
  for (const segment of segments) {
    paths = paths.flatMap((prefix) => expandSegment(document, prefix, segment, context));
  }
  return paths;
}

function expandSegment(
  document: BsonObject,
  prefix: string[],
  segment: string,
  context: PositionContext,
): string[][] {
  if (segment === '$') return [[...prefix, String(matchedPosition(document, prefix, context.filter))]];
  const identifier = /^\$\[(\w*)\]$/.exec(segment)?.[1];
  if (identifier === undefined) return [[...prefix, segment]];
  const array = getAt(document, prefix);
  if (!Array.isArray(array)) {
    throw badValue(
      `The path '${prefix.join('.')}' must exist in the document in order to apply array updates.`,
    );
  }
  const matcher = identifier === '' ? () => true : context.arrayFilters.get(identifier);
  if (!matcher)
    throw badValue(`No array filter found for identifier '${identifier}' in path '${prefix.join('.')}'`);
  return array.flatMap((element: unknown, i) => {
    const chosen = identifier === '' || matcher({ [identifier]: element });
    return chosen ? [[...prefix, String(i)]] : [];
  });
}

/** Where in the array the filter matched: the first element that satisfies the filter's conditions on that array. */
function matchedPosition(document: BsonObject, prefix: readonly string[], filter: BsonObject): number {
  const array = getAt(document, prefix);
  const conditions = conditionsBelow(filter, prefix.join('.'));
  if (Array.isArray(array) && conditions.length > 0) {
    const copy = cloneDocument(document);
    const holdsFor = (element: unknown, wanted: readonly Matcher[]): boolean => {
      setAt(copy, prefix, [element]);
      return wanted.every((matches) => matches(copy));
    };
    const every = array.findIndex((element: unknown) => holdsFor(element, conditions));
    if (every !== -1) return every;
    const some = array.findIndex((element: unknown) => holdsFor(element, conditions.slice(0, 1)));
    if (some !== -1) return some;
  }
  throw badValue('The positional operator did not find the match needed from the query.');
}

function conditionsBelow(filter: BsonObject, arrayPath: string): Matcher[] {
  return Object.keys(filter).flatMap((field): Matcher[] => {
    const operand = filter[field];
    if (field === '$and' && Array.isArray(operand)) {
      return operand.filter(isObject).flatMap((clause) => conditionsBelow(clause, arrayPath));
    }
    if (field !== arrayPath && !field.startsWith(`${arrayPath}.`)) return [];
    if (isOperatorObject(operand) && Object.hasOwn(operand, '$size')) return [];
    return [compileFilter({ [field]: operand })];
  });
}
