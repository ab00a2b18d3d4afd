import { Decimal128, Double, Long } from 'bson';

/** Numbers of the BSON types that a plain JS number does not stand for: plain whole numbers are sent as int32. */
export const double = (value: number): Double => new Double(value);
export const long = (value: string | number): Long => Long.fromString(String(value));
export const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
