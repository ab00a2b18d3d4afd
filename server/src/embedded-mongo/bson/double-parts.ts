const EXPONENT_BITS = 0x7ffn;
const FRACTION_BITS = 0xfffffffffffffn;
/** What stands before the fraction of every double that is not too small for it. */
const LEADING_BIT = 0x10000000000000n;

/** A finite double as what it is exactly: `significand × 2^exponent`. */
export function doubleParts(value: number): { significand: bigint; exponent: number } {
  const view = Buffer.alloc(8);
  view.writeDoubleBE(value);
  const bits = view.readBigUInt64BE();
  const biased = Number((bits >> 52n) & EXPONENT_BITS);
  const fraction = bits & FRACTION_BITS;
  const magnitude = biased === 0 ? fraction : fraction | LEADING_BIT;
  return { significand: value < 0 ? -magnitude : magnitude, exponent: (biased === 0 ? 1 : biased) - 1075 };
}
