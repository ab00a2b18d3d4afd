import { ObjectId, Timestamp } from 'bson';
import { LocationError } from '../../errors.js';
import { isNullish } from './arguments.js';
import { UTC, type Zone, zoneNamed } from './time-zones.js';
import { typeName } from './type-names.js';

/** The milliseconds of a value that stands for a moment. */
export function momentOf(value: unknown, code = 16006): number {
  if (value instanceof Date) return value.getTime();
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  if (value instanceof Timestamp) return value.getHighBitsUnsigned() * 1000;
  throw new LocationError(code, `can't convert from ${typeName(value)} to Date`);
}

/** The zone a `timezone` operand names; undefined when it is null, which makes the whole result null. */
export function zoneOperand(values: Readonly<Record<string, unknown>>, code = 40533): Zone | undefined {
  if (!Object.hasOwn(values, 'timezone')) return UTC;
  const { timezone } = values;
  if (isNullish(timezone)) return undefined;
  if (typeof timezone === 'string') return zoneNamed(timezone);
  throw new LocationError(code, `timezone must evaluate to a string, found ${typeName(timezone)}`);
}
