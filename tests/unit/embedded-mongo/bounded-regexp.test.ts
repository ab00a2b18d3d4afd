import { toRegExp } from '@parley/server/internal/embedded-mongo/bson/regex';
import { BSONRegExp } from 'bson';
import { expect } from 'chai';

const GIVES_UP = /match limit exceeded/;

function matches(pattern: string, text: string, options = ''): boolean {
  return toRegExp(new BSONRegExp(pattern, options)).test(text);
}

describe('store: regular expressions that could run for ever', () => {
  const many = 'a'.repeat(60);

  for (const pattern of ['^(a+)+$', '(a|aa)+$', '^(?:a|a){1,}$', '(a*)*b', '(a?){60}b']) {
    it(`gives up on ${pattern.slice(0, 20)}`, () => {
      expect(() => matches(pattern, `${many}!`)).to.throw(GIVES_UP);
    });
  }

  it('gives up on a long text that a harmless pattern takes too many steps for', () => {
    expect(() => matches('\\s+$', `${' '.repeat(200_000)}x`)).to.throw(GIVES_UP);
  });

  it('finishes what can be finished, watched or not', () => {
    expect(matches('^(a+)+!$', `${many}!`)).to.equal(true);
    expect(matches('^(A|B)+$', many, 'i')).to.equal(true);
    expect(matches('^(a|b)+$', 'abc')).to.equal(false);
    expect(matches('b$', `${'a'.repeat(2_000_000)}b`)).to.equal(true);
    expect(matches('[)]+x*\\)*', ')')).to.equal(true);
  });

  it('works again after giving up', () => {
    const pattern = toRegExp(new BSONRegExp('^(a+)+$'));
    expect(() => pattern.test(`${many}!`)).to.throw(GIVES_UP);
    expect(pattern.test(many)).to.equal(true);
    expect(pattern.test('b')).to.equal(false);
  });
});
