import { Double } from 'bson';
import { type BsonObject, fieldOf, isObject, numberOf, setField } from '../../../bson/values.js';
import { LocationError, StoreError } from '../../../errors.js';
import { isNullish, namedOperands, operator, userVariable } from '../arguments.js';
import { bind, type Operator } from '../scope.js';
import { typeName } from '../type-names.js';

const letOperator: Operator = (operand, compiler, name) => {
  const parts = namedOperands(operand, name, {
    required: [],
    optional: ['vars', 'in'],
    codes: { shape: 16874, unknown: 16875 },
  });
  if (!Object.hasOwn(parts, 'vars')) throw new LocationError(16876, "Missing 'vars' parameter to $let");
  if (!Object.hasOwn(parts, 'in')) throw new LocationError(16877, "Missing 'in' parameter to $let");
  const { vars } = parts;
  if (!isObject(vars)) throw new LocationError(10065, 'invalid parameter: expected an object (vars)');
  const names = Object.keys(vars).map(userVariable);
  const values = names.map((variable) => ({ variable, evaluate: compiler.compile(vars[variable]) }));
  const body = compiler.within(...names).compile(parts.in);
  return (scope) => {
    let inner = scope;
    for (const { variable, evaluate } of values) inner = bind(inner, variable, evaluate(scope));
    return body(inner);
  };
};

const literal: Operator = (operand) => () => operand;

/** `{ $getField: 'name' }`, or with a `field` and an `input` that is not the document. */
const getField: Operator = (operand, compiler, name) => {
  const isNamed = isObject(operand) && !Object.keys(operand)[0]?.startsWith('$');
  const codes = { unknown: 3041701, missing: 3041702 };
  const parts = isNamed
    ? namedOperands(operand, name, { required: ['field', 'input'], codes })
    : { field: operand, input: '$$CURRENT' };
  const field = compiler.compile(fieldName(parts.field, name));
  const input = compiler.compile(parts.input);
  return (scope) => {
    const wanted = field(scope);
    if (typeof wanted !== 'string') {
      throw new LocationError(
        3041704,
        `$getField requires 'field' to evaluate to type String, but got ${typeName(wanted)}`,
      );
    }
    const value = input(scope);
    if (isNullish(value)) return value;
    return isObject(value) ? fieldOf(value, wanted) : undefined;
  };
};

/** A field may be named by a constant only in words that are no path. */
function fieldName(field: unknown, name: string): unknown {
  if (typeof field === 'string' && field.startsWith('$')) {
    throw new LocationError(
      5654600,
      `A field path reference is not allowed in this context. Did you mean {$literal: '${field}'} in ${name}?`,
    );
  }
  return field;
}

/** `$setField` and `$unsetField`, which take names that paths cannot write. */
function changeField(parts: readonly string[]): Operator {
  return (operand, compiler, name) => {
    const given = namedOperands(operand, name, {
      required: parts,
      codes: { shape: 4161100, unknown: 4161101, missing: 4161102 },
    });
    const field = compiler.compile(fieldName(given.field, name))(NO_SCOPE);
    if (typeof field !== 'string') {
      throw new LocationError(
        4161107,
        `${name} requires 'field' to evaluate to type String, but got ${typeName(field)}`,
      );
    }
    const input = compiler.compile(given.input);
    const value = compiler.compile(parts.includes('value') ? given.value : '$$REMOVE');
    return (scope) => {
      const object = input(scope);
      if (isNullish(object)) return null;
      if (!isObject(object)) {
        throw new LocationError(4161105, `${name} requires 'input' to evaluate to type Object`);
      }
      return withField(object, field, value(scope));
    };
  };
}

const NO_SCOPE = { root: undefined, current: undefined, bindings: undefined };

function withField(object: BsonObject, field: string, value: unknown): BsonObject {
  const copy: BsonObject = {};
  for (const name of Object.keys(object)) {
    if (name !== field) setField(copy, name, object[name]);
    else if (value !== undefined) setField(copy, name, value);
  }
  if (value !== undefined && !Object.hasOwn(object, field)) setField(copy, field, value);
  return copy;
}

const sampleRate: Operator = (operand) => {
  const rate = numberOf(operand);
  if (rate === undefined || rate < 0 || rate > 1) {
    throw new StoreError('BadValue', 'numeric argument to $sampleRate must be in [0, 1]');
  }
  return () => Math.random() < rate;
};

export const VARIABLES_AND_FIELDS: Readonly<Record<string, Operator>> = {
  $let: letOperator,
  $literal: literal,
  $const: literal,
  $getField: getField,
  $setField: changeField(['field', 'input', 'value']),
  $unsetField: changeField(['field', 'input']),
  $rand: operator({ least: 0 }, () => new Double(Math.random())),
  $sampleRate: sampleRate,
};
