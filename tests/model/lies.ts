// What somebody who means no good sends. Each lie is made on a fresh copy of the document; some are legal after all.
import { appendMessage, type DocumentMessage, messageValue, reactionKey } from '@parley/shared';
import * as Y from 'yjs';
import { mutated } from '../fuzz/random-updates.js';
import { edit, reaction } from '../harness/guard-attempts.js';
import { segmentOf, updateOf } from '../harness/guard-bench.js';
import type { Random } from '../harness/random.js';

export interface Scene {
  readonly random: Random;
  /** Who lies. */
  readonly me: string;
  /** Whom there is to speak for, the liar among them. */
  readonly people: readonly string[];
  /** The liar's copy, fresh for every lie. */
  readonly copy: Y.Doc;
  /** A message of somebody, where there is one. */
  readonly message: DocumentMessage | undefined;
  /** Another copy, which writes under this client id. */
  readonly copyAs: (client: number) => Y.Doc;
}

export type Lie = (scene: Scene) => Uint8Array;

/** A lie that is a change of the copy. */
const change =
  (body: (scene: Scene) => void): Lie =>
  (scene) =>
    updateOf(scene.copy, () => body(scene));

const own = ({ random, me }: Scene) => messageValue({ author: me, text: `lie ${random.below(1_000)}` });
const segmentIn = ({ copy, random }: Scene) =>
  segmentOf(copy, random.below(copy.getArray('segments').length));
const somebody = ({ random, people }: Scene): string => random.pick(people);

export const LIES: Readonly<Record<string, Lie>> = {
  'says something': change((scene) => appendMessage(scene.copy, own(scene))),
  'speaks as another': change((scene) =>
    appendMessage(scene.copy, { author: somebody(scene), text: 'forged' }),
  ),
  'takes a message id': change((scene) =>
    appendMessage(scene.copy, { ...own(scene), ...(scene.message && { id: scene.message.id }) }),
  ),
  'edits what another said': change((scene) => {
    const { message } = scene;
    if (message) segmentIn(scene).edits.set(message.id, edit(message.id, somebody(scene), 'forged'));
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
    const value = reaction(message.id, somebody(scene));
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
  'puts itself in front': change((scene) => segmentIn(scene).messages.insert(0, [own(scene)])),
  'leaves shared types about': change((scene) =>
    segmentIn(scene).messages.push([scene.random.pick([new Y.Map(), new Y.Text('x'), new Y.Array()])]),
  ),
  'writes into another root': change(({ copy }) => copy.getMap('more').set('k', 1)),
  'borrows a client id': (scene) => {
    const { random, copy, copyAs } = scene;
    const clients = [...Y.decodeStateVector(Y.encodeStateVector(copy)).keys()];
    const borrowed = copyAs(random.pick(clients));
    return updateOf(borrowed, () => appendMessage(borrowed, own(scene)));
  },
  'leaves a gap': (scene) => {
    updateOf(scene.copy, () => appendMessage(scene.copy, own(scene)));
    return updateOf(scene.copy, () => appendMessage(scene.copy, own(scene)));
  },
  'repeats everything': ({ copy }) => Y.encodeStateAsUpdate(copy),
  'damages an update': (scene) => {
    const { copy, random } = scene;
    const all = Y.encodeStateAsUpdate(copy);
    const fresh = updateOf(copy, () => appendMessage(copy, own(scene)));
    return mutated(random, random.pick([all, fresh]), random.pick([all, fresh]));
  },
};
