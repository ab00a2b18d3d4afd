import { compareValues } from '../../../bson/compare.js';
import { encodeValue } from '../../../bson/key-encoding.js';
import { LocationError } from '../../../errors.js';
import { binary, isNullish, operator, unary } from '../arguments.js';
import { isTruthy } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { typeName } from '../type-names.js';

/** Values by their key, so that 5 and 5.0 are one. */
type ValueSet = Map<string, unknown>;

function setOf(values: readonly unknown[]): ValueSet {
  const set: ValueSet = new Map();
  for (const value of values) {
    const key = encodeValue(value).toString('latin1');
    if (!set.has(key)) set.set(key, value);
  }
  return set;
}

/** MongoDB leaves the order of a set open; here it is the order of the values. */
function sorted(set: ValueSet): unknown[] {
  return [...set.values()].sort(compareValues);
}

function arrayOperand(value: unknown, name: string, code: number): unknown[] {
  if (Array.isArray(value)) return value;
  throw new LocationError(
    code,
    `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`,
  );
}

function union(values: readonly unknown[], name: string): unknown {
  const all: unknown[] = [];
  for (const value of values) {
    if (isNullish(value)) return null;
    for (const element of arrayOperand(value, name, 17043)) all.push(element);
  }
  return sorted(setOf(all));
}

function intersection(values: readonly unknown[], name: string): unknown {
  let common: ValueSet | undefined;
  for (const value of values) {
    if (isNullish(value)) return null;
    const set = setOf(arrayOperand(value, name, 17047));
    common = common ? new Map([...common].filter(([key]) => set.has(key))) : set;
  }
  return sorted(common ?? new Map());
}

function difference(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  const values = arrayOperand(a, '$setDifference', 17048);
  const others = setOf(arrayOperand(b, '$setDifference', 17049));
  return [...setOf(values)].filter(([key]) => !others.has(key)).map(([, value]) => value);
}

function equal(values: readonly unknown[], name: string): boolean {
  const [first, ...others] = values.map((value) => setOf(arrayOperand(value, name, 17044)));
  if (!first) return true;
  return others.every(
    (other) => other.size === first.size && [...first.keys()].every((key) => other.has(key)),
  );
}

function isSubset(a: unknown, b: unknown): boolean {
  const values = arrayOperand(a, '$setIsSubset', 17046);
  const others = setOf(arrayOperand(b, '$setIsSubset', 17042));
  return [...setOf(values).keys()].every((key) => others.has(key));
}

export const SETS: Readonly<Record<string, Operator>> = {
  $setUnion: operator({ least: 0 }, union),
  $setIntersection: operator({ least: 0 }, intersection),
  $setDifference: binary(difference),
  $setEquals: (operand, compiler, name) => {
    if (!Array.isArray(operand) || operand.length < 2) {
      throw new LocationError(17045, '$setEquals needs at least two arguments');
    }
    return operator({ least: 2 }, equal)(operand, compiler, name);
  },
  $setIsSubset: binary(isSubset),
  $allElementsTrue: unary((value, name) => arrayOperand(value, name, 17040).every(isTruthy)),
  $anyElementTrue: unary((value, name) => arrayOperand(value, name, 17041).some(isTruthy)),
};
