import { type BsonObject, isObject } from '../../bson/values.js';
import { LocationError, StoreError } from '../../errors.js';
import type { Compiler, Evaluate, Operator, Scope } from './scope.js';
import { typeName } from './type-names.js';

/** The operands of an operator: the entries of an array, or the single operand itself. */
export function operandsOf(operand: unknown): unknown[] {
  return Array.isArray(operand) ? operand : [operand];
}

/** An operator whose operands are all evaluated, in order, before it does its work. */
export function operator(
  arity: { readonly least: number; readonly most?: number },
  apply: (values: unknown[], name: string) => unknown,
): Operator {
  const { least, most = Number.POSITIVE_INFINITY } = arity;
  return (operand, compiler, name) => {
    const operands = operandsOf(operand);
    assertArity(operands.length, { least, most }, name);
    const evaluates = operands.map((entry) => compiler.compile(entry));
    return (scope) =>
      apply(
        evaluates.map((evaluate) => evaluate(scope)),
        name,
      );
  };
}

/** An operator of exactly one operand. */
export function unary(apply: (value: unknown, name: string) => unknown): Operator {
  return operator({ least: 1, most: 1 }, ([value], name) => apply(value, name));
}

/** An operator of exactly two operands. */
export function binary(apply: (a: unknown, b: unknown, name: string) => unknown): Operator {
  return operator({ least: 2, most: 2 }, ([a, b], name) => apply(a, b, name));
}

function assertArity(given: number, { least, most }: { least: number; most: number }, name: string): void {
  if (given >= least && given <= most) return;
  if (least === most) {
    throw new LocationError(
      16020,
      `Expression ${name} takes exactly ${least} arguments. ${given} were passed in.`,
    );
  }
  const range = Number.isFinite(most) ? ` and at most ${most}` : '';
  throw new LocationError(
    28667,
    `Expression ${name} takes at least ${least}${range} arguments, but ${given} were passed in.`,
  );
}

/** How an operator refuses an operand that is no object, or one with fields it does not know or lacks. */
export interface NamedOperands {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  readonly codes?: { readonly shape?: number; readonly unknown?: number; readonly missing?: number };
}

/** The named operands of `{ $filter: { input, as, cond } }`, checked but not compiled. */
export function namedOperands(operand: unknown, name: string, allowed: NamedOperands): BsonObject {
  const { required, optional = [], codes = {} } = allowed;
  if (!isObject(operand)) {
    throw located(codes.shape, `${name} only supports an object as its argument, found ${typeName(operand)}`);
  }
  for (const field of Object.keys(operand)) {
    if (required.includes(field) || optional.includes(field)) continue;
    throw located(codes.unknown, `Unrecognized parameter to ${name}: ${field}`);
  }
  for (const field of required) {
    if (Object.hasOwn(operand, field)) continue;
    throw located(codes.missing, `Missing '${field}' parameter to ${name}`);
  }
  return operand;
}

function located(code: number | undefined, message: string): StoreError {
  return code === undefined ? new StoreError('FailedToParse', message) : new LocationError(code, message);
}

/** An operator with named operands, all evaluated before it does its work; absent ones are missing. */
export function named(
  allowed: NamedOperands,
  apply: (values: Readonly<Record<string, unknown>>, name: string) => unknown,
): Operator {
  return (operand, compiler, name) => {
    const evaluates = compileFields(namedOperands(operand, name, allowed), compiler);
    return (scope) => apply(evaluateFields(evaluates, scope), name);
  };
}

function compileFields(operand: BsonObject, compiler: Compiler): [string, Evaluate][] {
  return Object.keys(operand).map((field) => [field, compiler.compile(operand[field])]);
}

function evaluateFields(evaluates: readonly [string, Evaluate][], scope: Scope): Record<string, unknown> {
  return Object.fromEntries(evaluates.map(([field, evaluate]) => [field, evaluate(scope)]));
}

/** Null, missing and BSON undefined, which most operators answer with null. */
export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

export function typeMismatch(message: string): StoreError {
  return new StoreError('TypeMismatch', message);
}

/** The name of a variable a client defines; those in capitals are MongoDB's own, but for CURRENT. */
export function userVariable(name: string): string {
  if (/^[a-z\u0080-\uffff]\w*$/u.test(name)) return name;
  throw new StoreError('FailedToParse', `'${name}' is not a valid name for a variable`);
}
