import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStoreServer, type StoreServer } from '@parley/server/internal/embedded-mongo/server';
import { crc32c } from '@parley/server/internal/embedded-mongo/wire/crc32c';
import { FrameReader, HEADER_BYTES, OPCODE } from '@parley/server/internal/embedded-mongo/wire/frames';
import { encodeOpMsg, parseOpMsg } from '@parley/server/internal/embedded-mongo/wire/op-msg';
import { parseOpQuery } from '@parley/server/internal/embedded-mongo/wire/op-query';
import { type Document, deserialize, serialize } from 'bson';
import { expect } from 'chai';
import { Random } from '../../harness/random.js';

function frame(opCode: number, content: Buffer, requestId = 1): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + content.length, 0);
  header.writeInt32LE(requestId, 4);
  header.writeInt32LE(opCode, 12);
  return Buffer.concat([header, content]);
}

function flags(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function body(document: Document): Buffer {
  return Buffer.concat([Buffer.of(0), serialize(document)]);
}

function sequence(name: string, documents: Document[]): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${name}\0`),
    ...documents.map((document) => serialize(document)),
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(content.length + 4);
  return Buffer.concat([Buffer.of(1), size, content]);
}

function msg(...sections: Buffer[]): Buffer {
  return frame(OPCODE.msg, Buffer.concat([flags(0), ...sections]));
}

describe('store wire: frames', () => {
  it('cuts messages out of a stream whatever the chunks are', () => {
    const frames = [1, 2, 3].map((n) => msg(body({ ping: n, $db: 'x' })));
    const stream = Buffer.concat(frames);
    for (const size of [1, 3, 16, 17, stream.length]) {
      const reader = new FrameReader();
      const found: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size)
        found.push(...reader.push(stream.subarray(at, at + size)));
      expect(found.map((bytes) => bytes.toString('hex'))).to.deep.equal(
        frames.map((bytes) => bytes.toString('hex')),
      );
    }
  });

  it('refuses a claimed length beyond the limit before the bytes arrive', () => {
    for (const length of [48_000_001, 0x7fffffff, -1, 15, 0]) {
      const header = Buffer.alloc(4);
      header.writeInt32LE(length);
      expect(() => new FrameReader().push(header), String(length)).to.throw(/outside the limits/);
    }
  });
});

describe('store wire: OP_MSG', () => {
  it('reads the body, document sequences and flags', () => {
    const parsed = parseOpMsg(
      frame(
        OPCODE.msg,
        Buffer.concat([flags(2), sequence('documents', [{ a: 1 }, { a: 2 }]), body({ insert: 'c' })]),
      ),
    );
    expect(parsed.moreToCome).to.equal(true);
    expect(deserialize(parsed.body)).to.deep.equal({ insert: 'c' });
    expect(parsed.sequences.get('documents')?.map((bytes) => deserialize(bytes))).to.deep.equal([
      { a: 1 },
      { a: 2 },
    ]);
  });

  it('checks the checksum when there is one', () => {
    expect(crc32c(Buffer.from('123456789'))).to.equal(0xe3069283);
    const content = Buffer.concat([flags(1), body({ ping: 1 }), Buffer.alloc(4)]);
    const whole = frame(OPCODE.msg, content);
    expect(() => parseOpMsg(whole)).to.throw(/checksum/);
    whole.writeUInt32LE(crc32c(whole.subarray(0, -4)), whole.length - 4);
    expect(deserialize(parseOpMsg(whole).body)).to.deep.equal({ ping: 1 });
  });

  it('refuses what it does not understand', () => {
    const cases: [string, Buffer][] = [
      ['no flags', frame(OPCODE.msg, Buffer.alloc(0))],
      ['unknown required flags', frame(OPCODE.msg, Buffer.concat([flags(4), body({ ping: 1 })]))],
      ['no body', msg(sequence('documents', [{ a: 1 }]))],
      ['two bodies', msg(body({ a: 1 }), body({ b: 1 }))],
      ['unknown section', msg(Buffer.of(7), body({ a: 1 }))],
      ['twice the same sequence', msg(sequence('d', []), sequence('d', []), body({ a: 1 }))],
      ['cut document', msg(body({ ping: 1 }).subarray(0, 8))],
      ['sequence longer than the message', msg(body({ a: 1 }), Buffer.from([1, 255, 255, 0, 0, 65, 0]))],
      ['sequence without a name', msg(body({ a: 1 }), Buffer.from([1, 6, 0, 0, 0, 65, 65]))],
    ];
    for (const [name, bytes] of cases) expect(() => parseOpMsg(bytes), name).to.throw();
  });

  it('never throws anything but its own refusals on garbage', () => {
    const random = new Random(0x5eed_1234n);
    const good = msg(
      sequence('documents', [{ a: 1, b: 'text' }]),
      body({ insert: 'c', $db: 'd', x: [1, 2, { y: 3 }] }),
    );
    for (let step = 0; step < 3000; step++) {
      const bytes = Buffer.from(good.subarray(0, 16 + random.below(good.length - 15)));
      for (let change = 0; change < 3; change++)
        bytes[16 + random.below(Math.max(bytes.length - 16, 1))] = random.below(256);
      for (const parse of [parseOpMsg, parseOpQuery]) {
        try {
          parse(bytes);
        } catch (error) {
          expect(error, `step ${step}`).to.have.property('name', 'StoreError');
        }
      }
    }
  });
});

describe('store wire: a connection', () => {
  let dataDir: string;
  let server: StoreServer;
  const sockets: Socket[] = [];

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'store-wire-'));
    server = await createStoreServer({ dataDir });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  after(async () => {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  function open(): { socket: Socket; reply: () => Promise<Document>; closed: Promise<void> } {
    const socket = connect({ host: '127.0.0.1', port: server.port });
    sockets.push(socket);
    const reader = new FrameReader();
    const ready: Document[] = [];
    const waiting: ((document: Document) => void)[] = [];
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      for (const bytes of reader.push(chunk)) {
        const document = deserialize(bytes.subarray(bytes.readInt32LE(12) === OPCODE.reply ? 36 : 21));
        const next = waiting.shift();
        if (next) next(document);
        else ready.push(document);
      }
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const reply = (): Promise<Document> => {
      const document = ready.shift();
      return document ? Promise.resolve(document) : new Promise((resolve) => waiting.push(resolve));
    };
    return { socket, reply, closed };
  }

  it('answers the old handshake and the new one', async () => {
    const { socket, reply } = open();
    const query = Buffer.concat([
      flags(0),
      Buffer.from('admin.$cmd\0'),
      Buffer.alloc(8),
      serialize({ ismaster: 1 }),
    ]);
    socket.write(frame(OPCODE.query, query));
    expect(await reply()).to.include({ ok: 1, maxWireVersion: 25, ismaster: true });
    socket.write(msg(body({ hello: 1, $db: 'admin' })));
    expect(await reply()).to.include({ ok: 1, isWritablePrimary: true });
  });

  it('answers pipelined commands in order, and moreToCome not at all', async () => {
    const { socket, reply } = open();
    const silent = frame(
      OPCODE.msg,
      Buffer.concat([flags(2), body({ insert: 'c', documents: [{ _id: 1 }], $db: 'd' })]),
    );
    socket.write(
      Buffer.concat([msg(body({ ping: 1, $db: 'd' })), silent, msg(body({ count: 'c', $db: 'd' }))]),
    );
    expect(await reply()).to.deep.equal({ ok: 1 });
    expect(await reply()).to.deep.equal({ n: 1, ok: 1 });
  });

  it('answers a malformed message with an error and goes on', async () => {
    const { socket, reply } = open();
    socket.write(frame(OPCODE.msg, Buffer.concat([flags(0), Buffer.of(9), serialize({ ping: 1 })])));
    expect(await reply()).to.include({ ok: 0, code: 17 });
    const broken = serialize({ find: 'c', filter: { a: 1 }, $db: 'd' });
    broken[30] = 99;
    socket.write(msg(Buffer.concat([Buffer.of(0), broken])));
    expect((await reply()).ok).to.equal(0);
    socket.write(msg(body({ ping: 1 })));
    expect(await reply()).to.include({ ok: 0, code: 9 });
    socket.write(msg(body({ ping: 1, $db: 'x' })));
    expect(await reply()).to.include({ ok: 1 });
  });

  it('ends a connection that speaks something else, and serves the others', async () => {
    for (const garbage of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(64, 0xff),
      frame(9999, Buffer.alloc(8)),
    ]) {
      const { socket, closed } = open();
      socket.write(garbage);
      await closed;
    }
    const { socket, reply } = open();
    socket.write(msg(body({ ping: 1, $db: 'x' })));
    expect(await reply()).to.include({ ok: 1 });
  });

  it('stores no document with two _id', async () => {
    const { socket, reply } = open();
    const twice = body({ insert: 'twice', documents: [{ _id: 1, a: 2, xid: 3 }], $db: 'a' });
    twice.write('_id', twice.indexOf('xid'));
    socket.write(msg(twice));
    expect(await reply()).to.have.nested.property('writeErrors[0].code', 2);
  });

  it('knows no database whose name would reach into the collections of another', async () => {
    const { socket, reply } = open();
    for (const [name, collection] of [
      ['a', 'b.c'],
      ['x'.repeat(63), 'c'],
    ]) {
      socket.write(msg(body({ insert: collection, documents: [{}], $db: name })));
      expect(await reply()).to.include({ n: 1, ok: 1 });
    }
    for (const name of ['a.b', '', 'a b', 'a/b', 'x'.repeat(64)]) {
      socket.write(msg(body({ find: 'c', $db: name })));
      expect(await reply(), name).to.include({ code: 73, codeName: 'InvalidNamespace' });
    }
  });

  it('wraps a reply so that it can be read back', () => {
    const parsed = parseOpMsg(encodeOpMsg(1, 2, serialize({ ok: 1 })));
    expect(deserialize(parsed.body)).to.deep.equal({ ok: 1 });
  });
});
