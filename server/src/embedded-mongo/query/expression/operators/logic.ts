import { Int32 } from 'bson';
import { compareValues } from '../../../bson/compare.js';
import { isObject } from '../../../bson/values.js';
import { LocationError } from '../../../errors.js';
import { binary, isNullish, namedOperands, operandsOf, unary } from '../arguments.js';
import { isTruthy } from '../number-kinds.js';
import type { Compiler, Evaluate, Operator } from '../scope.js';
import { typeName } from '../type-names.js';

/** Compares any two values in MongoDB's order; missing comes before null and everything else. */
function comparison(holds: (order: number) => boolean): Operator {
  return binary((a, b) => holds(compareValues(a, b)));
}

const and: Operator = (operand, compiler) => {
  const clauses = operandsOf(operand).map((clause) => compiler.compile(clause));
  return (scope) => clauses.every((clause) => isTruthy(clause(scope)));
};

const or: Operator = (operand, compiler) => {
  const clauses = operandsOf(operand).map((clause) => compiler.compile(clause));
  return (scope) => clauses.some((clause) => isTruthy(clause(scope)));
};

const cond: Operator = (operand, compiler, name) => {
  const [condition, yes, no] = condOperands(operand, name).map((part) => compiler.compile(part));
  return (scope) => (isTruthy(condition?.(scope)) ? yes?.(scope) : no?.(scope));
};

function condOperands(operand: unknown, name: string): unknown[] {
  if (!isObject(operand)) {
    const operands = operandsOf(operand);
    if (operands.length === 3) return operands;
    throw new LocationError(
      16020,
      `Expression $cond takes exactly 3 arguments. ${operands.length} were passed in.`,
    );
  }
  const parts = namedOperands(operand, name, {
    required: [],
    optional: ['if', 'then', 'else'],
    codes: { unknown: 17083 },
  });
  for (const [part, code] of [
    ['if', 17080],
    ['then', 17081],
    ['else', 17082],
  ] as const) {
    if (!Object.hasOwn(parts, part)) throw new LocationError(code, `Missing '${part}' parameter to $cond`);
  }
  return [parts.if, parts.then, parts.else];
}

const ifNull: Operator = (operand, compiler) => {
  const operands = operandsOf(operand);
  if (operands.length < 2) {
    throw new LocationError(1257300, '$ifNull needs at least two arguments');
  }
  const evaluates = operands.map((entry) => compiler.compile(entry));
  return (scope) => {
    let value: unknown;
    for (const evaluate of evaluates) {
      value = evaluate(scope);
      if (!isNullish(value)) return value;
    }
    return value;
  };
};

interface Branch {
  readonly condition: Evaluate;
  readonly outcome: Evaluate;
}

const switchOperator: Operator = (operand, compiler) => {
  if (!isObject(operand)) {
    throw new LocationError(40060, `$switch requires an object as an argument, found: ${typeName(operand)}`);
  }
  for (const field of Object.keys(operand)) {
    if (field !== 'branches' && field !== 'default') {
      throw new LocationError(40067, `$switch found an unknown argument: ${field}`);
    }
  }
  const { branches } = operand;
  if (!Array.isArray(branches)) {
    throw new LocationError(40061, "$switch expected an array for 'branches'");
  }
  if (branches.length === 0) throw new LocationError(40068, '$switch requires at least one branch.');
  const compiled = branches.map((branch: unknown) => compileBranch(branch, compiler));
  const otherwise = Object.hasOwn(operand, 'default') ? compiler.compile(operand.default) : undefined;
  return (scope) => {
    const branch = compiled.find(({ condition }) => isTruthy(condition(scope)));
    if (branch) return branch.outcome(scope);
    if (otherwise) return otherwise(scope);
    throw new LocationError(
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
};

function compileBranch(branch: unknown, compiler: Compiler): Branch {
  if (!isObject(branch)) {
    throw new LocationError(
      40062,
      `$switch expected each branch to be an object, found: ${typeName(branch)}`,
    );
  }
  for (const field of Object.keys(branch)) {
    if (field !== 'case' && field !== 'then') {
      throw new LocationError(40063, `$switch found an unknown argument to a branch: ${field}`);
    }
  }
  if (!Object.hasOwn(branch, 'case'))
    throw new LocationError(40064, "$switch requires each branch have a 'case'");
  if (!Object.hasOwn(branch, 'then'))
    throw new LocationError(40065, "$switch requires each branch have a 'then'");
  return { condition: compiler.compile(branch.case), outcome: compiler.compile(branch.then) };
}

export const LOGIC: Readonly<Record<string, Operator>> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: binary((a, b) => new Int32(Math.sign(compareValues(a, b)))),
  $and: and,
  $or: or,
  $not: unary((value) => !isTruthy(value)),
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchOperator,
};
