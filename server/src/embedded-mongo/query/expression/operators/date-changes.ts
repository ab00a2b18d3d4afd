import { Long } from 'bson';
import { LocationError, StoreError } from '../../../errors.js';
import { isNullish, type NamedOperands, named } from '../arguments.js';
import { addUnits, assertUnit, truncate, unitsBetween, weekdayNamed } from '../date-arithmetic.js';
import { momentOf, zoneOperand } from '../date-operands.js';
import { assertDateFormat, dateFromText, dateInFormat, formatDate } from '../date-text.js';
import { isNumber, wholeOf } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { plainText } from '../text.js';
import { typeName } from '../type-names.js';

type Values = Readonly<Record<string, unknown>>;

const isNull = (values: Values, ...fields: string[]): boolean =>
  fields.some((field) => isNullish(values[field]));

function unitOf(unit: unknown, name: string): string {
  if (typeof unit !== 'string') {
    throw new LocationError(5439013, `${name} requires 'unit' to be a string, but got ${typeName(unit)}`);
  }
  assertUnit(unit);
  return unit;
}

function weekStartOf(values: Values, unit: string): number | undefined {
  if (!Object.hasOwn(values, 'startOfWeek') || unit !== 'week') return 0;
  const { startOfWeek } = values;
  if (isNullish(startOfWeek)) return undefined;
  if (typeof startOfWeek === 'string') return weekdayNamed(startOfWeek);
  throw new LocationError(5439015, `'startOfWeek' must be a string, but got ${typeName(startOfWeek)}`);
}

function shift(direction: 1 | -1): Operator {
  const allowed: NamedOperands = {
    required: ['startDate', 'unit', 'amount'],
    optional: ['timezone'],
    codes: { shape: 5166400, unknown: 5166401, missing: 5166402 },
  };
  return named(allowed, (values, name) => {
    const zone = zoneOperand(values);
    if (!zone || isNull(values, 'startDate', 'unit', 'amount')) return null;
    const moment = momentOf(values.startDate, 5166403);
    const unit = unitOf(values.unit, name);
    const amount = wholeOf(values.amount);
    if (amount === undefined)
      throw new LocationError(5166405, `${name} expects integer amount of time units`);
    const result = new Date(addUnits(moment, direction * amount, unit, zone));
    if (!Number.isNaN(result.getTime())) return result;
    throw new LocationError(5166406, `${name} overflowed`);
  });
}

function dateDiff(values: Values, name: string): unknown {
  const zone = zoneOperand(values);
  if (!zone || isNull(values, 'startDate', 'endDate', 'unit')) return null;
  const from = momentOf(values.startDate, 5166307);
  const to = momentOf(values.endDate, 5166307);
  const unit = unitOf(values.unit, name);
  const weekStart = weekStartOf(values, unit);
  if (weekStart === undefined) return null;
  return Long.fromNumber(unitsBetween(from, to, unit, { zone, weekStart }));
}

function dateTrunc(values: Values, name: string): unknown {
  const zone = zoneOperand(values);
  if (!zone || isNull(values, 'date', 'unit')) return null;
  const moment = momentOf(values.date, 5439012);
  const unit = unitOf(values.unit, name);
  const binSize = binSizeOf(values);
  const weekStart = weekStartOf(values, unit);
  if (weekStart === undefined || binSize === undefined) return null;
  return new Date(truncate(moment, unit, binSize, { zone, weekStart }));
}

function binSizeOf(values: Values): number | undefined {
  if (!Object.hasOwn(values, 'binSize')) return 1;
  const { binSize } = values;
  if (isNullish(binSize)) return undefined;
  const whole = isNumber(binSize) ? wholeOf(binSize) : undefined;
  if (whole === undefined)
    throw new LocationError(5439017, "$dateTrunc requires 'binSize' to be a 64-bit integer");
  if (whole <= 0) throw new LocationError(5439018, "$dateTrunc requires 'binSize' to be greater than 0");
  return whole;
}

const ISO_FORMAT = '%Y-%m-%dT%H:%M:%S.%L';

function dateToString(values: Values): unknown {
  const { date, format, onNull = null } = values;
  const zone = zoneOperand(values);
  if (Object.hasOwn(values, 'format') && !isNullish(format)) {
    if (typeof format !== 'string') {
      throw new LocationError(
        18533,
        `$dateToString requires that 'format' be a string, found: ${typeName(format)}`,
      );
    }
    assertDateFormat(format);
  }
  if (isNullish(date)) return Object.hasOwn(values, 'onNull') ? values.onNull : onNull;
  if (!zone || (Object.hasOwn(values, 'format') && isNullish(format))) return null;
  const inUtc = !Object.hasOwn(values, 'timezone') || ['UTC', 'GMT', 'Z'].includes(String(values.timezone));
  const wanted = typeof format === 'string' ? format : `${ISO_FORMAT}${inUtc ? 'Z' : ''}`;
  return formatDate(momentOf(date), wanted, zone);
}

const dateFromString: Operator = (operand, compiler, name) => {
  const allowed: NamedOperands = {
    required: ['dateString'],
    optional: ['format', 'timezone', 'onError', 'onNull'],
    codes: { shape: 40540, unknown: 40541, missing: 40542 },
  };
  return named(allowed, (values) => {
    const { dateString, format } = values;
    const given = Object.hasOwn(values, 'format');
    if (given && !isNullish(format) && typeof format !== 'string') {
      throw new LocationError(
        40684,
        `${name} requires that 'format' be a string, found: ${typeName(format)}`,
      );
    }
    const zone = zoneOperand(values, 40517);
    if (isNullish(dateString)) return Object.hasOwn(values, 'onNull') ? values.onNull : null;
    if (!zone || (given && isNullish(format))) return null;
    const explicit = Object.hasOwn(values, 'timezone') ? zone : undefined;
    const text = plainText(dateString);
    const date = text === undefined ? undefined : readDate(text, format, explicit);
    if (date) return date;
    if (Object.hasOwn(values, 'onError')) return values.onError;
    if (text === undefined) {
      throw new StoreError(
        'ConversionFailure',
        `${name} requires that 'dateString' be a string, found: ${typeName(dateString)}`,
      );
    }
    throw new StoreError('ConversionFailure', `Error parsing date string '${text}'`);
  })(operand, compiler, name);
};

function readDate(text: string, format: unknown, zone: ReturnType<typeof zoneOperand>): Date | undefined {
  return typeof format === 'string' ? dateInFormat(text, format, zone) : dateFromText(text, zone);
}

export const DATE_CHANGES: Readonly<Record<string, Operator>> = {
  $dateAdd: shift(1),
  $dateSubtract: shift(-1),
  $dateDiff: named(
    {
      required: ['startDate', 'endDate', 'unit'],
      optional: ['timezone', 'startOfWeek'],
      codes: { shape: 5166301, unknown: 5166302, missing: 5166303 },
    },
    dateDiff,
  ),
  $dateTrunc: named(
    {
      required: ['date', 'unit'],
      optional: ['binSize', 'timezone', 'startOfWeek'],
      codes: { shape: 5439007, unknown: 5439008, missing: 5439009 },
    },
    dateTrunc,
  ),
  $dateToString: named(
    {
      required: ['date'],
      optional: ['format', 'timezone', 'onNull'],
      codes: { shape: 18629, unknown: 18534, missing: 18628 },
    },
    dateToString,
  ),
  $dateFromString: dateFromString,
};
