import { Collation, parseCollation } from '@parley/server/internal/embedded-mongo/bson/collation';
import { compareValues, equalValues } from '@parley/server/internal/embedded-mongo/bson/compare';
import { type FoldStrength, foldText } from '@parley/server/internal/embedded-mongo/bson/fold';
import { encodeValue } from '@parley/server/internal/embedded-mongo/bson/key-encoding';
import { BSONSymbol, Double } from 'bson';
import { expect } from 'chai';
import { Random } from '../../harness/random.js';

const SEEDS: bigint[] = [1n, 2n, BigInt(process.env.PARLEY_SEED ?? Date.now())];
const TEXTS = 5000;

/** First and last character of the writing that texts are made of. */
const WRITING: readonly [[number, number], ...[number, number][]] = [
  [0x20, 0x7e],
  [0x41, 0x7a],
  [0xa1, 0x17f],
  [0x1a0, 0x1dc],
  [0x1e00, 0x1ef9],
  [0x386, 0x3ce],
  [0x1f00, 0x1fbc],
  [0x400, 0x481],
  [0x48a, 0x4ff],
  [0x531, 0x556],
  [0x5d0, 0x5ea],
  [0x621, 0x64a],
  [0x660, 0x669],
  [0x10d0, 0x10f0],
  [0x915, 0x939],
  [0xe01, 0xe2e],
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
  [0x4e00, 0x4eff],
  [0xac00, 0xad00],
  [0xff21, 0xff5a],
  [0xff66, 0xff9d],
];

/** What single letters may stand for. */
const PAIRS = ['ae', 'oe', 'ss', 'st', 'fi', 'ij', 'dz', 'lj', "'n", '...', '1⁄2', '„', '”', '’'];

function letter(random: Random): string {
  const [first, last] = random.pick(WRITING);
  const character = String.fromCodePoint(first + random.below(last - first + 1));
  // The dot of the Catalan double l counts only right behind an l, which the changes below would tear apart.
  return /[\p{Cn}·Ŀŀ\u0387]/u.test(character) ? letter(random) : character;
}

function changed(text: string, random: Random): string {
  const letters = text.normalize('NFC').match(/\P{M}\p{M}*/gu) ?? [];
  const at = random.below(letters.length);
  const one = letters[at] ?? '';
  const put = (changed: string): string =>
    [...letters.slice(0, at), changed, ...letters.slice(at + 1)].join('');
  switch (random.below(9)) {
    case 0:
      return put(one.toUpperCase());
    case 1:
      return put(one.toLowerCase());
    case 2:
      return text.normalize('NFD');
    case 3:
      return text.normalize('NFKC');
    case 4:
      return put(`\u200b${one}`);
    case 5:
      return put(`\u00ad${one}`);
    case 6:
      return put(one.normalize('NFD').replace(/\p{M}/gu, ''));
    case 7:
      return /^\p{Script=Latin}/u.test(one)
        ? put(`${one}${String.fromCodePoint(0x300 + random.below(12))}`)
        : text;
    default:
      return text.toUpperCase();
  }
}

/** The same rules as Unicode's collation algorithm has them, from another hand. */
function collatorOf(strength: FoldStrength): Intl.Collator {
  return new Intl.Collator('en', {
    sensitivity: strength === 1 ? 'base' : 'accent',
    ignorePunctuation: false,
  });
}

function refuse(reason: string): never {
  throw new Error(reason);
}

describe('store folding', () => {
  for (const strength of [1, 2] as const) {
    for (const seed of SEEDS) {
      it(`takes for equal what Unicode's collation does (strength ${strength}, seed ${seed})`, () => {
        const random = new Random(seed);
        const collator = collatorOf(strength);
        for (let i = 0; i < TEXTS; i++) {
          const text = Array.from({ length: 1 + random.below(5) }, () => letter(random)).join('');
          const other = changed(random.below(3) === 0 ? changed(text, random) : text, random);
          const label = `${i}: ${JSON.stringify([text, other])}`;
          const [a, b] = [foldText(text, strength), foldText(other, strength)];
          expect(a === b, label).to.equal(collator.compare(text, other) === 0);
          expect(foldText(a, strength), label).to.equal(a);
        }
      });
    }
  }

  for (const strength of [1, 2] as const) {
    it(`takes two letters for equal exactly when Unicode's collation does (strength ${strength})`, () => {
      const collator = collatorOf(strength);
      const letters = new Set(PAIRS);
      for (const [first, last] of WRITING) {
        for (let code = first; code <= last; code++) letters.add(String.fromCodePoint(code));
      }
      const sorted = [...letters].filter((text) => !/\p{Cn}/u.test(text)).sort(collator.compare);
      const seen = new Map<string, string>();
      let before: string | undefined;
      for (const text of sorted) {
        const folded = foldText(text, strength);
        if (before === undefined || collator.compare(before, text) !== 0)
          expect(seen.get(folded), `${text} is another letter`).to.equal(undefined);
        else expect(folded, `${before} and ${text}`).to.equal(foldText(before, strength));
        seen.set(folded, text);
        before = text;
      }
    });
  }

  it('leaves what Unicode 14 did not know as it is, so that stored keys stay findable', () => {
    // A capital of Unicode 16 for a letter of Unicode 1, and a letter pair of Unicode 16.
    for (const text of ['\ua7dc', '\u{10d50}', '\u{1e5d0}', '\u{16ea0}']) {
      expect(foldText(text, 2)).to.equal(text);
      expect(foldText(`A${text}`, 1)).to.equal(`a${text}`);
    }
  });

  it('orders by the collation and is zero only for equal folds', () => {
    const collation = parseCollation({ locale: 'en', strength: 2 }, refuse) ?? refuse('none');
    expect(collation).to.be.instanceOf(Collation);
    const words = ['', '_', 'a', 'Á', 'b', 'e', 'É', 'f', 'ﬆ', 'ſt', 'st', 'z'];
    for (const a of words) {
      for (const b of words) {
        const order = compareValues(a, b, collation);
        expect(Math.sign(order) + Math.sign(compareValues(b, a, collation)), `${a} ${b}`).to.equal(0);
        expect(order === 0, `${a} ${b}`).to.equal(foldText(a, 2) === foldText(b, 2));
      }
    }
    expect([...words].reverse().sort((a, b) => collation.compare(a, b))).to.deep.equal([
      '',
      '_',
      'a',
      'Á',
      'b',
      'e',
      'É',
      'f',
      'st',
      'ﬆ',
      'ſt',
      'z',
    ]);
  });

  it('agrees with the keys of an index, for values of every shape', () => {
    const collation = parseCollation({ locale: 'en', strength: 1 }, refuse) ?? refuse('none');
    const values: unknown[] = [
      'a',
      'Á',
      new BSONSymbol('A'),
      'b',
      null,
      undefined,
      1,
      new Double(1),
      ['a', 1],
      ['Á', new Double(1)],
      ['a'],
      ['a', undefined],
      [],
      [['A']],
      [['a']],
      { x: 'a' },
      { x: 'Á' },
      { X: 'a' },
      { x: 'a', y: 1 },
      { x: 1 },
      {},
      true,
    ];
    for (const a of values) {
      for (const b of values) {
        const keys = encodeValue(a, false, collation).equals(encodeValue(b, false, collation));
        expect(equalValues(a, b, collation), `${JSON.stringify(a)} ${JSON.stringify(b)}`).to.equal(keys);
      }
    }
    expect(compareValues(['a', 'b'], ['A', 'C'], collation)).to.be.lessThan(0);
    expect(compareValues({ x: 'É' }, { x: 'f' }, collation)).to.be.lessThan(0);
    expect(compareValues({ x: 'É' }, { x: 'f' })).to.be.greaterThan(0);
  });
});
