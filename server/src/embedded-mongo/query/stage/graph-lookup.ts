import { Long } from 'bson';
import { encodeValue } from '../../bson/key-encoding.js';
import { type BsonObject, fieldOf, isObject, numberOf } from '../../bson/values.js';
import { LocationError, StoreError } from '../../errors.js';
import { fieldPath } from '../expression/field-path.js';
import { type Evaluate, scopeIn } from '../expression/scope.js';
import { collectValues } from '../path.js';
import { equalsAny } from './join.js';
import { withValueAt } from './nested.js';
import { objectOperand, type Stage, type StageContext } from './stage.js';

interface GraphSpec {
  readonly from: string;
  readonly startWith: Evaluate;
  readonly connectFrom: readonly string[];
  readonly connectTo: string;
  readonly as: readonly string[];
  readonly maxDepth: number;
  readonly depthField: readonly string[] | undefined;
  readonly restrict: BsonObject;
}

const TEXTS = ['connectFromField', 'connectToField', 'as'] as const;
const OTHERS = ['from', 'startWith', 'maxDepth', 'depthField', 'restrictSearchWithMatch'];

/** Rows of another collection that can be reached from each row, step by step. */
export const graphLookup: Stage = (operand, context) => {
  const spec = readSpec(objectOperand('$graphLookup', operand), context);
  return (rows, bindings) =>
    rows.map((row) =>
      withValueAt(row, spec.as, reached(spec.startWith(scopeIn(row, bindings)), spec, context)),
    );
};

function readSpec(spec: BsonObject, { compiler }: StageContext): GraphSpec {
  for (const field of Object.keys(spec)) {
    if (![...TEXTS, ...OTHERS].includes(field))
      throw new LocationError(40104, `Unknown argument to $graphLookup: ${field}`);
  }
  const { from, restrictSearchWithMatch: restrict = {} } = spec;
  if (typeof from !== 'string')
    throw new StoreError('FailedToParse', "missing or wrong 'from' option to $graphLookup stage");
  if (from === '') throw new StoreError('InvalidNamespace', "Invalid namespace in 'from' of $graphLookup");
  if (!isObject(restrict)) throw new LocationError(40185, 'restrictSearchWithMatch must be an object');
  const required = [...TEXTS, 'startWith'].find((field) => !Object.hasOwn(spec, field));
  if (required !== undefined) throw new LocationError(40105, `$graphLookup requires '${required}'`);
  return {
    from,
    restrict,
    startWith: compiler.compile(spec.startWith),
    connectFrom: pathOf(spec, 'connectFromField'),
    connectTo: pathOf(spec, 'connectToField').join('.'),
    as: pathOf(spec, 'as'),
    maxDepth: depthOf(spec.maxDepth),
    depthField: Object.hasOwn(spec, 'depthField') ? pathOf(spec, 'depthField') : undefined,
  };
}

function pathOf(spec: BsonObject, field: string): string[] {
  const value = spec[field];
  if (typeof value !== 'string') throw new LocationError(40103, `expected string as argument for ${field}`);
  return fieldPath(value);
}

function depthOf(value: unknown): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  const depth = numberOf(value);
  if (depth === undefined) throw new LocationError(40100, 'maxDepth must be numeric');
  if (depth < 0) throw new LocationError(40101, 'maxDepth requires a nonnegative argument');
  if (!Number.isInteger(depth))
    throw new LocationError(40102, 'maxDepth could not be represented as a long long');
  return depth;
}

/** Breadth first: every document once, at the depth it is first reached. */
function reached(start: unknown, spec: GraphSpec, { foreign }: StageContext): BsonObject[] {
  const visited = new Map<string, BsonObject>();
  let frontier = distinct(Array.isArray(start) ? start : [start]);
  for (let depth = 0; frontier.length > 0 && depth <= spec.maxDepth; depth++) {
    const next: unknown[] = [];
    const present = { [spec.connectTo]: { $exists: true } };
    for (const row of foreign.find(spec.from, {
      $and: [equalsAny(spec.connectTo, frontier), present, spec.restrict],
    })) {
      const key = encodeValue(fieldOf(row, '_id')).toString('latin1');
      if (visited.has(key)) continue;
      visited.set(key, spec.depthField ? withValueAt(row, spec.depthField, Long.fromNumber(depth)) : row);
      for (const value of collectValues(row, spec.connectFrom)) {
        for (const each of Array.isArray(value) ? value : [value]) next.push(each);
      }
    }
    frontier = distinct(next);
  }
  return [...visited.values()];
}

function distinct(values: readonly unknown[]): unknown[] {
  const present = values.filter((value) => value !== undefined);
  return [...new Map(present.map((value) => [encodeValue(value).toString('latin1'), value])).values()];
}
