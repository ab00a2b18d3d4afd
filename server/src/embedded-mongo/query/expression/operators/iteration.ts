import type { BsonObject } from '../../../bson/values.js';
import { LocationError, StoreError } from '../../../errors.js';
import { isNullish, namedOperands, userVariable } from '../arguments.js';
import { int32Of, isTruthy } from '../number-kinds.js';
import { bind, type Operator } from '../scope.js';
import { typeName } from '../type-names.js';

/** The variable that stands for the current element. */
function elementName(parts: BsonObject): string {
  const { as = 'this' } = parts;
  if (typeof as !== 'string') throw new StoreError('FailedToParse', "'as' must be a string");
  return as === 'this' ? as : userVariable(as);
}

const filter: Operator = (operand, compiler, name) => {
  const codes = { shape: 28646, unknown: 28647 };
  const parts = namedOperands(operand, name, {
    required: [],
    optional: ['input', 'as', 'cond', 'limit'],
    codes,
  });
  if (!Object.hasOwn(parts, 'input')) throw new LocationError(28648, "Missing 'input' parameter to $filter");
  if (!Object.hasOwn(parts, 'cond')) throw new LocationError(28650, "Missing 'cond' parameter to $filter");
  const as = elementName(parts);
  const input = compiler.compile(parts.input);
  const cond = compiler.within(as).compile(parts.cond);
  const limit = Object.hasOwn(parts, 'limit') ? compiler.compile(parts.limit) : undefined;
  return (scope) => {
    const array = input(scope);
    const most = limit ? filterLimit(limit(scope)) : Number.POSITIVE_INFINITY;
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) {
      throw new LocationError(28651, `input to $filter must be an array not ${typeName(array)}`);
    }
    const kept: unknown[] = [];
    for (const element of array) {
      if (kept.length >= most) break;
      if (isTruthy(cond(bind(scope, as, element)))) kept.push(element);
    }
    return kept;
  };
};

function filterLimit(value: unknown): number {
  if (isNullish(value)) return Number.POSITIVE_INFINITY;
  const whole = int32Of(value);
  if (whole === undefined)
    throw new LocationError(327391, "$filter: 'limit' must be represented as a 32-bit integral value");
  if (whole < 1) throw new LocationError(327392, "$filter: 'limit' must be greater than 0");
  return whole;
}

const map: Operator = (operand, compiler, name) => {
  const parts = namedOperands(operand, name, {
    required: [],
    optional: ['input', 'as', 'in'],
    codes: { shape: 16878, unknown: 16879 },
  });
  if (!Object.hasOwn(parts, 'input')) throw new LocationError(16880, "Missing 'input' parameter to $map");
  if (!Object.hasOwn(parts, 'in')) throw new LocationError(16882, "Missing 'in' parameter to $map");
  const as = elementName(parts);
  const input = compiler.compile(parts.input);
  const body = compiler.within(as).compile(parts.in);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) {
      throw new LocationError(16883, `input to $map must be an array not ${typeName(array)}`);
    }
    return array.map((element: unknown) => body(bind(scope, as, element)) ?? null);
  };
};

const reduce: Operator = (operand, compiler, name) => {
  const parts = namedOperands(operand, name, {
    required: ['input', 'initialValue', 'in'],
    codes: { shape: 40075, unknown: 40076, missing: 40077 },
  });
  const input = compiler.compile(parts.input);
  const initial = compiler.compile(parts.initialValue);
  const body = compiler.within('this', 'value').compile(parts.in);
  return (scope) => {
    const array = input(scope);
    if (isNullish(array)) return null;
    if (!Array.isArray(array)) {
      throw new LocationError(40080, `$reduce requires that 'input' be an array, found: ${typeName(array)}`);
    }
    return array.reduce(
      (value: unknown, element: unknown) => body(bind(bind(scope, 'this', element), 'value', value)),
      initial(scope),
    );
  };
};

const zip: Operator = (operand, compiler, name) => {
  const parts = namedOperands(operand, name, {
    required: ['inputs'],
    optional: ['useLongestLength', 'defaults'],
    codes: { shape: 34460, unknown: 34464, missing: 34465 },
  });
  const { inputs, useLongestLength: longest = false, defaults } = parts;
  if (!Array.isArray(inputs)) throw new LocationError(34461, 'inputs must be an array of expressions');
  if (typeof longest !== 'boolean') throw new LocationError(34463, 'useLongestLength must be a bool');
  if (defaults !== undefined && !Array.isArray(defaults))
    throw new LocationError(34462, 'defaults must be an array of expressions');
  if (inputs.length === 0) throw new LocationError(34465, '$zip requires at least one input array');
  if (defaults && !longest)
    throw new LocationError(34466, "cannot specify defaults unless 'useLongestLength' is true");
  if (defaults && defaults.length !== inputs.length) {
    throw new LocationError(34467, 'defaults and inputs must have the same length');
  }
  const arrays = inputs.map((input: unknown) => compiler.compile(input));
  const fillers = (defaults ?? []).map((filler: unknown) => compiler.compile(filler));
  return (scope) => {
    const values = arrays.map((evaluate) => evaluate(scope));
    if (values.some(isNullish)) return null;
    const rows = values.map(zipInput);
    const lengths = rows.map((row) => row.length);
    const length = longest ? Math.max(...lengths) : Math.min(...lengths);
    const padding = fillers.map((evaluate) => evaluate(scope) ?? null);
    return Array.from({ length }, (_, i) =>
      rows.map((row, at) => (i < row.length ? row[i] : (padding[at] ?? null))),
    );
  };
};

function zipInput(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new LocationError(34468, `$zip found a non-array expression in input: ${typeName(value)}`);
}

export const ITERATION: Readonly<Record<string, Operator>> = {
  $filter: filter,
  $map: map,
  $reduce: reduce,
  $zip: zip,
};
