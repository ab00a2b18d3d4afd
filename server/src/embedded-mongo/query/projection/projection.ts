import { type BsonObject, isObject, setField } from '../../bson/values.js';
import { LocationError, StoreError } from '../../errors.js';
import { matchedPosition } from '../filter/match-position.js';
import { cloneDocument, setAt } from '../update/document-path.js';
import type { ArraySlice } from './projection-parts.js';
import {
  type ParsedProjection,
  type ProjectionContext,
  type ProjectionTree,
  parseProjection,
} from './projection-spec.js';

/** Cuts a document down to what the client asked for. `undefined` stands for the whole document. */
export type Projection = ((document: BsonObject) => BsonObject) | undefined;

/** Compile a projection. Everything keeps its BSON types. */
export function compileProjection(spec: unknown, context: ProjectionContext = {}): Projection {
  if (spec === undefined || spec === null) return undefined;
  if (!isObject(spec)) throw new StoreError('TypeMismatch', 'projection must be an object');
  if (Object.keys(spec).length === 0) return undefined;
  const parsed = parseProjection(spec, context);
  return (document) => {
    const { tree, slices } = parsed;
    const kept = parsed.including
      ? include(document, tree, computedValues(document, parsed))
      : exclude(document, tree);
    const sliced = slices.reduce((result, { path, slice }) => sliceAt(result, path, slice), kept);
    return withMatched(withElemMatches(sliced, document, parsed), document, { parsed, context });
  };
}

/** True when a projection asks for the element its filter matched. */
export function isPositional(spec: unknown): boolean {
  if (!isObject(spec)) return false;
  return Object.entries(spec).some(([name, value]) => name.endsWith('.$') || isPositional(value));
}

type ComputedValues = ReadonlyMap<unknown, unknown>;

function computedValues(document: BsonObject, { computed }: ParsedProjection): ComputedValues {
  return new Map(computed.map((leaf) => [leaf, leaf.evaluate(document)]));
}

function include(document: BsonObject, tree: ProjectionTree, computed: ComputedValues): BsonObject {
  const result: BsonObject = {};
  for (const field of Object.keys(document)) {
    const node = tree.get(field);
    if (node instanceof Map) {
      const [inner] = within(
        document[field],
        (child) => include(child, node, computed),
        () => madeAnew(node, computed),
      );
      if (inner !== undefined) setField(result, field, inner);
    } else if (node?.kind === 'keep' || node?.kind === 'slice' || node?.kind === 'position') {
      setField(result, field, document[field]);
    }
  }
  for (const [field, node] of tree) {
    if (node instanceof Map) {
      const [made] = Object.hasOwn(document, field) ? [] : madeAnew(node, computed);
      if (made !== undefined) setField(result, field, made);
    } else if (computed.get(node) !== undefined) {
      setField(result, field, computed.get(node));
    }
  }
  return result;
}

/** The document that stands for what is none, when something computed has its place there. */
function madeAnew(tree: ProjectionTree, computed: ComputedValues): BsonObject[] {
  const computes = (node: unknown): boolean =>
    node instanceof Map ? [...node.values()].some(computes) : computed.has(node);
  return computes(tree) ? [include({}, tree, computed)] : [];
}

function exclude(document: BsonObject, tree: ProjectionTree): BsonObject {
  const result: BsonObject = {};
  for (const field of Object.keys(document)) {
    const node = tree.get(field);
    const value = document[field];
    if (node instanceof Map) {
      const [inner] = within(
        value,
        (child) => exclude(child, node),
        (other) => [other],
      );
      setField(result, field, inner);
    } else if (node?.kind !== 'drop') {
      setField(result, field, value);
    }
  }
  return result;
}

/** Apply a projection to a document, or to every document of an array. Any other value becomes what `others` says, or goes. */
function within(
  value: unknown,
  project: (child: BsonObject) => BsonObject,
  others: (value: unknown) => unknown[],
): unknown[] {
  if (isObject(value)) return [project(value)];
  if (!Array.isArray(value)) return others(value);
  return [value.flatMap((element: unknown) => within(element, project, others))];
}

/** `$slice` goes through the documents of arrays, but not into arrays of arrays. */
function sliceAt(
  document: BsonObject,
  [field = '', ...rest]: readonly string[],
  slice: ArraySlice,
): BsonObject {
  const value = Object.hasOwn(document, field) ? document[field] : undefined;
  const below = (child: unknown): unknown => (isObject(child) ? sliceAt(child, rest, slice) : child);
  if (!Array.isArray(value) && (!isObject(value) || rest.length === 0)) return document;
  const copy = { ...document };
  if (!Array.isArray(value)) setField(copy, field, below(value));
  else setField(copy, field, rest.length === 0 ? slice(value) : value.map(below));
  return copy;
}

function withElemMatches(
  result: BsonObject,
  document: BsonObject,
  { elemMatches }: ParsedProjection,
): BsonObject {
  if (elemMatches.length === 0) return result;
  const copy = { ...result };
  for (const { field, matches } of elemMatches) {
    const value = Object.hasOwn(document, field) ? document[field] : undefined;
    const at = Array.isArray(value) ? value.findIndex(matches) : -1;
    if (Array.isArray(value) && at !== -1) setField(copy, field, [value[at]]);
    else delete copy[field];
  }
  return copy;
}

/** `path.$`: of the first array on the path only the element the filter matched. */
function withMatched(
  result: BsonObject,
  document: BsonObject,
  { parsed, context }: { parsed: ParsedProjection; context: ProjectionContext },
): BsonObject {
  const { positional = [] } = parsed;
  let value: unknown = result;
  for (const [i, field] of positional.entries()) {
    if (!isObject(value) || !Object.hasOwn(value, field)) return result;
    value = value[field];
    if (!Array.isArray(value)) continue;
    const path = positional.slice(0, i + 1);
    const at = matchedPosition(document, path, { filter: context.filter ?? {}, ...context });
    if (at === undefined) {
      throw new LocationError(
        51246,
        "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
      );
    }
    if (at >= value.length) throw new LocationError(51247, "positional operator '.$' element mismatch");
    const copy = cloneDocument(result);
    setAt(copy, path, [value[at]]);
    return copy;
  }
  return result;
}
