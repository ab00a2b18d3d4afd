import type { Collation } from '../../bson/collation.js';
import { type BsonObject, isObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue } from '../filter/filter-syntax.js';
import { type FoundBy, matchedPosition } from '../filter/match-position.js';
import { compileFilter, type Matcher } from '../filter/matcher.js';
import { getAt } from './document-path.js';
import { identifierOf, type UpdatePath } from './update-path.js';

/** Compiled `arrayFilters` by identifier, for `$[identifier]`. */
export type ArrayFilters = ReadonlyMap<string, Matcher>;

/** What the special segments of an update path refer to. */
interface PositionContext extends FoundBy {
  readonly arrayFilters: ArrayFilters;
}

/** Compile `arrayFilters`; each names one identifier, and its test sees `{ identifier: element }`. */
export function compileArrayFilters(filters: unknown, collation?: Collation): ArrayFilters {
  const compiled = new Map<string, Matcher>();
  if (filters === undefined || filters === null) return compiled;
  if (!Array.isArray(filters)) throw new StoreError('TypeMismatch', 'arrayFilters must be an array');
  for (const filter of filters) {
    if (!isObject(filter)) throw new StoreError('TypeMismatch', 'each array filter must be an object');
    const identifier = identifierIn(filter);
    if (compiled.has(identifier)) {
      throw new StoreError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    }
    compiled.set(identifier, compileFilter(filter, { collation }));
  }
  return compiled;
}

function identifierIn(filter: BsonObject): string {
  const identifiers = new Set(identifiersOf(filter));
  const [identifier] = identifiers;
  if (identifiers.size !== 1 || identifier === undefined) {
    throw new StoreError('FailedToParse', 'each array filter must name exactly one identifier');
  }
  if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
    throw badValue(
      `The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
    );
  }
  return identifier;
}

function identifiersOf(filter: BsonObject): string[] {
  return Object.keys(filter).flatMap((field) => {
    const operand = filter[field];
    if (!field.startsWith('$')) return [field.split('.')[0] ?? ''];
    return Array.isArray(operand) ? operand.filter(isObject).flatMap(identifiersOf) : [];
  });
}

/** Refuse a path with an identifier that no filter explains. */
export function assertKnown(arrayFilters: ArrayFilters, path: UpdatePath): void {
  const unknown = identifiersIn(path).find((identifier) => !arrayFilters.has(identifier));
  if (unknown !== undefined)
    throw badValue(`No array filter found for identifier '${unknown}' in path '${path.join('.')}'`);
}

/** Refuse a filter that no path of the update asks for. */
export function assertAllUsed(arrayFilters: ArrayFilters, paths: readonly UpdatePath[]): void {
  const used = new Set(paths.flatMap(identifiersIn));
  const idle = [...arrayFilters.keys()].find((identifier) => !used.has(identifier));
  if (idle !== undefined) {
    throw new StoreError(
      'FailedToParse',
      `The array filter for identifier '${idle}' was not used in the update`,
    );
  }
}

const identifiersIn = (path: UpdatePath): string[] =>
  path.map((segment) => identifierOf(segment) ?? '').filter((identifier) => identifier !== '');

/** The places an update path stands for in one document, every array position a number. */
export function concretePaths(
  document: BsonObject,
  path: UpdatePath,
  context: PositionContext,
): UpdatePath[] {
  let paths: UpdatePath[] = [[]];
  for (const segment of path) {
    paths = paths.flatMap((prefix) => expandSegment(document, prefix, segment, context));
  }
  return paths;
}

function expandSegment(
  document: BsonObject,
  prefix: UpdatePath,
  segment: string,
  context: PositionContext,
): UpdatePath[] {
  if (segment === '$') return [[...prefix, String(positionOf(document, prefix, context))]];
  const identifier = identifierOf(segment);
  if (identifier === undefined) return [[...prefix, segment]];
  const array = getAt(document, prefix);
  if (!Array.isArray(array)) {
    throw badValue(
      `The path '${prefix.join('.')}' must exist in the document in order to apply array updates.`,
    );
  }
  const matches = context.arrayFilters.get(identifier);
  return array.flatMap((element: unknown, i) =>
    !matches || matches({ [identifier]: element }) ? [[...prefix, String(i)]] : [],
  );
}

function positionOf(document: BsonObject, array: UpdatePath, foundBy: FoundBy): number {
  const position = matchedPosition(document, array, foundBy);
  if (position !== undefined) return position;
  throw badValue('The positional operator did not find the match needed from the query.');
}
