import { encodeValue } from '../../bson/key-encoding.js';
import { type BsonObject, isObject, setField } from '../../bson/values.js';
import { LocationError } from '../../errors.js';
import { scopeIn } from '../expression/scope.js';
import { type AccumulatorMaker, compileAccumulator, type GroupState } from './group-accumulators.js';
import type { Stage } from './stage.js';

interface Group {
  readonly id: unknown;
  readonly states: readonly GroupState[];
}

/** Rows by the value of `_id`; a missing one counts as null, numbers of any type are one when they are equal. */
export const group: Stage = (operand, { compiler }) => {
  if (!isObject(operand)) throw new LocationError(15947, "a group's fields must be specified in an object");
  if (!Object.hasOwn(operand, '_id'))
    throw new LocationError(15955, 'a group specification must include an _id');
  const idOf = compiler.compile(operand._id);
  const fields = Object.keys(operand).filter((field) => field !== '_id');
  const makers = fields.map((field) => ({ field, make: readField(field, operand[field]) }));
  return (rows, bindings) => {
    const groups = new Map<string, Group>();
    for (const row of rows) {
      const scope = scopeIn(row, bindings);
      const id = idOf(scope) ?? null;
      const key = encodeValue(id).toString('latin1');
      const existing = groups.get(key);
      const found = existing ?? { id, states: makers.map(({ make }) => make(scopeIn(id, bindings))) };
      if (!existing) groups.set(key, found);
      for (const state of found.states) state.add(scope);
    }
    return [...groups.values()].map(({ id, states }) => {
      const result: BsonObject = { _id: id };
      for (const [i, state] of states.entries()) setField(result, fields[i] ?? '', state.result() ?? null);
      return result;
    });
  };

  function readField(field: string, spec: unknown): AccumulatorMaker {
    if (field.includes('.')) throw new LocationError(40235, `The field name '${field}' cannot contain '.'`);
    if (field.startsWith('$')) {
      throw new LocationError(40236, `The field name '${field}' cannot be an operator name`);
    }
    const names = isObject(spec) ? Object.keys(spec) : [];
    const [name] = names;
    if (!isObject(spec) || !name?.startsWith('$')) {
      throw new LocationError(40234, `The field '${field}' must be an accumulator object`);
    }
    if (names.length !== 1)
      throw new LocationError(40238, `The field '${field}' must specify one accumulator`);
    return compileAccumulator(name, spec[name], compiler);
  }
};
