// Rooms of a contestant and who is in them. A room has one copy of its document, kept by a connection of its own, which says where
// a message goes and what everybody should have in the end.
import * as Y from 'yjs';
import { Client } from './client.mjs';
import { contentAt, varString } from './frames.mjs';
import { waitFor } from './pace.mjs';
import { joinRoom, signUp } from './parley-api.mjs';
import { Pen } from './pen.mjs';

const people = 4;
const atOnce = 40;
const convergeMs = 10_000;
const lookMs = 100;
let opened = 0;

/** 0, 1, 2 … */
export const numbers = (count) => Array.from({ length: count }, (_, number) => number);

/** Does the work for each of the items, some at a time. */
export const forAll = async (items, work) => {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

export class Room {
  clients = [];

  static async open(site) {
    opened += 1;
    const name = `room-${process.pid}-${opened}`;
    if (site.kind !== 'parley') return new Room(site, name, [{ id: 'A'.repeat(26) }]);
    site.people ??= Promise.all(numbers(people).map(() => signUp(site)));
    const members = await site.people;
    return new Room(site, await joinRoom(site, name, members), members);
  }

  constructor(site, name, members) {
    this.site = site;
    this.name = name;
    this.members = members;
  }

  /** Whose connection the one of this number is. */
  memberOf(number) {
    return this.members[number % this.members.length];
  }

  seat(number) {
    const { kind, url } = this.site;
    if (kind === 'parley')
      return { url: `${url}/sync/${this.name}?token=${this.memberOf(number).token}`, answers: true };
    if (kind === 'hocuspocus') return { url, answers: true, prefix: varString(this.name), token: 'any' };
    return { url: `${url}/${this.name}`, answers: kind !== 'relay' };
  }

  /** Connects one more. */
  async join(hooks) {
    const number = this.clients.length;
    const client = new Client(this.seat(number), hooks);
    client.member = this.memberOf(number);
    this.clients.push(client);
    await client.synced;
    return client;
  }

  /** Connects so many more, `hooksOf(number)` each, and resolves with them by number. */
  async joinMany(count, hooksOf = () => undefined) {
    const clients = [];
    await forAll(numbers(count), async (number) => {
      clients[number] = await this.join(hooksOf(number));
    });
    return clients;
  }

  /** A client with a whole copy of the document. */
  async joinWithCopy() {
    const doc = new Y.Doc();
    const client = await this.join({
      onReply: (bytes) => Y.applyUpdate(doc, bytes),
      onUpdate: (frame, at) => Y.applyUpdate(doc, contentAt(frame, at)),
    });
    return { doc, client };
  }

  /** Makes the room ready to be written in. */
  async prepare() {
    const { kind } = this.site;
    this.doc = kind === 'relay' ? new Y.Doc() : (await this.joinWithCopy()).doc;
    this.pen = new Pen(this.doc, kind === 'parley');
    if (kind === 'parley') this.pen.assertSameBytes(this.memberOf(0).id);
    return this;
  }

  /** Throws unless two who join now come to have what the room's own copy has. For when nothing is under way. */
  async assertConverged() {
    if (this.site.kind === 'relay') return;
    const joiners = await Promise.all([this.joinWithCopy(), this.joinWithCopy()]);
    const content = (doc) => contentOf(doc, this.site.kind === 'parley');
    const same = () => joiners.every(({ doc }) => content(doc) === content(this.doc));
    if (!(await waitFor(same, convergeMs, lookMs))) throw new Error(`copies of ${this.name} differ`);
  }

  async close() {
    await Promise.all(this.clients.map((client) => client.close()));
    this.clients = [];
  }
}

const contentOf = (doc, isParley) =>
  JSON.stringify([
    [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([left], [right]) => left - right),
    doc.getArray(isParley ? 'segments' : 'messages').toJSON(),
  ]);
