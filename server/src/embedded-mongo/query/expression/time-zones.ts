import { LocationError } from '../../errors.js';

/** How far local time is ahead of UTC, in milliseconds, at a moment. */
export type Zone = (utcMs: number) => number;

export const UTC: Zone = () => 0;

const MINUTE_MS = 60_000;
const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;
const zones = new Map<string, Zone>();

/** The zone of an offset (`+05:30`) or of a name of the time zone database. Refuses others with MongoDB's code. */
export function zoneNamed(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = offsetZone(name) ?? namedZone(name);
  zones.set(name, zone);
  return zone;
}

function offsetZone(name: string): Zone | undefined {
  if (name === 'UTC' || name === 'GMT' || name === 'Z') return UTC;
  const [, sign, hours, minutes = '0'] = OFFSET.exec(name) ?? [];
  if (hours === undefined) return undefined;
  const ms = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1);
  return () => ms;
}

function namedZone(name: string): Zone {
  const format = formatFor(name);
  return (utcMs) => {
    const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const day = Date.UTC(part('year'), part('month') - 1, part('day'));
    const local = day + ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000;
    return local - Math.floor(utcMs / 1000) * 1000;
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new LocationError(40485, `unrecognized time zone identifier: "${timeZone}"`);
  }
}

/**
 * The moment a local time stands for. A time that a change of clocks skips is read by the offset before it, so it comes out as much
 * later as was skipped.
 */
export function fromLocal(localMs: number, zone: Zone): number {
  const guess = localMs - zone(localMs);
  const offset = zone(guess);
  const moment = localMs - offset;
  return zone(moment) === offset ? moment : Math.max(guess, moment);
}
