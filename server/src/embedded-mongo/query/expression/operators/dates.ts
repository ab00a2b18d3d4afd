import { Int32, Long } from 'bson';
import { isObject } from '../../../bson/values.js';
import { LocationError } from '../../../errors.js';
import { isNullish, named, operandsOf } from '../arguments.js';
import { momentOf, zoneOperand } from '../date-operands.js';
import { type DateParts, isoDate, partsOf, utc } from '../date-parts.js';
import { int32Of } from '../number-kinds.js';
import type { Operator } from '../scope.js';
import { fromLocal } from '../time-zones.js';
import { typeName } from '../type-names.js';

/** `{ $year: date }`, `{ $year: [date] }` or `{ $year: { date, timezone } }`. */
function datePart(part: (parts: DateParts) => Int32 | Long): Operator {
  return (operand, compiler, name) => {
    const evaluate = named(
      { required: ['date'], optional: ['timezone'], codes: { unknown: 40535, missing: 40539 } },
      (values) => {
        const { date } = values;
        const zone = zoneOperand(values);
        if (isNullish(date) || !zone) return null;
        const moment = momentOf(date);
        return part(partsOf(moment + zone(moment)));
      },
    );
    return evaluate(dateOperand(operand, name), compiler, name);
  };
}

function dateOperand(operand: unknown, name: string): object {
  if (isObject(operand) && !Object.keys(operand)[0]?.startsWith('$')) return operand;
  const operands = operandsOf(operand);
  if (operands.length === 1) return { date: operands[0] };
  throw new LocationError(
    40536,
    `${name} accepts exactly one argument if given an array, but was given ${operands.length}`,
  );
}

function dateToParts(values: Readonly<Record<string, unknown>>): unknown {
  const { date, iso8601 = false } = values;
  const zone = zoneOperand(values);
  if (iso8601 === null || isNullish(date) || !zone) return null;
  if (typeof iso8601 !== 'boolean') throw new LocationError(40521, 'iso8601 must evaluate to a bool');
  const moment = momentOf(date);
  const parts = partsOf(moment + zone(moment));
  const day = iso8601
    ? { isoWeekYear: parts.isoYear, isoWeek: parts.isoWeek, isoDayOfWeek: parts.isoDay }
    : { year: parts.year, month: parts.month, day: parts.day };
  const { hour, minute, second, millisecond } = parts;
  const all = { ...day, hour, minute, second, millisecond };
  return Object.fromEntries(Object.entries(all).map(([field, value]) => [field, new Int32(value)]));
}

const TIME_PARTS = ['hour', 'minute', 'second', 'millisecond'] as const;
const CALENDAR = ['year', 'month', 'day'] as const;
const ISO_CALENDAR = ['isoWeekYear', 'isoWeek', 'isoDayOfWeek'] as const;

function dateFromParts(values: Readonly<Record<string, unknown>>): unknown {
  const isIso = ISO_CALENDAR.some((part) => Object.hasOwn(values, part));
  const [year, second, third] = isIso ? ISO_CALENDAR : CALENDAR;
  if (CALENDAR.some((part) => Object.hasOwn(values, part)) && isIso) {
    throw new LocationError(40489, '$dateFromParts does not allow mixing natural dates with ISO dates');
  }
  if (!Object.hasOwn(values, year)) {
    throw new LocationError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  }
  const zone = zoneOperand(values);
  const wanted = [year, second, third, ...TIME_PARTS];
  if (!zone || wanted.some((part) => Object.hasOwn(values, part) && isNullish(values[part]))) return null;
  const number = (part: string, otherwise: number): number =>
    Object.hasOwn(values, part) ? partNumber(part, values[part]) : otherwise;
  const years = number(year, 1);
  if (years < 1 || years > 9999) {
    throw new LocationError(
      40523,
      `'${year}' must evaluate to an integer in the range 1 to 9999, found ${years}`,
    );
  }
  const day = isIso
    ? isoDate(years, number(second, 1), number(third, 1))
    : utc(years, number(second, 1) - 1, number(third, 1));
  const minutes = number('hour', 0) * 60 + number('minute', 0);
  return new Date(
    fromLocal(day + (minutes * 60 + number('second', 0)) * 1000 + number('millisecond', 0), zone),
  );
}

function partNumber(part: string, value: unknown): number {
  const whole = int32Of(value);
  if (whole !== undefined) return whole;
  throw new LocationError(40515, `'${part}' must evaluate to an integer, found ${typeName(value)}`);
}

const int = (value: number): Int32 => new Int32(value);

export const DATES: Readonly<Record<string, Operator>> = {
  $year: datePart(({ year }) => int(year)),
  $month: datePart(({ month }) => int(month)),
  $dayOfMonth: datePart(({ day }) => int(day)),
  $dayOfYear: datePart(({ dayOfYear }) => int(dayOfYear)),
  $dayOfWeek: datePart(({ dayOfWeek }) => int(dayOfWeek)),
  $week: datePart(({ week }) => int(week)),
  $isoWeek: datePart(({ isoWeek }) => int(isoWeek)),
  $isoWeekYear: datePart(({ isoYear }) => Long.fromNumber(isoYear)),
  $isoDayOfWeek: datePart(({ isoDay }) => int(isoDay)),
  $hour: datePart(({ hour }) => int(hour)),
  $minute: datePart(({ minute }) => int(minute)),
  $second: datePart(({ second }) => int(second)),
  $millisecond: datePart(({ millisecond }) => int(millisecond)),
  $dateToParts: named(
    {
      required: ['date'],
      optional: ['timezone', 'iso8601'],
      codes: { shape: 40524, unknown: 40520, missing: 40522 },
    },
    dateToParts,
  ),
  $dateFromParts: named(
    {
      required: [],
      optional: [...CALENDAR, ...ISO_CALENDAR, ...TIME_PARTS, 'timezone'],
      codes: { shape: 40519, unknown: 40518 },
    },
    dateFromParts,
  ),
};
