// Damaged updates, lies and honest ones at decoder and guard: nothing but a refusal is thrown, what is taken Yjs takes whole, and an
// oracle that knows nothing of the guard finds nothing in it that the sender may not do.
// PARLEY_FUZZ_LIVES: how many conversations; PARLEY_FUZZ_SEED: begin with this one.
import { appendMessage, readMessages } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { updateOf } from '../harness/guard-bench.js';
import { LIES } from '../model/lies.js';
import { EMOJI, Life, touch } from '../model/life.js';
import { damaged } from './damaged-updates.js';
import { offences, viewOf } from './guard-oracle.js';

const LIVES = Number(process.env.PARLEY_FUZZ_LIVES ?? 60);
const FIRST_SEED = BigInt(process.env.PARLEY_FUZZ_SEED ?? '1');
const STEPS = 60;
/** Nobody of the honest. */
const MALLORY = 'mallory';
const PEOPLE = ['ada', 'bob', 'eve', MALLORY];

/** What somebody could have sent: a message, a change, a lie, or all they know. */
const draft = ({ random, bench }: Life, user: string): Uint8Array => {
  const copy = bench.copy();
  const messages = readMessages(copy);
  const message = messages.length === 0 ? undefined : random.pick(messages);
  const kind = random.below(4);
  if (kind === 0) return Y.encodeStateAsUpdate(copy);
  if (kind === 1 || message === undefined)
    return updateOf(copy, () => appendMessage(copy, { author: user, text: `said ${random.below(1_000)}` }));
  if (kind === 2) {
    const lie = LIES[random.pick(Object.keys(LIES))];
    const scene = {
      random,
      me: user,
      people: PEOPLE,
      copy,
      message,
      copyAs: (client: number) => bench.copy(client),
    };
    return lie?.(scene) ?? new Uint8Array([0, 0]);
  }
  const act = random.pick(['edit', 'delete', 'react'] as const);
  return updateOf(copy, () => {
    touch(copy, { user, isAdmin: true }, { act, message, text: 'another', emoji: random.pick(EMOJI) });
  });
};

const readable = (bytes: Uint8Array): boolean => {
  try {
    Y.decodeUpdate(bytes);
    return true;
  } catch {
    return false;
  }
};

/** Sends it and looks at what came of it; whether it was taken. */
const sendAndLook = (life: Life, user: string, bytes: Uint8Array): string => {
  const { bench, history } = life;
  const isAdmin = user === 'eve';
  bench.mark();
  const before = Y.encodeStateAsUpdate(bench.doc);
  const outcome = bench.send(user, bytes, isAdmin ? 'admin' : 'write');
  if (outcome.rule !== null) {
    if (outcome.bytes === null) expect(bench.isAsMarked(), 'what is refused leaves no trace').to.equal(true);
    return outcome.rule;
  }
  const after = Y.encodeStateAsUpdate(bench.doc);
  expect(offences(viewOf(before), viewOf(after), { user, isAdmin })).to.deep.equal([]);
  if (outcome.bytes !== null) {
    const onlooker = new Y.Doc();
    Y.applyUpdate(onlooker, before);
    Y.applyUpdate(onlooker, outcome.bytes);
    expect([onlooker.store.pendingStructs, onlooker.store.pendingDs]).to.deep.equal([null, null]);
    expect(viewOf(Y.encodeStateAsUpdate(onlooker))).to.deep.equal(viewOf(after));
  }
  history.project(bench, outcome.changes);
  return 'taken';
};

const run = (seed: bigint, outcomes: Map<string, number>): void => {
  // No segment leaves: an oracle that looks at what is shown would have to know why.
  const life = new Life(seed, { windowMessages: 100_000, segmentMessages: 4 });
  const { random, bench } = life;
  let bytes = new Uint8Array();
  try {
    for (let step = 0; step < 15; step += 1) life.step();
    for (let step = 0; step < STEPS; step += 1) {
      const user = random.pick([MALLORY, MALLORY, 'bob', 'eve']);
      const [update, other] = [draft(life, user), draft(life, user)];
      const known = [...Y.decodeStateVector(Y.encodeStateVector(bench.doc)).keys()];
      const isWhole = random.chance(40) || !readable(update) || !readable(other);
      bytes = Uint8Array.from(isWhole ? update : damaged(random, update, { known, other }));
      const outcome = sendAndLook(life, user, bytes);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  } catch (error) {
    const hex = Buffer.from(bytes).toString('hex');
    throw new Error(`PARLEY_FUZZ_SEED=${seed}, bytes ${hex}: ${String(error)}`, { cause: error });
  }
};

describe('the guard and what is no honest update', () => {
  it(`takes nothing that its sender may not do, ${LIVES} conversations`, function () {
    this.timeout(LIVES * 4_000);
    const outcomes = new Map<string, number>();
    for (let count = 0; count < LIVES; count += 1) run(FIRST_SEED + BigInt(count), outcomes);
    expect(outcomes.get('taken'), 'some stay legal').to.be.above(LIVES);
    expect(outcomes.size, `rules met: ${[...outcomes.keys()].join()}`).to.be.above(LIVES < 20 ? 5 : 12);
  });
});
