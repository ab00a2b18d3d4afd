// Rooms of a contestant and who is in them. A room has one copy of its document, kept by a connection of its own, which says where
// a message goes and what everybody should have in the end.
import * as Y from 'yjs';
import { Client } from './client.mjs';
import { contentAt, varString } from './frames.mjs';
import { joinRoom, signUp } from './parley-api.mjs';
import { lastList, Pen } from './pen.mjs';

const people = 4;
const atOnce = 40;
let opened = 0;

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
    site.people ??= await Promise.all(Array.from({ length: people }, () => signUp(site)));
    return new Room(site, await joinRoom(site, name, site.people), site.people);
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
    const client = new Client(this.seat(this.clients.length), hooks);
    this.clients.push(client);
    await client.synced;
    return client;
  }

  /** Connects so many more, `hooksOf(number)` each. */
  async joinMany(count, hooksOf) {
    await forAll(
      Array.from({ length: count }, (_, number) => number),
      (number) => this.join(hooksOf?.(number)),
    );
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

  /** Throws unless two who join now have what the room's own copy has. For when nothing is under way. */
  async assertConverged() {
    if (this.site.kind === 'relay') return;
    const wanted = contentOf(this.doc, this.site);
    for (let joiner = 0; joiner < 2; joiner += 1) {
      const { doc } = await this.joinWithCopy();
      if (contentOf(doc, this.site) !== wanted) throw new Error(`a copy of ${this.name} differs`);
    }
  }

  async close() {
    await Promise.all(this.clients.map((client) => client.close()));
    this.clients = [];
  }
}

const contentOf = (doc, { kind }) =>
  JSON.stringify([
    [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort(([left], [right]) => left - right),
    doc.getArray(kind === 'parley' ? 'segments' : 'messages').toJSON(),
    lastList(doc, kind === 'parley').length,
  ]);
