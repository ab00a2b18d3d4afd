// What may stand in a name that people read.
import { registerInputSchema } from '@parley/shared';
import { expect } from 'chai';

const isTaken = (firstName: string): boolean =>
  registerInputSchema.safeParse({ username: 'someone', password: 'quite-a-long-secret-7', firstName })
    .success;

describe('a name', () => {
  it('takes what people are called, joiners of their scripts and emoji included', () => {
    for (const name of [
      '',
      'Ada',
      "O'Neil-Smith 3rd",
      'Zoë',
      'می\u200cخواهم',
      'क्\u200dष',
      '👨‍👩‍👧',
      '👩🏽‍🚀',
      '❤️‍🔥',
    ])
      expect(isTaken(name), JSON.stringify(name)).to.equal(true);
  });

  it('takes nothing that is unseen, or turns the direction of what follows', () => {
    for (const name of [
      'a\u200bb',
      'a\u202eb',
      'a\u2066b',
      'a\u00adb',
      'a\u{e0041}b',
      '\u200da',
      'a\u200d',
      'a\u200d\u200db',
      'a \u200d b',
    ])
      expect(isTaken(name), JSON.stringify(name)).to.equal(false);
  });

  it('is read once, however long and wrong it is', () => {
    // A pattern that tried every way to read it would not come back.
    expect(isTaken(`${'a'.repeat(140)}\u0000`)).to.equal(false);
    expect(isTaken(`${'a\u200d'.repeat(70)}\u0000`)).to.equal(false);
  });
});
