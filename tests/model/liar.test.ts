// Seeded random lives with a liar among the honest: whatever it sends, nothing of the others' changes, none of them is refused,
// and in the end everybody agrees. PARLEY_MODEL_RUNS: how many lives; PARLEY_MODEL_SEED: begin with this one.
import { type DocumentMessage, readMessages, readWindow } from '@parley/shared';
import { expect } from 'chai';
import type * as Y from 'yjs';
import { MALLORY } from '../harness/guard-attempts.js';
import { LIES } from './lies.js';
import { expectAgreement, Life, reactionsOf } from './life.js';

const RUNS = Number(process.env.PARLEY_MODEL_RUNS ?? 100);
const FIRST_SEED = BigInt(process.env.PARLEY_MODEL_SEED ?? '1');
const STEPS = 120;

type Shown = ReadonlyMap<string, DocumentMessage>;
const shownIn = (doc: Y.Doc): Shown => new Map(readMessages(doc).map((message) => [message.id, message]));
const byOthers = (message: DocumentMessage): string[] =>
  reactionsOf(message).filter((key) => !key.includes(`:${MALLORY}:`));

/** What others said and how they reacted is as it was, but for what has left the window. */
const expectUntouched = (life: Life, before: Shown, lie: string): void => {
  const said = `${lie}\n${life.log.join('\n')}`;
  const after = shownIn(life.bench.doc);
  const startSeq = readWindow(life.bench.doc)?.startSeq ?? 1;
  for (const [id, message] of before) {
    if (message.author === MALLORY) continue;
    const now = after.get(id);
    if (now === undefined) {
      expect(life.history.rows.get(id)?.seq, `${id} is gone\n${said}`).to.be.below(startSeq);
      continue;
    }
    expect(now, said).to.include({ text: message.text, author: message.author });
    expect(byOthers(now).toSorted(), said).to.deep.equal(byOthers(message).toSorted());
  }
  for (const [id, { author }] of after) if (!before.has(id)) expect(author, said).to.equal(MALLORY);
};

const tellLie = (life: Life): void => {
  const { bench, random, history } = life;
  const lie = random.pick(Object.keys(LIES));
  const copy = bench.copy();
  const messages = readMessages(copy);
  const message = messages.length === 0 ? undefined : random.pick(messages);
  const people = ['ada', 'bob', 'eve', MALLORY];
  const scene = {
    random,
    me: MALLORY,
    people,
    copy,
    message,
    copyAs: (client: number) => bench.copy(client),
  };
  const bytes = LIES[lie]?.(scene) ?? new Uint8Array();
  const before = shownIn(bench.doc);
  bench.mark();
  const outcome = bench.send(MALLORY, bytes);
  if (outcome.rule !== null && outcome.bytes === null) expect(bench.isAsMarked(), lie).to.equal(true);
  life.log.push(`lie: ${lie}, ${outcome.rule ?? 'taken'}`);
  history.project(bench, outcome.changes);
  expectUntouched(life, before, lie);
};

describe('a liar among honest clients', () => {
  it(`changes nothing of theirs, ${RUNS} lives`, function () {
    this.timeout(RUNS * 4_000);
    const outcomes = new Map<string, number>();
    for (let run = 0; run < RUNS; run += 1) {
      const seed = FIRST_SEED + BigInt(run);
      const life = new Life(seed);
      life.log.push(`seed ${seed}`);
      for (let step = 0; step < STEPS; step += 1) {
        if (life.random.chance(35)) tellLie(life);
        else life.step();
      }
      life.settle();
      expectAgreement(life);
      for (const line of life.log)
        if (line.startsWith('lie')) outcomes.set(line, (outcomes.get(line) ?? 0) + 1);
    }
    const refused = [...outcomes].filter(([line]) => !line.endsWith('taken'));
    expect(refused.length, 'lies must meet many rules').to.be.above(15);
  });
});
