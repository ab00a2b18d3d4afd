import { isObject, numberOf } from '../../bson/values.js';
import { LocationError, StoreError } from '../../errors.js';
import { fieldPath } from '../expression/field-path.js';
import { expressionsBound, scopeIn } from '../expression/scope.js';
import { compileFilter } from '../filter/matcher.js';
import { parseSort, Sorter } from '../sort.js';
import { objectOperand, type Stage, type Sugar, stageNumber } from './stage.js';

/** `$match`, with the store's own rules for comparing. */
export const match: Stage = (operand, context) => {
  if (!isObject(operand)) {
    throw new LocationError(15959, 'the match filter must be an expression in an object');
  }
  const { compiler, collation } = context;
  const bound = expressionsBound(compiler);
  const matches = compileFilter(operand, { expressions: bound.compile, collation });
  return (rows, bindings) => {
    bound.bindings = bindings;
    return rows.filter(matches);
  };
};

export const sort: Stage = (operand, { collation }) => {
  if (!isObject(operand)) throw new LocationError(15973, 'the $sort key specification must be an object');
  const fields = parseSort(operand);
  if (fields.length === 0) throw new LocationError(15976, '$sort stage must have at least one sort key');
  return (rows) => {
    const sorter = new Sorter<(typeof rows)[number]>({ fields, collation }, () => 0);
    for (const row of rows) sorter.add(row, row);
    return sorter.sorted();
  };
};

export const limit: Stage = (operand) => {
  const count = stageNumber(operand, '$limit', 5107201);
  if (count === 0) throw new LocationError(15958, 'the limit must be positive');
  return (rows) => rows.slice(0, count);
};

export const skip: Stage = (operand) => {
  const count = stageNumber(operand, '$skip', 5107200);
  return (rows) => rows.slice(count);
};

export const sample: Stage = (operand) => {
  const spec = objectOperand('$sample', operand, 28745);
  for (const field of Object.keys(spec)) {
    if (field !== 'size') throw new LocationError(28748, `unrecognized option to $sample: ${field}`);
  }
  if (!Object.hasOwn(spec, 'size')) throw new LocationError(28749, '$sample stage must specify a size');
  const size = numberOf(spec.size);
  if (size === undefined) throw new LocationError(28746, 'size argument to $sample must be a number');
  if (size < 1) throw new LocationError(28747, 'size argument to $sample must be a positive integer');
  return (rows) => {
    const rest = [...rows];
    return Array.from({ length: Math.min(Math.trunc(size), rest.length) }, (_, i) => {
      const at = i + Math.floor(Math.random() * (rest.length - i));
      const [picked = {}, first = {}] = [rest[at], rest[i]];
      rest[at] = first;
      return picked;
    });
  };
};

/** Rows made by the pipeline itself instead of read. */
export const documents: Stage = (operand, { compiler }) => {
  const evaluate = compiler.compile(operand);
  return (_rows, bindings) => {
    const made = evaluate(scopeIn(undefined, bindings));
    if (!Array.isArray(made)) throw new LocationError(5858203, 'an array is expected in $documents');
    return made.map((row: unknown) => {
      if (isObject(row)) return row;
      throw new LocationError(40228, '$documents needs an array of objects');
    });
  };
};

export const count: Sugar = (operand) => {
  if (typeof operand !== 'string')
    throw new LocationError(40156, 'the count field must be a non-empty string');
  if (operand === '') throw new LocationError(40157, 'the count field must be a non-empty string');
  if (operand.startsWith('$')) throw new LocationError(40158, 'the count field cannot be a $-prefixed path');
  if (operand.includes('.')) throw new LocationError(40160, "the count field cannot contain '.'");
  if (operand === '_id') throw new LocationError(9039800, "the count field cannot be '_id'");
  return [{ $group: { _id: null, [operand]: { $sum: 1 } } }, { $project: { _id: 0 } }];
};

export const sortByCount: Sugar = (operand) => {
  if (isObject(operand)) {
    const [name] = Object.keys(operand);
    if (!name?.startsWith('$')) {
      throw new LocationError(
        40147,
        'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
      );
    }
  } else if (typeof operand !== 'string') {
    throw new LocationError(40149, 'the sortByCount field must be specified as a string or as an object');
  } else if (!operand.startsWith('$')) {
    throw new LocationError(
      40148,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    );
  } else if (!operand.startsWith('$$')) {
    fieldPath(operand.slice(1));
  }
  return [{ $group: { _id: operand, count: { $sum: 1 } } }, { $sort: { count: -1 } }];
};

/** `$facet`: several pipelines over the same rows. */
export const facet: Stage = (operand, context) => {
  const spec = objectOperand('$facet', operand, 40169);
  const names = Object.keys(spec);
  if (names.length === 0)
    throw new LocationError(40169, 'the $facet specification must be a non-empty object');
  const branches = names.map((name) => {
    if (name.includes('.') || name.startsWith('$')) {
      throw new StoreError('FailedToParse', `${name} is no valid name for a field of $facet`);
    }
    const stages = spec[name];
    if (!Array.isArray(stages))
      throw new LocationError(40170, `arguments to $facet must be arrays, ${name} is not`);
    assertInsideFacet(stages);
    return { name, run: context.pipeline(stages) };
  });
  return (rows, bindings) => [
    Object.fromEntries(branches.map(({ name, run }) => [name, run([...rows], bindings)])),
  ];
};

function assertInsideFacet(stages: readonly unknown[]): void {
  for (const stage of stages) {
    const [name = ''] = isObject(stage) ? Object.keys(stage) : [];
    if (name === '$facet' || name === '$documents') {
      throw new LocationError(40600, `${name} is not allowed to be used within a $facet stage`);
    }
  }
}
