const MASK = (1n << 64n) - 1n;

/** A small seeded generator with 64 bits of state, so that a failing run can be repeated from its seed. */
export class Random {
  constructor(private state: bigint) {}

  private next(): bigint {
    this.state = (this.state + 0x9e3779b97f4a7c15n) & MASK;
    let mixed = this.state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return mixed ^ (mixed >> 31n);
  }

  /** 0 to limit - 1. */
  below(limit: number): number {
    return Number(this.next() % BigInt(Math.max(limit, 1)));
  }

  bits(): bigint {
    return this.next();
  }

  uint32(): number {
    return Number(this.next() >> 32n);
  }

  /** True in so many cases of a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of them; throws where there is none. */
  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError('nothing to pick from');
    return values[this.below(values.length)] as T;
  }
}
