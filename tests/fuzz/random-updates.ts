/**
 * Owns: updates as real Yjs clients write them, drawn from a seed, and damaged copies of them.
 * Does not own: what is proven with them.
 */

import * as Y from 'yjs';
import type { Random } from '../harness/random.js';

const TEXTS = ['a', 'hello', 'zwölf', '🎉', 'é🎈x', '\ufeffmark', 'x'.repeat(60), 'ü'.repeat(40), '"\\[{,'];
const KEYS = ['a', 'k', 'schlüssel', 'toString', '', 'messages', '0', '17'];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  63,
  64,
  -64,
  2 ** 31,
  -(2 ** 31),
  1.5,
  0.1,
  2 ** 53 - 1,
  Infinity,
  Number.NaN,
  1e300,
];

function randomValue(random: Random, depth = 0): unknown {
  switch (random.below(depth < 4 ? 9 : 6)) {
    case 0:
      return random.pick(NUMBERS);
    case 1:
      return random.pick(TEXTS);
    case 2:
      return random.pick([null, undefined, true, false]);
    case 3:
      return random.uint32() - 2 ** 31;
    case 4:
      return BigInt(random.uint32()) - 5n;
    case 5:
      return new Uint8Array(random.below(5)).fill(random.below(256));
    case 6:
      return Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(4) }, () => [random.pick(KEYS), randomValue(random, depth + 1)]),
      );
  }
}

/** A value of an array or map. Neither undefined nor a bigint may be one by itself. */
function randomEntry(random: Random): unknown {
  const kinds = [
    () => new Y.Array(),
    () => new Y.Map(),
    () => new Y.Text(random.pick(TEXTS)),
    () => new Y.XmlElement(random.pick(KEYS)),
    () => new Y.XmlFragment(),
    () => new Y.XmlHook(random.pick(KEYS)),
    () =>
      new Y.Doc({
        guid: random.pick(KEYS),
        gc: random.chance(50),
        autoLoad: random.chance(50),
        meta: random.below(3),
      }),
  ];
  if (random.chance(35)) return random.pick(kinds)();
  const value = randomValue(random);
  return typeof value === 'bigint' || value === undefined ? [value] : value;
}

const jsonValue = (random: Random): object => JSON.parse(JSON.stringify({ v: plain(random) }));
const plain = (random: Random) => random.pick<unknown>([1, 'é', null, [1, [2]], { k: { l: [] } }, true]);

function changeText(random: Random, type: Y.Text): void {
  const length = type.length;
  const at = random.below(length + 1);
  const count = Math.min(random.below(4) + 1, length - at);
  const attributes = { [random.pick(['bold', 'link'])]: plain(random) };
  const change = random.below(6);
  if (change === 0) type.insert(at, random.pick(TEXTS), attributes);
  else if (change === 1) type.insertEmbed(at, jsonValue(random));
  else if (change === 2 && count > 0) type.format(at, count, attributes);
  else if (change === 3 && count > 0) type.delete(at, count);
  else type.insert(at, random.pick(TEXTS));
}

function changeArray(random: Random, type: Y.Array<unknown>): void {
  const at = random.below(type.length + 1);
  if (random.chance(30) && at < type.length) type.delete(at, Math.min(2, type.length - at));
  else if (random.chance(10)) insertLegacyJson(random, type);
  else
    type.insert(
      at,
      Array.from({ length: random.below(3) + 1 }, () => randomEntry(random)),
    );
}

/** Old Yjs wrote lists of values as JSON; nothing but such an item made by hand brings that format about today. */
function insertLegacyJson(random: Random, type: Y.Array<unknown>): void {
  const doc = type.doc;
  if (doc === null) return;
  doc.transact((transaction) => {
    const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID));
    type._searchMarker = [];
    const content = new Y.ContentJSON([undefined, jsonValue(random), random.pick(TEXTS)]);
    new Y.Item(id, null, null, type._start, type._start?.id ?? null, type, null, content).integrate(
      transaction,
      0,
    );
  });
}

function changeMap(random: Random, type: Y.Map<unknown>): void {
  const key = random.pick(KEYS);
  if (random.chance(20)) type.delete(key);
  else type.set(key, randomEntry(random));
}

function changeXml(random: Random, type: Y.XmlFragment): void {
  const at = random.below(type.length + 1);
  const kinds: (() => Y.XmlElement | Y.XmlText)[] = [
    () => new Y.XmlElement('p'),
    () => new Y.XmlText(random.pick(TEXTS)),
  ];
  if (random.chance(25) && at < type.length) type.delete(at, 1);
  else type.insert(at, [random.pick(kinds)()]);
  if (type instanceof Y.XmlElement) type.setAttribute(random.pick(KEYS), random.pick(TEXTS));
}

type Shared = Y.Text | Y.Array<unknown> | Y.Map<unknown> | Y.XmlFragment;

const isShared = (value: unknown): value is Shared => value instanceof Y.AbstractType;

function childrenOf(type: Shared): Shared[] {
  const values: Iterable<unknown> =
    type instanceof Y.Text ? [] : type instanceof Y.Map ? type.values() : type.toArray();
  return [...values].filter(isShared);
}

function changeDocument(random: Random, doc: Y.Doc): void {
  const roots = [doc.getText('text'), doc.getArray('array'), doc.getMap('mäp'), doc.getXmlFragment('xml')];
  let type: Shared = random.pick<Shared>(roots);
  for (
    let children = childrenOf(type);
    children.length > 0 && random.chance(60);
    children = childrenOf(type)
  ) {
    type = random.pick(children);
  }
  if (type instanceof Y.Text) changeText(random, type);
  else if (type instanceof Y.Array) changeArray(random, type);
  else if (type instanceof Y.Map) changeMap(random, type);
  else changeXml(random, type);
}

/** Several authors write, some of them meet, and what they send and hold comes out: whole, partial, merged and with gaps. */
export function randomUpdates(random: Random): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const docs = Array.from({ length: 1 + random.below(3) }, (_, index) => {
    const doc = new Y.Doc({ gc: random.chance(70) });
    doc.clientID = random.pick([random.uint32(), 3 * random.below(60) + index]);
    doc.on('update', (update: Uint8Array) => updates.push(update));
    return doc;
  });
  const steps = 1 + random.below(16);
  for (let i = 0; i < steps; i++) {
    const doc = random.pick(docs);
    const from = random.pick(docs);
    if (random.chance(15)) Y.applyUpdate(doc, Y.encodeStateAsUpdate(from, Y.encodeStateVector(doc)));
    else if (random.chance(10) && updates.length > 0) Y.applyUpdate(doc, random.pick(updates));
    else doc.transact(() => changeDocument(random, doc));
  }
  const doc = random.pick(docs);
  const sent =
    updates.length === 0
      ? []
      : [Y.mergeUpdates([random.pick(updates), random.pick(updates), random.pick(updates)])];
  const whole = Y.encodeStateAsUpdate(doc);
  const diff = Y.diffUpdate(whole, Y.encodeStateVector(random.pick(docs)));
  return [whole, diff, ...sent, ...updates.slice(0, 2)];
}

/** The update with up to three faults: bits flipped, bytes replaced, dropped, cut off, or spliced in from another update. */
export function mutated(random: Random, update: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes = Uint8Array.from(update);
  for (let i = random.below(3); i >= 0; i--) {
    const at = random.below(bytes.length);
    switch (random.below(7)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.pick([0, 1, 2, 0x7f, 0x80, 0xff, random.below(256)]);
        break;
      case 2:
        bytes[at] = ((bytes[at] ?? 0) + random.pick([1, 255])) % 256;
        break;
      case 3:
        bytes = bytes.slice(0, at + 1);
        break;
      case 4:
        bytes = new Uint8Array([...bytes.slice(0, at), ...other.slice(random.below(other.length))]);
        break;
      case 5:
        bytes = new Uint8Array([
          ...bytes.slice(0, at),
          ...other.slice(0, random.below(9)),
          ...bytes.slice(at),
        ]);
        break;
      default:
        bytes = new Uint8Array([...bytes.slice(0, at), ...bytes.slice(at + 1 + random.below(4))]);
    }
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}
