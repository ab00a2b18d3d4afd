// Documents with everything Yjs offers in them, made at random by several clients that also delete.
import * as Y from 'yjs';
import type { Random } from './random.js';

type Edit = (random: Random, doc: Y.Doc) => void;

const somewhere = (random: Random, length: number): number => random.below(length + 1);
const word = (random: Random): string =>
  // Nothing in two UTF-16 units: an edit between the two breaks it, in Yjs itself.
  random.pick(['a', 'tree', 'ünï', '木林', 'x'.repeat(40), '']);
const value = (random: Random): unknown =>
  random.pick([1, 'text', null, true, { deep: [1, { er: 2 }] }, new Uint8Array([1, 2, 3]), 1.5]);

const cut = (
  random: Random,
  list: { readonly length: number; delete(at: number, length: number): void },
): void => {
  if (list.length === 0) return;
  const at = random.below(list.length);
  list.delete(at, 1 + random.below(Math.min(5, list.length - at)));
};

const editText = (random: Random, text: Y.Text): void => {
  const at = somewhere(random, text.length);
  const edits = [
    () => text.insert(at, word(random)),
    () => text.insert(at, word(random), { bold: random.below(2) === 0, size: random.below(9) }),
    () => text.insertEmbed(at, { image: word(random) }),
    () => text.insertEmbed(at, new Y.Map([['nested', word(random)]])),
    () =>
      text.format(random.below(text.length + 1), random.below(text.length + 1), {
        bold: random.pick([true, null]),
      }),
    () => cut(random, text),
  ] as const;
  random.pick(edits)();
};

const editMap = (random: Random, map: Y.Map<unknown>): void => {
  const key = random.pick(['a', 'b', 'c', 'd']);
  const inner = map.get(key);
  if (inner instanceof Y.Map && random.below(2) === 0) editMap(random, inner);
  else if (inner instanceof Y.Text && random.below(2) === 0) editText(random, inner);
  else if (random.below(4) === 0) map.delete(key);
  else map.set(key, random.pick([() => value(random), () => new Y.Map(), () => new Y.Text(word(random))])());
};

const editArray = (random: Random, array: Y.Array<unknown>): void => {
  const at = somewhere(random, array.length);
  const inner = array.length === 0 ? null : array.get(random.below(array.length));
  if (inner instanceof Y.Map && random.below(2) === 0) editMap(random, inner);
  else if (inner instanceof Y.Array && random.below(2) === 0) editArray(random, inner);
  else if (random.below(3) === 0) cut(random, array);
  else
    array.insert(at, random.pick([() => [value(random), 2], () => [new Y.Map()], () => [new Y.Array()]])());
};

const editXml = (random: Random, parent: Y.XmlFragment): void => {
  const at = somewhere(random, parent.length);
  const inner = parent.length === 0 ? null : parent.get(random.below(parent.length));
  if (inner instanceof Y.XmlElement && random.below(2) === 0) {
    if (random.below(3) === 0) inner.setAttribute(random.pick(['href', 'class']), word(random));
    else if (random.below(4) === 0) inner.removeAttribute('class');
    else editXml(random, inner);
  } else if (inner instanceof Y.XmlText && random.below(2) === 0) editText(random, inner);
  else if (random.below(4) === 0) cut(random, parent);
  else parent.insert(at, [random.below(2) === 0 ? new Y.XmlElement('p') : new Y.XmlText(word(random))]);
};

const edits: readonly [Edit, ...Edit[]] = [
  (random, doc) => editText(random, doc.getText('text')),
  (random, doc) => editMap(random, doc.getMap('map')),
  (random, doc) => editArray(random, doc.getArray('array')),
  (random, doc) => editXml(random, doc.getXmlFragment('xml')),
];

/** One random edit of a document with the roots `text`, `map`, `array` and `xml`. */
export const editRichly = (random: Random, doc: Y.Doc): void =>
  doc.transact(() => random.pick(edits)(random, doc));

/** What a reader of such a document sees. */
export const readRichly = (doc: Y.Doc): unknown => ({
  text: shown(doc.getText('text')),
  map: shown(doc.getMap('map')),
  array: shown(doc.getArray('array')),
  xml: shown(doc.getXmlFragment('xml')),
});

/** Formats, attributes and kinds of types too, all the way down. */
const shown = (at: unknown): unknown => {
  if (at instanceof Y.Text)
    return { type: at.constructor.name, delta: at.toDelta().map(shownDelta), ...attributes(at) };
  if (at instanceof Y.Map)
    return { type: 'map', entries: [...at.entries()].map(([key, each]) => [key, shown(each)]).toSorted() };
  if (at instanceof Y.Array) return { type: 'array', items: at.toArray().map(shown) };
  if (at instanceof Y.XmlElement)
    return { type: at.nodeName, children: at.toArray().map(shown), ...attributes(at) };
  if (at instanceof Y.XmlFragment) return { type: 'fragment', children: at.toArray().map(shown) };
  return at instanceof Uint8Array ? [...at] : at;
};

const attributes = (at: Y.Text | Y.XmlElement) => ({ attributes: at.getAttributes() });
const shownDelta = ({ insert, ...rest }: { insert?: unknown }): unknown => ({
  insert: shown(insert),
  ...rest,
});

/** A document that so many clients have edited, each seeing the others' edits late. */
export const richDocument = (
  random: Random,
  { clients, steps }: { clients: number; steps: number },
): Y.Doc => {
  const copies = Array.from({ length: clients }, (_, index) => {
    const doc = new Y.Doc();
    doc.clientID = 5_000 + index;
    return doc;
  });
  const merge = (from: Y.Doc, to: Y.Doc): void =>
    Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'merge');
  const pick = (): Y.Doc => copies[random.below(clients)] ?? new Y.Doc();
  for (let step = 0; step < steps; step += 1) {
    editRichly(random, pick());
    if (random.below(4) === 0) merge(pick(), pick());
  }
  const all = new Y.Doc();
  for (const copy of copies) merge(copy, all);
  return all;
};
