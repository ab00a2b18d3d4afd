// Writes messages as `appendMessage` does, byte for byte, but for thousands of clients that keep no document: each update is one
// Yjs item at the end of the list as a copy of the document shows it. `assertSameBytes` holds it against `appendMessage`.
import { randomBytes } from 'node:crypto';
import { appendMessage } from '@parley/client/document';
import * as Y from 'yjs';
import { varUint } from './frames.mjs';

const idPrefix = `01${randomBytes(6).toString('hex').toUpperCase()}`;
const idCharacters = 26;
let written = 0;

const nextId = () => {
  written += 1;
  return idPrefix + String(written).padStart(idCharacters - idPrefix.length, '0');
};

/** A message as it stands in a document. */
export const message = (author, text) => ({
  v: 1,
  type: 'message',
  id: nextId(),
  author,
  text,
  sentAt: Date.now(),
});

/** The list that messages are appended to now. */
const lastList = (doc, isParley) => {
  if (!isParley) return doc.getArray('messages');
  const segments = doc.getArray('segments');
  return segments.get(segments.length - 1).get('messages');
};

/** One who writes under a client id of its own. */
export const newWriter = (number, author) => ({
  number,
  author,
  client: randomBytes(4).readUInt32LE(),
  clock: 0,
  lastList: undefined,
});

export class Pen {
  #doc;
  #isParley;
  #list;
  /** Some item of the list, near its end. */
  #near;

  constructor(doc, isParley) {
    this.#doc = doc;
    this.#isParley = isParley;
  }

  /** The update by which the writer appends the messages. */
  write(writer, messages) {
    const list = lastList(this.#doc, this.#isParley);
    const { client, clock } = writer;
    const origin = this.#isAhead(writer, list) ? Y.createID(client, clock - 1) : this.#endOf(list);
    const content = new Y.ContentAny(messages);
    const item = new Y.Item(Y.createID(client, clock), null, origin, null, null, list, null, content);
    const encoder = new Y.UpdateEncoderV1();
    item.write(encoder, 0);
    writer.clock += messages.length;
    writer.lastList = list;
    const head = [1, 1, ...varUint(client), ...varUint(clock)];
    return Buffer.concat([Buffer.from(head), encoder.toUint8Array(), Buffer.from([0])]);
  }

  /** Throws unless `appendMessage` makes the same bytes of the same document as it is now. */
  assertSameBytes(author) {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.#doc));
    const writer = newWriter(0, author);
    doc.clientID = writer.client;
    let bytes;
    doc.once('update', (update) => {
      bytes = update;
    });
    const value = message(author, 'hello');
    appendMessage(doc, { author, text: value.text, id: value.id, sentAt: value.sentAt });
    if (!this.write(writer, [value]).equals(bytes))
      throw new Error('the load writes other bytes than appendMessage');
  }

  /** Whether the writer's own last message is not in the copy yet, and so the end of the list as the writer sees it. */
  #isAhead({ client, clock, lastList: list }, current) {
    return list === current && Y.getState(this.#doc.store, client) < clock;
  }

  #endOf(list) {
    if (this.#list !== list) {
      this.#list = list;
      this.#near = undefined;
    }
    // Items are merged into those before them, so that one is found by its id, never kept.
    let item = this.#near === undefined ? list._start : Y.getItem(this.#doc.store, this.#near);
    if (item === null) return null;
    while (item.right !== null) item = item.right;
    this.#near = item.lastId;
    return item.lastId;
  }
}
