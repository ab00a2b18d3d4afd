import { connect, createServer, type Socket } from 'node:net';
import { FrameReader, OPCODE, readHeader } from '@parley/server/internal/embedded-mongo/wire/frames';
import { encodeOpMsg, parseOpMsg } from '@parley/server/internal/embedded-mongo/wire/op-msg';
import { type Document, deserialize, serialize } from 'bson';

/**
 * What becomes of a command on its way: passed on as it is, or as another, or answered without the server hearing of it; or it is
 * carried out, and the connection breaks before the answer. Numbers in it keep their BSON types.
 */
export type Fate = 'pass' | 'lose the answer' | { readonly instead: Document } | { readonly reply: Document };
export type Meddle = (command: Document, name: string) => Fate | Promise<Fate>;

/** Answers the first command of that name for that collection in place of the server. */
export const answerOnce = (name: string, collection: string, reply: Document): Meddle => {
  let done = false;
  return (command, called) => {
    if (done || called !== name || command[name] !== collection) return 'pass';
    done = true;
    return { reply };
  };
};

/** Stands before a MongoDB and does to its commands what servers, operators and networks do. */
export interface MeddlingProxy extends AsyncDisposable {
  readonly uri: string;
  /** Ends every connection; with `forGood` none is taken any more either, as when the process that uses it dies. */
  sever(forGood?: boolean): void;
}

/** Listens on a free port. `uri` is of the server behind it, `meddle` is asked about one command of a connection at a time. */
export const startMeddlingProxy = async (uri: string, meddle: Meddle): Promise<MeddlingProxy> => {
  const { hostname, port, pathname } = new URL(uri);
  const sockets = new Set<Socket>();
  const sever = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  let isSevered = false;
  const server = createServer((client) => {
    if (isSevered) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Either end may be killed; the other is told by the end of its connection.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
    const ends: Ends = { client, upstream, meddle, losesAnswer: false };
    upstream.on('data', (chunk) => {
      if (ends.losesAnswer) client.destroy();
      else client.write(chunk);
    });
    upstream.on('end', () => client.end());
    const reader = new FrameReader();
    let turn = Promise.resolve();
    client.on('data', (chunk) => {
      for (const frame of reader.push(chunk)) turn = turn.then(() => handle(frame, ends));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the proxy listens on no port');
  return {
    uri: `mongodb://127.0.0.1:${address.port}${pathname || '/'}?directConnection=true`,
    sever: (forGood = false) => {
      isSevered ||= forGood;
      sever();
    },
    [Symbol.asyncDispose]: async () => {
      sever();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

interface Ends {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly meddle: Meddle;
  losesAnswer: boolean;
}

const handle = async (frame: Buffer, ends: Ends): Promise<void> => {
  const { client, upstream } = ends;
  const { opCode, requestId } = readHeader(frame);
  const fate = opCode === OPCODE.msg ? await judge(frame, ends.meddle) : 'pass';
  if (fate === 'lose the answer') ends.losesAnswer = true;
  if (fate === 'pass' || fate === 'lose the answer') upstream.write(frame);
  else if ('instead' in fate) upstream.write(encodeOpMsg(requestId, 0, serialize(fate.instead)));
  else client.write(encodeOpMsg(0, requestId, serialize({ ok: 1, ...fate.reply })));
};

const judge = async (frame: Buffer, meddle: Meddle): Promise<Fate> => {
  const message = parseOpMsg(frame);
  const command = deserialize(message.body, {
    promoteValues: false,
    promoteBuffers: false,
    bsonRegExp: true,
  });
  for (const [field, documents] of message.sequences) {
    command[field] = documents.map((bytes) => deserialize(bytes, { promoteValues: false }));
  }
  return meddle(command, Object.keys(command)[0] ?? '');
};
