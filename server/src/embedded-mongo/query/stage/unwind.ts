import { Long } from 'bson';
import { type BsonObject, fieldOf, isObject } from '../../bson/values.js';
import { LocationError, StoreError } from '../../errors.js';
import { isNullish } from '../expression/arguments.js';
import { fieldPath } from '../expression/field-path.js';
import { withValueAt } from './nested.js';
import type { Stage } from './stage.js';

interface UnwindSpec {
  readonly path: readonly string[];
  readonly index: readonly string[] | undefined;
  readonly keepsEmpty: boolean;
}

/** As many rows as the small documents in 100 MB can be; one stage after the other could make any number of them. */
const MAX_ROWS = 2_000_000;

/** One row for each element of an array; a value that is no array stands for itself. */
export const unwind: Stage = (operand) => {
  const spec = readSpec(operand);
  return (rows) => {
    const result: BsonObject[] = [];
    for (const row of rows) {
      for (const made of unwound(row, spec)) result.push(made);
      if (result.length > MAX_ROWS) throw tooMany();
    }
    return result;
  };
};

function tooMany(): StoreError {
  return new StoreError(
    'QueryExceededMemoryLimitNoDiskUseAllowed',
    `$unwind would make more than ${MAX_ROWS} documents, which the embedded store keeps in memory`,
  );
}

function readSpec(operand: unknown): UnwindSpec {
  if (typeof operand === 'string') return { path: readPath(operand), index: undefined, keepsEmpty: false };
  if (!isObject(operand)) {
    throw new LocationError(
      15981,
      'expected either a string or an object as specification for $unwind stage',
    );
  }
  const {
    path,
    includeArrayIndex: index,
    preserveNullAndEmptyArrays: keepsEmpty = false,
    ...others
  } = operand;
  if (path !== undefined && typeof path !== 'string') {
    throw new LocationError(28808, 'expected a string as the path for $unwind stage');
  }
  if (typeof keepsEmpty !== 'boolean') {
    throw new LocationError(
      28809,
      'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage',
    );
  }
  if (index !== undefined && (typeof index !== 'string' || index === '')) {
    throw new LocationError(
      28810,
      'expected a non-empty string for the includeArrayIndex option to $unwind stage',
    );
  }
  if (index?.startsWith('$')) {
    throw new LocationError(
      28822,
      "includeArrayIndex option to $unwind stage should not be prefixed with a '$'",
    );
  }
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new LocationError(28811, `unrecognized option to $unwind stage: ${unknown}`);
  if (path === undefined) throw new LocationError(28812, 'no path specified to $unwind stage');
  return { path: readPath(path), index: index === undefined ? undefined : fieldPath(index), keepsEmpty };
}

function readPath(path: string): string[] {
  if (!path.startsWith('$')) {
    throw new LocationError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  }
  return fieldPath(path.slice(1));
}

function unwound(row: BsonObject, { path, index, keepsEmpty }: UnwindSpec): BsonObject[] {
  const value = path.reduce<unknown>((at, field) => (isObject(at) ? fieldOf(at, field) : undefined), row);
  const numbered = (made: BsonObject, i: unknown): BsonObject => (index ? withValueAt(made, index, i) : made);
  if (!Array.isArray(value)) {
    if (isNullish(value) && !keepsEmpty) return [];
    return [numbered(row, null)];
  }
  if (value.length > 0) {
    return value.map((element: unknown, i) => numbered(withValueAt(row, path, element), Long.fromNumber(i)));
  }
  return keepsEmpty ? [numbered(withValueAt(row, path, undefined), null)] : [];
}
