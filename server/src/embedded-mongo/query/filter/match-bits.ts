import { Binary, Long } from 'bson';
import { MAX_DOCUMENT_BYTES } from '../../bson/raw.js';
import { numberOf, wholeNumber } from '../../bson/values.js';
import { StoreError } from '../../errors.js';
import { badValue } from './filter-syntax.js';

type ValueTest = (value: unknown) => boolean;

/** No value has more. */
const MAX_BITS = MAX_DOCUMENT_BYTES * 8;

/** `$bitsAllSet` and its like, on integers and binary values. */
export function bitsTest(operator: string, operand: unknown): ValueTest {
  const mask = bitMask(operand);
  return (value) => {
    const bits = bitsOf(value);
    if (bits === undefined) return false;
    const common = bits & mask;
    if (operator === '$bitsAllSet') return common === mask;
    if (operator === '$bitsAnySet') return common !== 0n;
    if (operator === '$bitsAllClear') return common === 0n;
    return common !== mask;
  };
}

function bitMask(operand: unknown): bigint {
  if (Array.isArray(operand)) {
    return operand.reduce((mask: bigint, position: unknown) => {
      const bit = numberOf(position);
      if (bit === undefined || !Number.isInteger(bit) || bit < 0 || bit >= MAX_BITS)
        throw badValue('bit positions must be >= 0, and within what a document can hold');
      return mask | (1n << BigInt(bit));
    }, 0n);
  }
  if (numberOf(operand) === undefined && !(operand instanceof Binary))
    throw badValue('a bit mask must be a number, BinData or an array of positions');
  const bits = bitsOf(operand);
  if (bits === undefined || bits < 0n)
    throw new StoreError('FailedToParse', 'Expected a non-negative whole number as a bit mask');
  return bits;
}

function bitsOf(value: unknown): bigint | undefined {
  if (value instanceof Binary) {
    const hex = Buffer.from(value.buffer.subarray(0, value.position)).reverse().toString('hex');
    return BigInt(`0x${hex || '0'}`);
  }
  const whole = wholeNumber(value);
  return whole !== undefined && (value instanceof Long || Number(whole) === numberOf(value))
    ? whole
    : undefined;
}
