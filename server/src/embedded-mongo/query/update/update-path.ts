import { StoreError } from '../../errors.js';
import { badValue } from '../filter/filter-syntax.js';

/** An update path, split; `$`, `$[]` and `$[name]` stand for places in an array that each document decides. */
export type UpdatePath = readonly string[];

/** Split a path and refuse one that no document can have. */
export function updatePath(text: string): UpdatePath {
  const path = text.split('.');
  if (path.includes('')) {
    const message =
      text === ''
        ? 'An empty update path is not valid.'
        : `The update path '${text}' contains an empty field name, which is not allowed.`;
    throw new StoreError('EmptyFieldName', message);
  }
  const [first = ''] = path;
  if (isPlaceholder(first)) {
    throw badValue(`Cannot have an array position ('${first}') at the beginning of the path '${text}'`);
  }
  if (first.startsWith('$')) {
    throw new StoreError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${text}' is not valid for storage.`,
    );
  }
  if (path.filter((segment) => segment === '$').length > 1) {
    throw badValue(`Too many positional (i.e. '$') elements found in path '${text}'`);
  }
  return path;
}

export const isDynamic = (path: UpdatePath): boolean => path.some(isPlaceholder);

/** The name in `$[name]`, empty for `$[]`; undefined for any other segment. */
export const identifierOf = (segment: string): string | undefined => /^\$\[(.*)\]$/.exec(segment)?.[1];

const isPlaceholder = (segment: string): boolean => segment === '$' || identifierOf(segment) !== undefined;

/** The order in which an update visits paths: numbers as numbers, other names as text, a parent before what is in it. */
export function comparePaths(a: UpdatePath, b: UpdatePath): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareSegments(a[i] ?? '', b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const NUMBER = /^\d+$/;

function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  if (NUMBER.test(a) && NUMBER.test(b) && Number(a) !== Number(b)) return Number(a) - Number(b);
  return a < b ? -1 : 1;
}

/**
 * The paths one update names. Refuses one that is equal to another, lies above or below it, or goes into the same array by
 * name or number where the other goes in by filter.
 */
export class ReservedPaths {
  /** How a path that is named goes on from each place it passes. */
  private readonly ways = new Map<string, 'name' | 'filter' | 'end'>();

  reserve(path: UpdatePath): void {
    for (const [i, segment] of path.entries()) {
      this.pass(path, i, identifierOf(segment) === undefined ? 'name' : 'filter');
    }
    this.pass(path, path.length, 'end');
  }

  private pass(path: UpdatePath, length: number, way: 'name' | 'filter' | 'end'): void {
    const place = path.slice(0, length).join('.');
    const other = this.ways.get(place);
    if (other !== undefined && (other !== way || way === 'end')) {
      throw new StoreError(
        'ConflictingUpdateOperators',
        `Updating the path '${path.join('.')}' would create a conflict at '${place}'`,
      );
    }
    this.ways.set(place, way);
  }
}
