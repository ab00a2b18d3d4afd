import { type BsonObject, fieldOf, isObject } from '../../bson/values.js';
import { LocationError } from '../../errors.js';
import { fieldPath } from '../expression/field-path.js';
import { type Evaluate, expressionsBound, type Scope, scopeIn } from '../expression/scope.js';
import { typeName } from '../expression/type-names.js';
import { compileProjection } from '../projection/projection.js';
import { withField } from './nested.js';
import { objectOperand, type Stage, type Sugar } from './stage.js';

export const project: Stage = (operand, { compiler, collation }) => {
  const spec = objectOperand('$project', operand, 15969);
  if (Object.keys(spec).length === 0) {
    throw new LocationError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  }
  const bound = expressionsBound(compiler);
  const shape = compileProjection(spec, { expressions: bound.compile, collation, inPipeline: true });
  return (rows, bindings) => {
    bound.bindings = bindings;
    return shape ? rows.map(shape) : rows;
  };
};

export const unset: Sugar = (operand) => {
  const fields: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (fields.length === 0) {
    throw new LocationError(
      31119,
      '$unset specification must be a string or an array with at least one field',
    );
  }
  if (!Array.isArray(operand) && typeof operand !== 'string') {
    throw new LocationError(31002, '$unset specification must be a string or an array');
  }
  if (!fields.every((field) => typeof field === 'string')) {
    throw new LocationError(
      31120,
      '$unset specification must be a string or an array containing only string values',
    );
  }
  return [{ $project: Object.fromEntries(fields.map((field) => [field, false])) }];
};

/** What is set inside one document: values, or further fields inside them. */
type Additions = Map<string, Additions | Evaluate>;

export const addFields: Stage = (operand, { compiler }) => {
  const spec = objectOperand('$addFields', operand, 40272);
  if (Object.keys(spec).length === 0) {
    throw new LocationError(
      40177,
      'Invalid $addFields :: caused by :: specification must have at least one field',
    );
  }
  const additions: Additions = new Map();
  readAdditions(spec, additions, (expression) => compiler.compile(expression));
  return (rows, bindings) => rows.map((row) => added(row, additions, scopeIn(row, bindings)));
};

function readAdditions(spec: BsonObject, into: Additions, compile: (expression: unknown) => Evaluate): void {
  for (const name of Object.keys(spec)) {
    if (name.startsWith('$'))
      throw new LocationError(16410, `FieldPath field names may not start with '$': ${name}`);
    if (name === '') throw new LocationError(40352, 'FieldPath cannot be constructed with empty string');
    const path = fieldPath(name);
    const last = path.pop() ?? '';
    const branch = path.reduce((at, segment) => branchAt(at, segment, name), into);
    const value = spec[name];
    if (isObject(value) && Object.keys(value).length === 0) {
      throw new LocationError(
        40180,
        `an empty object is not a valid value. Found empty object at path ${name}`,
      );
    }
    if (isObject(value) && !Object.keys(value)[0]?.startsWith('$')) {
      readAdditions(value, branchAt(branch, last, name), compile);
    } else if (branch.has(last)) {
      throw collision(name);
    } else {
      branch.set(last, compile(value));
    }
  }
}

function branchAt(additions: Additions, field: string, path: string): Additions {
  const next = additions.get(field) ?? new Map();
  if (!(next instanceof Map)) throw collision(path);
  additions.set(field, next);
  return next;
}

function collision(path: string): LocationError {
  return new LocationError(
    40176,
    `Invalid $addFields :: caused by :: specification contains two conflicting paths: ${path}`,
  );
}

function added(row: BsonObject, additions: Additions, scope: Scope): BsonObject {
  let result = row;
  for (const [field, addition] of additions) {
    const value =
      addition instanceof Map ? addedInside(fieldOf(row, field), addition, scope) : addition(scope);
    if (value !== undefined || Object.hasOwn(result, field)) result = withField(result, field, value);
  }
  return result;
}

/** Into a document, or every document of an array; whatever else is there gives way to a document of its own. */
function addedInside(value: unknown, additions: Additions, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => addedInside(element, additions, scope));
  return added(isObject(value) ? value : {}, additions, scope);
}

/** `$replaceWith`, and `$replaceRoot` once its `newRoot` is taken out. */
export const replaceWith: Stage = (operand, { compiler }) => {
  const evaluate = compiler.compile(operand);
  return (rows, bindings) =>
    rows.map((row) => {
      const result = evaluate(scopeIn(row, bindings));
      if (isObject(result)) return result;
      throw new LocationError(
        40228,
        `'newRoot' expression must evaluate to an object, but resulting value was of type: '${typeName(result)}'`,
      );
    });
};

export const replaceRoot: Sugar = (operand) => {
  const spec = objectOperand('$replaceRoot', operand, 40229);
  for (const field of Object.keys(spec)) {
    if (field !== 'newRoot')
      throw new LocationError(40415, `BSON field '$replaceRoot.${field}' is an unknown field.`);
  }
  if (!Object.hasOwn(spec, 'newRoot')) {
    throw new LocationError(40414, "BSON field '$replaceRoot.newRoot' is missing but a required field");
  }
  return [{ $replaceWith: spec.newRoot }];
};
