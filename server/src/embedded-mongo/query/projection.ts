import {
  type BsonObject,
  fieldOf,
  isObject,
  numberOf,
  promote,
  promoteObject,
  setField,
} from '../bson/values.js';
import { guardMingo, mingo, NO_SCRIPTS } from './expressions.js';
import { badValue } from './filter-syntax.js';
import { compileElemMatch } from './matcher.js';

/** Cuts a document down to what the client asked for. `undefined` stands for the whole document. */
export type Projection = ((document: BsonObject) => BsonObject) | undefined;

type Tree = Map<string, Tree | Leaf>;
type Leaf =
  | { kind: 'keep' }
  | { kind: 'drop' }
  | { kind: 'array'; change: (values: unknown[]) => unknown[] | undefined };

/**
 * Compile a projection. Inclusion, exclusion, `$slice` and `$elemMatch` keep the BSON types; computed fields go through
 * mingo on plain numbers. Refuses a mixture of inclusion and exclusion.
 */
export function compileProjection(spec: unknown): Projection {
  if (spec === undefined || spec === null) return undefined;
  if (!isObject(spec)) throw badValue('projection must be an object');
  const fields = Object.keys(spec);
  if (fields.length === 0) return undefined;
  if (fields.some((field) => isComputed(field, spec[field]))) return computedProjection(spec);
  const including = modeOf(spec);
  const tree: Tree = new Map();
  for (const field of fields) {
    if (field !== '_id') addPath(tree, field, leafOf(spec[field], including));
  }
  const keepId = Object.hasOwn(spec, '_id') ? isYes(spec._id) : true;
  return (document) => {
    const result = including ? include(document, tree) : exclude(document, tree);
    return keepId ? withId(document, result) : withoutId(result);
  };
}

function isComputed(field: string, value: unknown): boolean {
  if (field.includes('$')) throw badValue('Positional projection is not supported by the embedded store');
  if (typeof value === 'string' || Array.isArray(value)) return true;
  if (!isObject(value)) return false;
  const [operator] = Object.keys(value);
  return operator !== '$slice' && operator !== '$elemMatch';
}

function computedProjection(spec: BsonObject): Projection {
  const plain = promote(spec);
  return (document) => {
    const [row] = guardMingo(() =>
      mingo().aggregate([promoteObject(document)], [{ $project: plain }], NO_SCRIPTS),
    );
    return isObject(row) ? row : {};
  };
}

function isYes(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const number = numberOf(value);
  return number === undefined || number !== 0;
}

function modeOf(spec: BsonObject): boolean {
  let including: boolean | undefined;
  for (const field of Object.keys(spec)) {
    const value = spec[field];
    if (field === '_id') continue;
    if (isObject(value)) {
      if (Object.hasOwn(value, '$elemMatch')) including ??= true;
      continue;
    }
    const yes = isYes(value);
    if (including !== undefined && including !== yes) {
      const [doing, other] = including ? ['exclusion', 'inclusion'] : ['inclusion', 'exclusion'];
      throw badValue(`Cannot do ${doing} on field ${field} in ${other} projection`);
    }
    including = yes;
  }
  if (including !== undefined) return including;
  const onlyId = Object.keys(spec).every((field) => field === '_id');
  return onlyId ? isYes(spec._id) : false;
}

function leafOf(value: unknown, including: boolean): Leaf {
  if (!isObject(value)) return { kind: including ? 'keep' : 'drop' };
  if (Object.hasOwn(value, '$elemMatch')) {
    const matches = compileElemMatch(value.$elemMatch);
    return {
      kind: 'array',
      change: (values) => {
        const found = values.find((element) => matches([element]));
        return found === undefined ? undefined : [found];
      },
    };
  }
  return { kind: 'array', change: slicer(value.$slice) };
}

function slicer(operand: unknown): (values: unknown[]) => unknown[] {
  const [skip, count] = Array.isArray(operand) ? operand.map(numberOf) : [undefined, numberOf(operand)];
  if (count === undefined) throw badValue('$slice needs a number or two numbers');
  if (skip === undefined) return (values) => (count >= 0 ? values.slice(0, count) : values.slice(count));
  if (count <= 0) throw badValue('the limit of $slice must be positive');
  return (values) => {
    const from = skip >= 0 ? skip : Math.max(values.length + skip, 0);
    return values.slice(from, from + count);
  };
}

function addPath(tree: Tree, path: string, leaf: Leaf): void {
  const segments = path.split('.');
  const last = segments.pop() ?? '';
  let branch = tree;
  for (const segment of segments) {
    const next = branch.get(segment) ?? new Map();
    if (!(next instanceof Map)) throw badValue(`Path collision at ${path}`);
    branch.set(segment, next);
    branch = next;
  }
  if (branch.has(last)) throw badValue(`Path collision at ${path}`);
  branch.set(last, leaf);
}

function include(document: BsonObject, tree: Tree): BsonObject {
  const result: BsonObject = {};
  for (const field of Object.keys(document)) {
    const node = tree.get(field);
    const value = document[field];
    if (node instanceof Map) {
      const inner = within(value, (child) => include(child, node), true);
      if (inner !== undefined) setField(result, field, inner);
    } else if (node?.kind === 'keep') {
      setField(result, field, value);
    } else if (node?.kind === 'array') {
      const changed = Array.isArray(value) ? node.change(value) : undefined;
      if (changed !== undefined) setField(result, field, changed);
    }
  }
  return result;
}

function exclude(document: BsonObject, tree: Tree): BsonObject {
  const result: BsonObject = {};
  for (const field of Object.keys(document)) {
    const node = tree.get(field);
    const value = document[field];
    if (node === undefined) setField(result, field, value);
    else if (node instanceof Map)
      setField(
        result,
        field,
        within(value, (child) => exclude(child, node), false),
      );
    else if (node.kind === 'array') {
      const changed = Array.isArray(value) ? node.change(value) : value;
      if (changed !== undefined) setField(result, field, changed);
    }
  }
  return result;
}

/** Apply a projection to a document, or to every document of an array; other values are kept only when excluding. */
function within(value: unknown, project: (child: BsonObject) => BsonObject, dropOthers: boolean): unknown {
  if (isObject(value)) return project(value);
  if (!Array.isArray(value)) return dropOthers ? undefined : value;
  const results = value.map((element: unknown) => within(element, project, dropOthers));
  return dropOthers ? results.filter((element) => element !== undefined) : results;
}

function withId(document: BsonObject, result: BsonObject): BsonObject {
  if (!Object.hasOwn(document, '_id')) return result;
  const { _id: _dropped, ...rest } = result;
  return { _id: fieldOf(document, '_id'), ...rest };
}

function withoutId(result: BsonObject): BsonObject {
  const { _id: _dropped, ...rest } = result;
  return rest;
}
