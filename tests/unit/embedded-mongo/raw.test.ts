import { decodeTyped, encodeDocument } from '@parley/server/internal/embedded-mongo/bson/raw';
import { serialize } from 'bson';
import { expect } from 'chai';

describe('store: documents written anew', () => {
  it('refuses to turn a date that JavaScript cannot hold into another one', () => {
    for (const ms of [9_000_000_000_000_000n, -(2n ** 63n)]) {
      const bytes = Buffer.from(serialize({ a: { b: [new Date(0)] } }));
      bytes.writeBigInt64LE(ms, bytes.length - 11);
      const document = decodeTyped(bytes);
      expect(() => encodeDocument(document)).to.throw(/date/);
    }
    const dates = { first: new Date(-8.64e15), last: new Date(8.64e15), none: null };
    expect(decodeTyped(encodeDocument(dates))).to.deep.equal(dates);
  });
});
