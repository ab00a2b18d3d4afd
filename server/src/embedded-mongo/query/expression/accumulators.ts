import { Decimal128, Double, Int32, Long } from 'bson';
import { compareValues } from '../../bson/compare.js';
import { type BsonObject, isObject, numberOf, setField } from '../../bson/values.js';
import { LocationError } from '../../errors.js';
import { isNullish } from './arguments.js';
import { decimalArithmetic, decimalFrom } from './decimals.js';
import { fitsInt64, integerOf, intOrLong, isNumber, numberKind } from './number-kinds.js';
import { typeName } from './type-names.js';

/** Takes values one at a time and says in the end what they come to. */
export interface Accumulator {
  add(value: unknown): void;
  result(): unknown;
}

/**
 * Adds numbers the way MongoDB does: integers exactly, doubles without losing what rounding cuts off (two doubles hold the
 * sum), decimals as decimals. The widest type seen is the type of the result, an integer that fits no long becomes a double.
 */
class Total {
  count = 0;
  private integers = 0n;
  private wide = false;
  private doubles: { sum: number; rest: number } | undefined;
  private decimals: Decimal128 | undefined;

  add(value: unknown): void {
    const kind = numberKind(value);
    if (kind === undefined) return;
    this.count++;
    const integer = integerOf(value);
    if (integer !== undefined) {
      this.integers += integer;
      this.wide ||= kind === 'long';
    } else if (value instanceof Decimal128) {
      this.decimals = decimalArithmetic(this.decimals ?? new Int32(0), value, 'add');
    } else {
      this.addDouble(numberOf(value) ?? Number.NaN);
    }
  }

  private addDouble(value: number): void {
    const { sum, rest } = this.doubles ?? { sum: 0, rest: 0 };
    const next = sum + value;
    const lost = Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    this.doubles = { sum: next, rest: rest + (Number.isFinite(lost) ? lost : 0) };
  }

  sum(): unknown {
    if (this.decimals) {
      const exact = decimalArithmetic(
        decimalFrom({ digits: this.integers, exponent: 0 }),
        this.decimals,
        'add',
      );
      if (!this.doubles) return exact;
      return decimalArithmetic(exact, new Double(this.doubles.sum + this.doubles.rest), 'add');
    }
    if (this.doubles || !fitsInt64(this.integers)) return new Double(this.asDouble());
    return this.wide ? Long.fromBigInt(this.integers) : intOrLong(this.integers);
  }

  average(): unknown {
    if (this.count === 0) return null;
    if (this.decimals) return decimalArithmetic(this.sum(), new Int32(this.count), 'divide');
    return new Double(this.asDouble() / this.count);
  }

  private asDouble(): number {
    if (!this.doubles) return Number(this.integers);
    const { sum, rest } = this.doubles;
    return sum + (rest + Number(this.integers));
  }
}

function sum(): Accumulator {
  const total = new Total();
  return { add: (value) => total.add(value), result: () => total.sum() };
}

function average(): Accumulator {
  const total = new Total();
  return { add: (value) => total.add(value), result: () => total.average() };
}

function extreme(direction: 1 | -1): Accumulator {
  let best: unknown = null;
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (best === null || direction * compareValues(value, best) < 0) best = value;
    },
    result: () => best,
  };
}

/** Welford's method: mean and squared distances, updated with each value. */
function deviation(ofSample: boolean): Accumulator {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add: (value) => {
      if (!isNumber(value)) return;
      const number = numberOf(value) ?? Number.NaN;
      count++;
      const distance = number - mean;
      mean += distance / count;
      squares += distance * (number - mean);
    },
    result: () => {
      const divisor = ofSample ? count - 1 : count;
      return divisor <= 0 ? null : new Double(Math.sqrt(squares / divisor));
    },
  };
}

function mergeObjects(): Accumulator {
  const merged: BsonObject = {};
  return {
    add: (value) => {
      if (isNullish(value)) return;
      if (!isObject(value)) {
        throw new LocationError(
          40400,
          `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`,
        );
      }
      for (const field of Object.keys(value)) setField(merged, field, value[field]);
    },
    result: () => merged,
  };
}

const FACTORIES = {
  $sum: sum,
  $avg: average,
  $min: () => extreme(1),
  $max: () => extreme(-1),
  $stdDevPop: () => deviation(false),
  $stdDevSamp: () => deviation(true),
  $mergeObjects: mergeObjects,
} as const;

/** The accumulators that are expressions too. */
export type AccumulatorName = keyof typeof FACTORIES;
export const ACCUMULATOR_NAMES = [
  '$sum',
  '$avg',
  '$min',
  '$max',
  '$stdDevPop',
  '$stdDevSamp',
  '$mergeObjects',
] as const;

export function createAccumulator(name: AccumulatorName): Accumulator {
  return FACTORIES[name]();
}
