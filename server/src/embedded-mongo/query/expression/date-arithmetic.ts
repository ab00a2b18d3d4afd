import { StoreError } from '../../errors.js';
import { partsOf, utc } from './date-parts.js';
import { fromLocal, type Zone } from './time-zones.js';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const FIXED = new Map<string, number>([
  ['millisecond', 1],
  ['second', SECOND_MS],
  ['minute', 60 * SECOND_MS],
  ['hour', 3600 * SECOND_MS],
]);
const DAYS = new Map<string, number>([
  ['day', 1],
  ['week', 7],
]);
const MONTHS = new Map<string, number>([
  ['month', 1],
  ['quarter', 3],
  ['year', 12],
]);
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

export function assertUnit(unit: string): void {
  if (FIXED.has(unit) || DAYS.has(unit) || MONTHS.has(unit)) return;
  throw new StoreError('FailedToParse', `unknown time unit value: ${unit}`);
}

/** 0 for Sunday, from a name or its first three letters. */
export function weekdayNamed(name: string): number {
  const folded = name.toLowerCase();
  const day = WEEKDAYS.findIndex((weekday) => folded === weekday || folded === weekday.slice(0, 3));
  if (day === -1) throw new StoreError('FailedToParse', `unknown day of week value: ${name}`);
  return day;
}

/** A date later by so many units: of hours and less by the clock, of days and more by the calendar of the zone. */
export function addUnits(utcMs: number, amount: number, unit: string, zone: Zone): number {
  const fixed = FIXED.get(unit);
  if (fixed !== undefined) return utcMs + amount * fixed;
  const local = utcMs + zone(utcMs);
  const days = DAYS.get(unit);
  if (days !== undefined) return fromLocal(local + amount * days * DAY_MS, zone);
  const { year, month, day } = partsOf(local);
  const target = month - 1 + amount * (MONTHS.get(unit) ?? 1);
  // The last day of a shorter month stands for the days it lacks.
  const lastDay = partsOf(utc(year, target + 1, 0)).day;
  return fromLocal(utc(year, target, Math.min(day, lastDay), local - startOfDay(local)), zone);
}

const startOfDay = (localMs: number): number => Math.floor(localMs / DAY_MS) * DAY_MS;

interface Calendar {
  readonly zone: Zone;
  /** 0 is Sunday. */
  readonly weekStart: number;
}

/** How many beginnings of the unit lie between two dates. */
export function unitsBetween(fromMs: number, toMs: number, unit: string, calendar: Calendar): number {
  return unitNumber(toMs, unit, calendar) - unitNumber(fromMs, unit, calendar);
}

/** Consecutive numbers for consecutive units; unit 0 of days and more is the one the year 2000 began in. */
function unitNumber(utcMs: number, unit: string, { zone, weekStart }: Calendar): number {
  const local = utcMs + zone(utcMs);
  const fixed = FIXED.get(unit);
  if (fixed !== undefined) return Math.floor((local - utc(2000, 0, 1)) / fixed);
  if (unit === 'day') return Math.floor((local - utc(2000, 0, 1)) / DAY_MS);
  if (unit === 'week') return Math.floor((local - firstWeek(weekStart)) / (7 * DAY_MS));
  const { year, month } = partsOf(local);
  return Math.floor(((year - 2000) * 12 + month - 1) / (MONTHS.get(unit) ?? 1));
}

/** The first beginning of a week in the year 2000, which began on a Saturday. */
function firstWeek(weekStart: number): number {
  return utc(2000, 0, 1 + ((weekStart + 7 - 6) % 7));
}

/** The beginning of the group of `binSize` units a date is in; groups are counted from the year 2000. */
export function truncate(utcMs: number, unit: string, binSize: number, calendar: Calendar): number {
  const { zone, weekStart } = calendar;
  const bin = Math.floor(unitNumber(utcMs, unit, calendar) / binSize) * binSize;
  const fixed = FIXED.get(unit);
  if (fixed !== undefined) return fromLocal(utc(2000, 0, 1) + bin * fixed, zone);
  if (unit === 'day') return fromLocal(utc(2000, 0, 1) + bin * DAY_MS, zone);
  if (unit === 'week') return fromLocal(firstWeek(weekStart) + bin * 7 * DAY_MS, zone);
  return fromLocal(utc(2000, bin * (MONTHS.get(unit) ?? 1), 1), zone);
}
