// A server end without a server: sockets in memory, one document, the protocol by shared's codecs. Does what it is told.
import type { DocumentAccess, WebSocketClass, WebSocketLike } from '@parley/client';
import {
  decodeFrame,
  encodeNotice,
  encodeRefused,
  encodeReply,
  encodeStateVector,
  encodeStored,
  encodeUpdate,
  type MessageValue,
  PROTOCOL_VERSION,
  readMessages,
  type SyncFrame,
} from '@parley/shared';
import * as Y from 'yjs';

/** How the server sees one socket. */
export class FakeEnd {
  readonly url: URL;
  readonly frames: SyncFrame[] = [];
  /** Once the client has let go. */
  left = false;
  nth = 0;
  readonly #socket: FakeSocket;

  constructor(url: string, socket: FakeSocket) {
    this.url = new URL(url);
    this.#socket = socket;
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    queueMicrotask(() => this.#socket.onmessage?.({ data: frame.buffer.slice(0) }));
  }

  close(code: number, reason = ''): void {
    queueMicrotask(() => this.#socket.onclose?.({ code, reason }));
  }

  types(): string[] {
    return this.frames.map(({ type }) => type);
  }
}

class FakeSocket implements WebSocketLike {
  binaryType = '';
  onopen: ((event: object) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly #end: FakeEnd;
  readonly #server: FakeServer;

  constructor(url: string, server: FakeServer) {
    this.#server = server;
    this.#end = new FakeEnd(url, this);
    server.ends.push(this.#end);
    if (server.isUp) queueMicrotask(() => this.#open());
    else this.#end.close(1006);
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    const copy = data.slice();
    queueMicrotask(() => this.#server.receive(this.#end, copy));
  }

  close(): void {
    this.#end.left = true;
  }

  #open(): void {
    this.onopen?.({});
    this.#server.attach(this.#end);
  }
}

export interface FakeRefusal {
  readonly code: string;
  readonly rule: string;
  readonly reason: string;
}

export class FakeServer {
  /** Every socket ever opened, oldest first. */
  readonly ends: FakeEnd[] = [];
  readonly WebSocket: WebSocketClass;
  isUp = true;
  /** Whether it speaks by itself; else the test does. */
  isAutomatic = true;
  /** Acknowledgements wait in `held` while true. */
  isHolding = false;
  /** Updates are lost on the way while true. */
  isDeaf = false;
  generation = 1;
  /** What the client may do; not told while undefined. */
  access: DocumentAccess | undefined;
  doc = new Y.Doc();
  judge: (messages: readonly MessageValue[]) => FakeRefusal | null = () => null;
  #held: (() => void)[] = [];
  #seq = 0;
  readonly #numbered = new Map<string, number>();

  constructor() {
    const server = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(url, server);
      }
    };
    this.openSegment();
    this.moveWindow(1);
  }

  get last(): FakeEnd {
    const end = this.ends.at(-1);
    if (end === undefined) throw new Error('nobody has come');
    return end;
  }

  /** Every message in the document, repeated ones included. */
  get values(): MessageValue[] {
    return messagesIn(this.doc);
  }

  openSegment(): void {
    const segment = new Y.Map();
    segment.set('messages', new Y.Array());
    segment.set('edits', new Y.Map());
    segment.set('reactions', new Y.Map());
    this.doc.getArray('segments').push([segment]);
  }

  moveWindow(startSeq: number): void {
    this.doc.getMap('meta').set('window', { v: 1, conversation: 'c1', startSeq });
  }

  /** Changes the document on the server and tells everybody. */
  change(body: (doc: Y.Doc) => void): void {
    const before = Y.encodeStateVector(this.doc);
    this.doc.transact(() => body(this.doc));
    this.#relay(Y.encodeStateAsUpdate(this.doc, before));
    this.#numberNew();
  }

  /** Lets go of the acknowledgements that were held, and holds no more. */
  release(): void {
    this.isHolding = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  attach(end: FakeEnd): void {
    if (!this.isAutomatic) return;
    this.welcome(end);
    end.send(encodeStateVector(Y.encodeStateVector(this.doc)));
  }

  welcome(end: FakeEnd): void {
    const { generation, access } = this;
    end.send(encodeNotice({ type: 'welcome', generation, protocol: PROTOCOL_VERSION, access }));
  }

  receive(end: FakeEnd, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    end.frames.push(frame);
    if (frame.type === 'reply' || frame.type === 'update') end.nth += 1;
    if (!this.isAutomatic || end.left) return;
    if (frame.type === 'stateVector') {
      end.send(encodeReply(ownBytes(Y.encodeStateAsUpdate(this.doc, frame.bytes))));
      const numbers = [...this.#numbered];
      end.send(
        encodeNotice({
          type: 'sequenced',
          ids: numbers.map(([id]) => id),
          seqs: numbers.map(([, seq]) => seq),
        }),
      );
    } else if ((frame.type === 'reply' || frame.type === 'update') && !this.isDeaf) {
      this.#take(end, end.nth, frame.bytes);
    }
  }

  #take(end: FakeEnd, nth: number, update: Uint8Array): void {
    const messages = messagesOf(update);
    const refusal = hasGap(this.doc, update)
      ? { code: 'UPDATE_REFUSED', rule: 'G4', reason: 'something is missing' }
      : messages.length === 0
        ? null
        : this.judge(messages);
    const answer = (): void => {
      if (refusal !== null) {
        end.send(encodeRefused({ ...refusal, nth, messages: messages.map(({ id }) => id) }));
        if (refusal.rule === 'G4') end.send(encodeStateVector(Y.encodeStateVector(this.doc)));
      }
      end.send(encodeStored(nth));
      this.#numberNew();
    };
    if (refusal === null) {
      Y.applyUpdate(this.doc, update);
      this.#relay(update);
    }
    if (this.isHolding) this.#held.push(answer);
    else answer();
  }

  #relay(update: Uint8Array): void {
    for (const end of this.ends) if (!end.left && this.isAutomatic) end.send(encodeUpdate(update));
  }

  #numberNew(): void {
    const fresh = readMessages(this.doc).filter(({ id }) => !this.#numbered.has(id));
    if (fresh.length === 0) return;
    for (const { id } of fresh) {
      this.#seq += 1;
      this.#numbered.set(id, this.#seq);
    }
    const ids = fresh.map(({ id }) => id);
    const frame = encodeNotice({
      type: 'sequenced',
      ids,
      seqs: ids.map((id) => this.#numbered.get(id) ?? 0),
    });
    for (const end of this.ends) if (!end.left) end.send(frame);
  }
}

const ownBytes = (bytes: Uint8Array): Uint8Array => bytes.slice();

const messagesIn = (doc: Y.Doc): MessageValue[] =>
  doc
    .getArray<Y.Map<Y.Array<MessageValue>>>('segments')
    .toArray()
    .flatMap((segment) => segment.get('messages')?.toArray() ?? []);

/** The messages that an update brings, wherever they will stand. */
const messagesOf = (update: Uint8Array): MessageValue[] =>
  Y.decodeUpdate(update).structs.flatMap((struct) =>
    struct instanceof Y.Item && struct.content instanceof Y.ContentAny ? struct.content.arr : [],
  );

const hasGap = (doc: Y.Doc, update: Uint8Array): boolean => {
  const seen = new Set<number>();
  return Y.decodeUpdate(update).structs.some(({ id }) => {
    const isFirst = !seen.has(id.client);
    seen.add(id.client);
    return isFirst && id.clock > Y.getState(doc.store, id.client);
  });
};
