import { passwordFaults } from '@parley/server/internal/features/auth/password.policy';
import { expect } from 'chai';

describe('passwordFaults', () => {
  const refused: readonly [string, string, string][] = [
    ['too short', 'k7!xq2b', 'at least 8'],
    ['too many bytes in few characters', '🌳'.repeat(19), 'at most 72 bytes'],
    ['digits only', '8301749265', 'digits only'],
    ['digits of another script only', '٨٣٠١٧٤٩٢٦٥', 'digits only'],
    ['what everybody tries', 'QwertyUiop', 'everybody tries'],
    ['the username in another case', 'Ada-Lovelace', 'your name'],
    ['the e-mail address', 'ADA.L@example.org', 'your name'],
    ['what stands before the @', 'countess.ada', 'your name'],
    ['both names together', 'augustaking', 'your name'],
  ];
  const owner = {
    username: 'ada-lovelace',
    email: 'ada.l@example.org',
    firstName: 'Augusta',
    lastName: 'King',
  };
  for (const [what, password, message] of refused) {
    it(`refuses ${what}`, () => {
      const of = what === 'what stands before the @' ? { email: 'countess.ada@example.org' } : owner;
      expect(passwordFaults(password, of).join()).to.include(message);
    });
  }

  it('takes an ordinary long one, and one of exactly 72 bytes', () => {
    expect(passwordFaults('a good long one', owner)).to.deep.equal([]);
    expect(passwordFaults('x'.repeat(72), owner)).to.deep.equal([]);
  });
});
