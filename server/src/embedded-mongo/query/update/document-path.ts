import { type BsonObject, fieldOf, isObject, setField } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue } from '../filter/filter-syntax.js';

/** Arrays may not be stretched by more than this through a numbered path, as in MongoDB. */
const MAX_ARRAY_PADDING = 1_500_000;
const INDEX = /^(0|[1-9]\d*)$/;

/** A copy that shares only the leaves, so that an update never changes what it was given. */
export function cloneValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneValue);
  return isObject(value) ? cloneDocument(value) : value;
}

export function cloneDocument(document: BsonObject): BsonObject {
  const copy: BsonObject = {};
  for (const field of Object.keys(document)) setField(copy, field, cloneValue(document[field]));
  return copy;
}

/** The value at a path whose array positions are all numbers. */
export function getAt(document: BsonObject, path: readonly string[]): unknown {
  let value: unknown = document;
  for (const segment of path) {
    if (Array.isArray(value)) value = INDEX.test(segment) ? value[Number(segment)] : undefined;
    else if (isObject(value)) value = fieldOf(value, segment);
    else return undefined;
  }
  return value;
}

/** Set the value at a path, making the documents on the way. Refuses to go through a scalar with PathNotViable. */
export function setAt(document: BsonObject, path: readonly string[], value: unknown): void {
  let container: BsonObject | unknown[] = document;
  for (const [i, segment] of path.entries()) {
    if (i === path.length - 1) {
      putChild(container, segment, value, path);
      return;
    }
    const child: unknown = childOf(container, segment);
    if (Array.isArray(child) || isObject(child)) {
      container = child;
      continue;
    }
    if (child !== undefined) throw notViable(path[i + 1] ?? '', segment, child);
    const made: BsonObject = {};
    putChild(container, segment, made, path);
    container = made;
  }
}

/** Remove a field; an element of an array becomes null, as in MongoDB. Absent paths are left alone. */
export function unsetAt(document: BsonObject, path: readonly string[]): void {
  const last = path.at(-1) ?? '';
  const parent = getAt(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    if (INDEX.test(last) && Number(last) < parent.length) parent[Number(last)] = null;
  } else if (isObject(parent) && Object.hasOwn(parent, last)) {
    delete parent[last];
  }
}

/** Refuse a path that nothing could be set at, because a scalar or the name of a field in an array is in its way. */
export function assertViable(document: BsonObject, path: readonly string[]): void {
  let container: unknown = document;
  for (const [i, segment] of path.entries()) {
    if (container === undefined) return;
    if (!isObject(container) && !(Array.isArray(container) && INDEX.test(segment))) {
      throw notViable(segment, path[i - 1] ?? '', container);
    }
    container = childOf(container, segment);
  }
}

/** Move a value, if there is one, to another place. Neither place may be inside an array. */
export function renameAt(document: BsonObject, from: readonly string[], to: readonly string[]): void {
  assertViable(document, from);
  const value = getAt(document, from);
  if (value === undefined) return;
  assertOutsideArrays(document, from, 'source');
  assertOutsideArrays(document, to, 'destination');
  setAt(document, to, value);
  unsetAt(document, from);
}

function assertOutsideArrays(document: BsonObject, path: readonly string[], which: string): void {
  for (let length = 1; length < path.length; length++) {
    if (!Array.isArray(getAt(document, path.slice(0, length)))) continue;
    throw badValue(`The ${which} field of $rename cannot be an array element, '${path.join('.')}'`);
  }
}

function childOf(container: BsonObject | unknown[], segment: string): unknown {
  if (!Array.isArray(container)) return fieldOf(container, segment);
  return INDEX.test(segment) ? container[Number(segment)] : undefined;
}

function putChild(
  container: BsonObject | unknown[],
  segment: string,
  value: unknown,
  path: readonly string[],
): void {
  if (!Array.isArray(container)) {
    setField(container, segment, value);
    return;
  }
  if (!INDEX.test(segment)) throw notViable(segment, path.at(path.indexOf(segment) - 1) ?? '', container);
  const index = Number(segment);
  if (index - container.length > MAX_ARRAY_PADDING) {
    throw new StoreError('BadValue', `can't backfill more than ${MAX_ARRAY_PADDING} elements of an array`);
  }
  while (container.length < index) container.push(null);
  container[index] = value;
}

function notViable(field: string, parent: string, value: unknown): StoreError {
  const shown = Array.isArray(value) ? 'an array' : JSON.stringify(value);
  return new StoreError('PathNotViable', `Cannot create field '${field}' in element {${parent}: ${shown}}`);
}
