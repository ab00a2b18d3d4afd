import { BSONRegExp } from 'bson';
import { encodeValue } from '../../bson/key-encoding.js';
import { type BsonObject, isObject } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { userVariable } from '../expression/arguments.js';
import { fieldPath } from '../expression/field-path.js';
import { type Bindings, bindAll, type Evaluate, scopeIn } from '../expression/scope.js';
import { collectValues, splitPath } from '../path.js';
import { withValueAt } from './nested.js';
import { objectOperand, pipelineOperand, type Run, type Stage, type StageContext } from './stage.js';

const LOOKUP_FIELDS = ['from', 'localField', 'foreignField', 'as', 'let', 'pipeline'];

/** Rows of another collection as an array in each row: by equal fields, by a pipeline, or by both. */
export const lookup: Stage = (operand, context) => {
  const spec = objectOperand('$lookup', operand);
  for (const field of Object.keys(spec)) {
    if (!LOOKUP_FIELDS.includes(field)) throw parseError(`unknown argument to $lookup: ${field}`);
  }
  const as = fieldPath(textOf(spec, 'as'));
  const find = candidates(spec, context);
  const refine = Object.hasOwn(spec, 'pipeline') ? compileInner(spec, context) : undefined;
  if (!refine && !Object.hasOwn(spec, 'localField')) {
    throw parseError('$lookup requires either localField and foreignField, or a pipeline');
  }
  return (rows, bindings) =>
    rows.map((row) => {
      const found = find(row);
      return withValueAt(row, as, refine ? refine(found, row, bindings) : found);
    });
};

function parseError(message: string): StoreError {
  return new StoreError('FailedToParse', message);
}

function textOf(spec: BsonObject, field: string): string {
  const value = spec[field];
  if (value === undefined) throw parseError(`must specify '${field}' field for a $lookup`);
  if (typeof value === 'string' && value !== '') return value;
  throw parseError(`$lookup argument '${field}' must be a string`);
}

/** The rows of the other collection that belong to a row, before a pipeline. */
function candidates(spec: BsonObject, { foreign }: StageContext): (row: BsonObject) => BsonObject[] {
  const hasFields = Object.hasOwn(spec, 'localField') || Object.hasOwn(spec, 'foreignField');
  if (!hasFields) {
    const from = startsWithDocuments(spec.pipeline) ? undefined : textOf(spec, 'from');
    let everything: BsonObject[] | undefined;
    return () => {
      everything ??= from === undefined ? [] : foreign.find(from, {});
      return everything;
    };
  }
  const from = textOf(spec, 'from');
  if (!Object.hasOwn(spec, 'localField') || !Object.hasOwn(spec, 'foreignField')) {
    throw parseError('$lookup requires both or neither of localField and foreignField to be specified');
  }
  const local = splitPath(textOf(spec, 'localField'));
  const foreignField = textOf(spec, 'foreignField');
  const known = new Map<string, BsonObject[]>();
  return (row) => {
    const values = localValues(row, local);
    const key = values.map((value) => encodeValue(value).toString('latin1')).join('|');
    const found = known.get(key) ?? foreign.find(from, equalsAny(foreignField, values));
    known.set(key, found);
    return found;
  };
}

function startsWithDocuments(pipeline: unknown): boolean {
  const [first]: unknown[] = Array.isArray(pipeline) ? pipeline : [];
  return isObject(first) && Object.hasOwn(first, '$documents');
}

/** What a row is joined by: every value its path reaches, or null when it reaches none. */
function localValues(row: BsonObject, path: readonly string[]): unknown[] {
  const values = collectValues(row, path)
    .flatMap((value): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter((value) => value !== undefined);
  return values.length === 0 ? [null] : values;
}

/** A filter for values that are equal; in `$in` a regular expression would be a pattern. */
export function equalsAny(field: string, values: readonly unknown[]): BsonObject {
  const [only] = values;
  if (values.length === 1) return { [field]: { $eq: only } };
  const patterns = values.filter((value) => value instanceof BSONRegExp);
  const others = { [field]: { $in: values.filter((value) => !(value instanceof BSONRegExp)) } };
  if (patterns.length === 0) return others;
  return { $or: [others, ...patterns.map((pattern) => ({ [field]: { $eq: pattern } }))] };
}

type Refine = (found: BsonObject[], row: BsonObject, bindings: Bindings) => BsonObject[];

function compileInner(spec: BsonObject, context: StageContext): Refine {
  const { let: variables = {} } = spec;
  if (!isObject(variables)) throw parseError("$lookup argument 'let' must be an object");
  const names = Object.keys(variables).map(userVariable);
  const evaluates = names.map((name): [string, Evaluate] => [
    name,
    context.compiler.compile(variables[name]),
  ]);
  const run = context.pipeline(pipelineOperand('$lookup', spec.pipeline), names);
  return (found, row, bindings) => {
    const scope = scopeIn(row, bindings);
    const values = Object.fromEntries(evaluates.map(([name, evaluate]) => [name, evaluate(scope)]));
    return run([...found], bindAll(values, bindings));
  };
}

/** The rows of another collection, after a pipeline of their own, behind those that are there. */
export const unionWith: Stage = (operand, context) => {
  const spec = typeof operand === 'string' ? { coll: operand } : objectOperand('$unionWith', operand);
  const { coll, pipeline = [] } = spec;
  const stages = pipelineOperand('$unionWith', pipeline);
  if (typeof coll !== 'string' && !(coll === undefined && startsWithDocuments(stages))) {
    throw parseError('$unionWith needs the name of a collection');
  }
  const run: Run = context.pipeline(stages);
  return (rows, bindings) => {
    const others = typeof coll === 'string' ? context.foreign.find(coll, {}) : [];
    return [...rows, ...run(others, bindings)];
  };
};
