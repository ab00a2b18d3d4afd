// What the tests of the guard have in common: people, what they try, and what "refused" means.
import { encodeAwarenessEntries } from '@parley/shared';
import { expect } from 'chai';
import type * as Y from 'yjs';
import { type GuardBench, type Outcome, updateOf } from './guard-bench.js';

export const ADA = 'ada';
export const BOB = 'bob';
/** Means no good. */
export const MALLORY = 'mallory';

/** Sends what the change does to a fresh copy, as this user. */
export const attempt = (
  bench: GuardBench,
  userId: string,
  change: (copy: Y.Doc) => void,
  access?: 'read' | 'admin',
): Outcome => {
  const copy = bench.copy();
  const bytes = updateOf(copy, () => change(copy));
  return bench.send(userId, bytes, access);
};

/** The presence of a client that says nothing but that it is there. */
export const hereAs = (client: number): Uint8Array =>
  encodeAwarenessEntries([{ client, clock: 1, state: '{}' }]);

/** Refused by that rule, and without a trace since the bench was marked. */
export const expectRefused = (bench: GuardBench, outcome: Outcome, rule: string): void => {
  expect(outcome.rule).to.equal(rule);
  expect(outcome.bytes, 'nothing may be relayed').to.equal(null);
  expect(outcome.changes).to.deep.equal([]);
  expect(bench.isAsMarked(), 'the document may not change').to.equal(true);
};

export const edit = (message: string, author: string, text: string) => ({
  v: 1,
  type: 'edit',
  message,
  author,
  text,
  editedAt: 1,
});

export const reaction = (message: string, user: string, emoji = '👍') => ({
  v: 1 as const,
  type: 'reaction' as const,
  message,
  user,
  emoji,
});
