const DAY_MS = 86_400_000;

/** The parts of a local time given as milliseconds since 1970, weeks as MongoDB counts them. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 1 is January 1st. */
  readonly dayOfYear: number;
  /** 1 is Sunday. */
  readonly dayOfWeek: number;
  /** Weeks begin on Sundays; the days before the first one are week 0. */
  readonly week: number;
  readonly isoYear: number;
  readonly isoWeek: number;
  /** 1 is Monday. */
  readonly isoDay: number;
}

export function partsOf(localMs: number): DateParts {
  const date = new Date(localMs);
  const year = date.getUTCFullYear();
  const dayOfYear = daysBetween(utc(year, 0, 1), localMs) + 1;
  const weekday = date.getUTCDay();
  const isoDay = weekday === 0 ? 7 : weekday;
  // The ISO week belongs to the year its Thursday is in.
  const thursday = localMs + (4 - isoDay) * DAY_MS;
  const isoYear = new Date(thursday).getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
    dayOfYear,
    dayOfWeek: weekday + 1,
    week: Math.floor((dayOfYear - 1 + 7 - weekday) / 7),
    isoYear,
    isoWeek: Math.floor(daysBetween(utc(isoYear, 0, 1), thursday) / 7) + 1,
    isoDay,
  };
}

function daysBetween(fromMs: number, toMs: number): number {
  return Math.floor((toMs - fromMs) / DAY_MS);
}

/** `Date.UTC` without its special meaning of the years 0 to 99; parts out of range carry over. */
export function utc(year: number, month: number, day: number, msOfDay = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime() + msOfDay;
}

/** The start of an ISO week's day; parts out of range carry over. */
export function isoDate(isoYear: number, isoWeek: number, isoDay: number): number {
  const fourth = utc(isoYear, 0, 4);
  const monday = fourth - (partsOf(fourth).isoDay - 1) * DAY_MS;
  return monday + ((isoWeek - 1) * 7 + isoDay - 1) * DAY_MS;
}
