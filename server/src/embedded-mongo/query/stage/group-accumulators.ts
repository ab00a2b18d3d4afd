import { encodeValue } from '../../bson/key-encoding.js';
import type { KeyField } from '../../bson/key-tuples.js';
import { isObject } from '../../bson/values.js';
import { LocationError, notSupported, StoreError } from '../../errors.js';
import { ACCUMULATOR_NAMES, type Accumulator, createAccumulator } from '../expression/accumulators.js';
import { namedOperands } from '../expression/arguments.js';
import { intOrLong } from '../expression/number-kinds.js';
import { countOf, extremes } from '../expression/operators/objects.js';
import type { Compiler, Scope } from '../expression/scope.js';
import { parseSort, sortKeyOf } from '../sort.js';

/** Takes the rows of a group one at a time. */
export interface GroupState {
  add(scope: Scope): void;
  result(): unknown;
}

/** Starts an accumulator for a group; the scope has the group's `_id` as its document, which `n` may depend on. */
export type AccumulatorMaker = (group: Scope) => GroupState;

type AccumulatorCompiler = (operand: unknown, compiler: Compiler, name: string) => AccumulatorMaker;

/** An accumulator of one expression, kept by what `start` makes. */
function ofExpression(start: () => Accumulator): AccumulatorCompiler {
  return (operand, compiler, name) => {
    if (Array.isArray(operand)) {
      throw new LocationError(40237, `The ${name} accumulator is a unary operator`);
    }
    const evaluate = compiler.compile(operand);
    return () => {
      const state = start();
      return { add: (scope) => state.add(evaluate(scope)), result: () => state.result() };
    };
  };
}

function first(): Accumulator {
  let value: unknown;
  let isSet = false;
  return {
    add: (next) => {
      if (!isSet) value = next;
      isSet = true;
    },
    result: () => value,
  };
}

function last(): Accumulator {
  let value: unknown;
  return {
    add: (next) => {
      value = next;
    },
    result: () => value,
  };
}

/** Every value but the missing ones. */
function push(): Accumulator {
  const values: unknown[] = [];
  return {
    add: (value) => {
      if (value !== undefined) values.push(value);
    },
    result: () => values,
  };
}

function addToSet(): Accumulator {
  const values = new Map<string, unknown>();
  return {
    add: (value) => {
      if (value === undefined) return;
      const key = encodeValue(value).toString('latin1');
      if (!values.has(key)) values.set(key, value);
    },
    result: () => [...values.values()],
  };
}

const count: AccumulatorCompiler = (operand) => {
  if (!isObject(operand) || Object.keys(operand).length > 0) {
    throw new StoreError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
  }
  return () => {
    let rows = 0;
    return { add: () => void rows++, result: () => intOrLong(rows) };
  };
};

/** `$firstN` and its like: the values of all rows, of which `pick` takes `n` in the end. */
function someOf(pick: (values: readonly unknown[], n: number) => unknown[]): AccumulatorCompiler {
  return (operand, compiler, name) => {
    const codes = { shape: 5787801, unknown: 5787901, missing: 5787906 };
    const parts = namedOperands(operand, name, { required: ['input', 'n'], codes });
    const input = compiler.compile(parts.input);
    const n = compiler.compile(parts.n);
    return (group) => {
      const most = countOf(n(group), name);
      const values: unknown[] = [];
      return { add: (scope) => void values.push(input(scope) ?? null), result: () => pick(values, most) };
    };
  };
}

/** `$top`, `$bottom` and those with N: rows in an order of their own. */
function ranked(end: 'top' | 'bottom', many: boolean): AccumulatorCompiler {
  return (operand, compiler, name) => {
    const required = many ? ['output', 'sortBy', 'n'] : ['output', 'sortBy'];
    const parts = namedOperands(operand, name, {
      required,
      codes: { shape: 5788001, unknown: 5788002, missing: 5788003 },
    });
    const fields = sortFields(parts.sortBy);
    const output = compiler.compile(parts.output);
    const n = compiler.compile(many ? parts.n : 1);
    return (group) => {
      const most = many ? countOf(n(group), name) : 1;
      const entries: { key: Buffer; value: unknown }[] = [];
      return {
        add: (scope) => {
          const document = isObject(scope.root) ? scope.root : {};
          entries.push({ key: sortKeyOf(document, fields), value: output(scope) ?? null });
        },
        result: () => {
          const sorted = entries.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ value }) => value);
          const taken = end === 'top' ? sorted.slice(0, most) : sorted.slice(-most);
          return many ? taken : taken[0];
        },
      };
    };
  };
}

function sortFields(sortBy: unknown): KeyField[] {
  if (!isObject(sortBy)) throw new LocationError(10065, 'invalid parameter: expected an object (sortBy)');
  return parseSort(sortBy);
}

const ACCUMULATORS = new Map<string, AccumulatorCompiler>([
  ...ACCUMULATOR_NAMES.map((name): [string, AccumulatorCompiler] => [
    name,
    ofExpression(() => createAccumulator(name)),
  ]),
  ['$first', ofExpression(first)],
  ['$last', ofExpression(last)],
  ['$push', ofExpression(push)],
  ['$addToSet', ofExpression(addToSet)],
  ['$count', count],
  ['$firstN', someOf((values, n) => values.slice(0, n))],
  ['$lastN', someOf((values, n) => values.slice(-n))],
  ['$minN', someOf((values, n) => extremes(values, n, 1))],
  ['$maxN', someOf((values, n) => extremes(values, n, -1))],
  ['$top', ranked('top', false)],
  ['$topN', ranked('top', true)],
  ['$bottom', ranked('bottom', false)],
  ['$bottomN', ranked('bottom', true)],
]);

const REFUSED = new Set(['$accumulator', '$median', '$percentile']);

export function compileAccumulator(name: string, operand: unknown, compiler: Compiler): AccumulatorMaker {
  const compile = ACCUMULATORS.get(name);
  if (compile) return compile(operand, compiler, name);
  if (REFUSED.has(name)) throw notSupported(name);
  throw new LocationError(15952, `unknown group operator '${name}'`);
}
