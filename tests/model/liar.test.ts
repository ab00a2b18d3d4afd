// Seeded random lives with a liar among the honest: whatever it sends, nothing of the others' changes, none of them is refused,
// and in the end everybody agrees. PARLEY_MODEL_RUNS: how many lives; PARLEY_MODEL_SEED: begin with this one.
import {
  appendMessage,
  type DocumentMessage,
  messageValue,
  reactionKey,
  readMessages,
  readWindow,
} from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { mutated } from '../fuzz/random-updates.js';
import { edit, MALLORY, reaction } from '../harness/guard-attempts.js';
import { type GuardBench, segmentOf, updateOf } from '../harness/guard-bench.js';
import type { Random } from '../harness/random.js';
import { expectAgreement, Life, reactionsOf } from './life.js';

const RUNS = Number(process.env.PARLEY_MODEL_RUNS ?? 100);
const FIRST_SEED = BigInt(process.env.PARLEY_MODEL_SEED ?? '1');
const STEPS = 120;

interface Scene {
  readonly bench: GuardBench;
  readonly random: Random;
  /** The liar's copy, fresh for every lie. */
  readonly copy: Y.Doc;
  /** A message of somebody, where there is one. */
  readonly message: DocumentMessage | undefined;
}

type Lie = (scene: Scene) => Uint8Array;

/** A lie that is a change of the copy. */
const change =
  (body: (scene: Scene) => void): Lie =>
  (scene) =>
    updateOf(scene.copy, () => body(scene));

const own = (random: Random) => messageValue({ author: MALLORY, text: `lie ${random.below(1_000)}` });
const segmentIn = ({ copy, random }: Scene) =>
  segmentOf(copy, random.below(copy.getArray('segments').length));
const somebody = (random: Random): string => random.pick(['ada', 'bob', 'eve', MALLORY]);

const LIES: Readonly<Record<string, Lie>> = {
  'says something': change(({ copy, random }) =>
    appendMessage(copy, { author: MALLORY, text: own(random).text }),
  ),
  'speaks as another': change(({ copy, random }) =>
    appendMessage(copy, { author: somebody(random), text: 'forged' }),
  ),
  'takes a message id': change(({ copy, message, random }) =>
    appendMessage(copy, { author: MALLORY, text: own(random).text, ...(message && { id: message.id }) }),
  ),
  'edits what another said': change((scene) => {
    const { message, random } = scene;
    if (message) segmentIn(scene).edits.set(message.id, edit(message.id, somebody(random), 'forged'));
  }),
  'takes an edit back': change((scene) => {
    const { edits } = segmentIn(scene);
    for (const key of edits.keys()) edits.delete(key);
  }),
  'deletes messages': change((scene) => {
    const { messages } = segmentIn(scene);
    if (messages.length > 0) messages.delete(scene.random.below(messages.length), 1);
  }),
  'reacts for another': change((scene) => {
    const { message, random } = scene;
    if (!message) return;
    const value = reaction(message.id, somebody(random));
    segmentIn(scene).reactions.set(random.pick([reactionKey(value), 'elsewhere']), value);
  }),
  'takes reactions back': change((scene) => {
    const { reactions } = segmentIn(scene);
    for (const key of reactions.keys()) reactions.delete(key);
  }),
  'moves the window': change(({ copy, random }) =>
    copy.getMap('meta').set('window', { v: 1, conversation: 'conversation-1', startSeq: random.below(50) }),
  ),
  'adds segments': change(({ copy }) => copy.getArray('segments').push([new Y.Map()])),
  'drops segments': change(({ copy }) => copy.getArray('segments').delete(0, 1)),
  'puts itself in front': change((scene) => segmentIn(scene).messages.insert(0, [own(scene.random)])),
  'leaves shared types about': change((scene) =>
    segmentIn(scene).messages.push([scene.random.pick([new Y.Map(), new Y.Text('x'), new Y.Array()])]),
  ),
  'writes into another root': change(({ copy }) => copy.getMap('more').set('k', 1)),
  'borrows a client id': ({ bench, random, copy }) => {
    const clients = [...Y.decodeStateVector(Y.encodeStateVector(copy)).keys()];
    const borrowed = bench.copy(random.pick(clients));
    return updateOf(borrowed, () => appendMessage(borrowed, own(random)));
  },
  'leaves a gap': ({ copy, random }) => {
    updateOf(copy, () => appendMessage(copy, own(random)));
    return updateOf(copy, () => appendMessage(copy, own(random)));
  },
  'repeats everything': ({ copy }) => Y.encodeStateAsUpdate(copy),
  'damages an update': ({ copy, random }) => {
    const all = Y.encodeStateAsUpdate(copy);
    const fresh = updateOf(copy, () => appendMessage(copy, own(random)));
    return mutated(random, random.pick([all, fresh]), random.pick([all, fresh]));
  },
};

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
  const bytes = LIES[lie]?.({ bench, random, copy, message }) ?? new Uint8Array();
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
