import { type Collation, holdsText, sameCollation } from '../../bson/collation.js';
import { encodeValue } from '../../bson/key-encoding.js';

/**
 * How the values of a query are found in one index. Under the query's own collation the index has every value at its key; under
 * another one it only has those without texts where the query means them.
 */
export class KeyForm {
  constructor(
    private readonly query: Collation | undefined,
    private readonly index: Collation | undefined,
  ) {}

  /** True when query and index compare texts in the same way. */
  get agrees(): boolean {
    return sameCollation(this.query, this.index);
  }

  /** The key of a value; undefined when its equals are scattered over the index. */
  keyOf(value: unknown): Buffer | undefined {
    return this.agrees || !holdsText(value) ? encodeValue(value, false, this.index) : undefined;
  }

  /** True when the keys around that of a value are in the order the query means. */
  ordersAround(value: unknown): boolean {
    return (this.agrees && this.index === undefined) || !holdsText(value);
  }

  /** True when the index has its texts letter by letter, in order. */
  get isLiteral(): boolean {
    return this.index === undefined;
  }
}
