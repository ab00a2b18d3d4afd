import { LocationError, notSupported, StoreError } from '../../errors.js';
import { type DateParts, partsOf, utc } from './date-parts.js';
import { fromLocal, UTC, type Zone, zoneNamed } from './time-zones.js';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const padded = (value: number, length: number): string => String(value).padStart(length, '0');

type Field = (parts: DateParts, offsetMinutes: number) => string;

/** What follows a % in the format of `$dateToString`. */
const FIELDS = new Map<string, Field>([
  ['Y', ({ year }) => padded(year, 4)],
  ['m', ({ month }) => padded(month, 2)],
  ['d', ({ day }) => padded(day, 2)],
  ['H', ({ hour }) => padded(hour, 2)],
  ['M', ({ minute }) => padded(minute, 2)],
  ['S', ({ second }) => padded(second, 2)],
  ['L', ({ millisecond }) => padded(millisecond, 3)],
  ['j', ({ dayOfYear }) => padded(dayOfYear, 3)],
  ['w', ({ dayOfWeek }) => String(dayOfWeek)],
  ['U', ({ week }) => padded(week, 2)],
  ['G', ({ isoYear }) => padded(isoYear, 4)],
  ['V', ({ isoWeek }) => padded(isoWeek, 2)],
  ['u', ({ isoDay }) => String(isoDay)],
  ['b', ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3)],
  ['B', ({ month }) => MONTHS[month - 1] ?? ''],
  ['z', (_parts, offset) => offsetText(offset)],
  ['Z', (_parts, offset) => String(offset)],
  ['%', () => '%'],
]);

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60), 2)}${padded(size % 60, 2)}`;
}

/** Refuse a format with a % that means nothing. */
export function assertDateFormat(format: string): void {
  for (const [, letter = ''] of format.matchAll(/%(.?)/gs)) {
    if (letter === '') throw new LocationError(18535, "Unmatched '%' at end of format string");
    if (!FIELDS.has(letter))
      throw new LocationError(18536, `Invalid format character '%${letter}' in format string`);
  }
}

export function formatDate(utcMs: number, format: string, zone: Zone): string {
  const offsetMs = zone(utcMs);
  const parts = partsOf(utcMs + offsetMs);
  if (parts.year < 0 || parts.year > 9999) {
    throw new LocationError(18537, `Could not convert date to string: year ${parts.year} is out of range`);
  }
  return format.replace(
    /%(.)/gs,
    (_match, letter: string) => FIELDS.get(letter)?.(parts, Math.trunc(offsetMs / 60_000)) ?? '',
  );
}

const ISO =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?|[A-Za-z]+\/[A-Za-z_]+)?$/i;

/** The moment an ISO 8601 text names; undefined when it is none. A zone in the text and one beside it exclude each other. */
export function dateFromText(text: string, zone: Zone | undefined): Date | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zoneName] = match;
  const given = [year, month, day, hour, minute, second].map(Number);
  const ms = Math.trunc(Number(`0.${fraction || '0'}`) * 1000 + 1e-6);
  const local = localTime(given, ms);
  if (local === undefined) return undefined;
  if (zoneName !== undefined && zone) {
    throw new StoreError(
      'ConversionFailure',
      'you cannot pass in a date/time string with time zone information together with a timezone argument',
    );
  }
  const effective =
    zoneName === undefined ? (zone ?? UTC) : zoneNamed(zoneName.toUpperCase() === 'Z' ? 'UTC' : zoneName);
  return new Date(fromLocal(local, effective));
}

/** Milliseconds of local time, or undefined when a part is out of its range. */
function localTime(parts: readonly number[], ms: number): number | undefined {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  return utc(year, month - 1, day, ((hour * 60 + minute) * 60 + second) * 1000 + ms);
}

/** How much text each letter of a format takes when a date is read. */
const READERS = new Map<string, string>([
  ['Y', '(\\d{4})'],
  ['m', '(\\d\\d?)'],
  ['d', '(\\d\\d?)'],
  ['H', '(\\d\\d?)'],
  ['M', '(\\d\\d?)'],
  ['S', '(\\d\\d?)'],
  ['L', '(\\d{1,3})'],
  ['b', '([A-Za-z]{3})'],
  ['B', '([A-Za-z]+)'],
  ['z', '(Z|[+-]\\d\\d:?\\d\\d)'],
  ['%', '(%)'],
]);

/** The moment a text names that is written in a format. */
export function dateInFormat(text: string, format: string, zone: Zone | undefined): Date | undefined {
  const letters: string[] = [];
  const source = format.replace(/%(.)|[\\^$.*+?()[\]{}|/]/gs, (found, letter?: string) => {
    if (letter === undefined) return `\\${found}`;
    const reader = READERS.get(letter);
    if (!reader) throw notSupported(`reading %${letter} of a date`);
    letters.push(letter);
    return reader;
  });
  const match = new RegExp(`^${source}$`, 's').exec(text);
  if (!match) return undefined;
  const found = new Map(letters.map((letter, i) => [letter, match[i + 1] ?? '']));
  const number = (letter: string, otherwise: number): number => Number(found.get(letter) ?? otherwise);
  const name = found.get('b') ?? found.get('B');
  const month = name === undefined ? number('m', 1) : monthNamed(name);
  const given = [number('Y', 1970), month, number('d', 1), number('H', 0), number('M', 0), number('S', 0)];
  const local = localTime(given, number('L', 0));
  const offset = found.get('z');
  const effective = offset === undefined ? (zone ?? UTC) : zoneNamed(offset);
  return local === undefined ? undefined : new Date(fromLocal(local, effective));
}

function monthNamed(name: string): number {
  return MONTHS.findIndex((month) => month.toLowerCase().startsWith(name.toLowerCase())) + 1;
}
