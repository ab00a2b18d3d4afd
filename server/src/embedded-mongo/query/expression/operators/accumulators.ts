import { ACCUMULATOR_NAMES, type AccumulatorName, createAccumulator } from '../accumulators.js';
import { operandsOf } from '../arguments.js';
import type { Operator } from '../scope.js';

/** An accumulator as an expression: over the elements of its only operand when that is an array, else over all operands. */
function overOperands(accumulator: AccumulatorName): Operator {
  return (operand, compiler) => {
    const evaluates = operandsOf(operand).map((entry) => compiler.compile(entry));
    return (scope) => {
      const values = evaluates.map((evaluate) => evaluate(scope));
      const [only] = values;
      const all: readonly unknown[] = values.length === 1 && Array.isArray(only) ? only : values;
      const state = createAccumulator(accumulator);
      for (const value of all) state.add(value);
      return state.result();
    };
  };
}

export const ACCUMULATORS: Readonly<Record<string, Operator>> = Object.fromEntries(
  ACCUMULATOR_NAMES.map((name) => [name, overOperands(name)]),
);
