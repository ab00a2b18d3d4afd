import { appendMessage, type Message, readMessages } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { readHistory as historyOf } from '../harness/history.js';
import {
  createApi,
  createDataDir,
  type DataDir,
  type ServerProcess,
  signUp,
  spawnTestServer,
  type TestPerson,
} from '../harness/kit.js';
import { RawClient, updateBytes } from '../harness/raw-client.js';

const ROUNDS = Number(process.env.PARLEY_CRASH_ROUNDS ?? 30);

const readHistory = (url: string, token: string, conversationId: string): Promise<Message[]> =>
  historyOf(createApi(url, token), conversationId);

describe('a server that is killed', () => {
  let dataDir: DataDir;
  let server: ServerProcess;
  let ada: TestPerson;
  let bob: TestPerson;
  let conversationId: string;

  before(async () => {
    dataDir = await createDataDir();
    server = await spawnTestServer(dataDir.path);
    ada = await signUp(server, 'ada');
    bob = await signUp(server, 'bob');
    const { conversation } = await ada.api.conversations.start.mutate({ userId: bob.id });
    conversationId = conversation.id;
  });

  after(async () => {
    await server.kill('SIGKILL');
    await dataDir.discard();
  });

  const connect = async (person: TestPerson, copy?: Y.Doc): Promise<RawClient> => {
    const client = new RawClient({ url: server.url, conversationId, token: person.token, acks: true });
    if (copy !== undefined) Y.applyUpdate(client.doc, Y.encodeStateAsUpdate(copy), 'server');
    return await client.synced();
  };

  it(`[O9] loses nothing that anybody saw, doubles nothing, leaves no gap, ${ROUNDS} times over`, async function () {
    this.timeout(ROUNDS * 15_000);
    const seen = new Set<string>();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const [writer, reader] = await Promise.all([connect(ada), connect(bob)]);
      let id = '';
      writer.write((doc) => {
        ({ id } = appendMessage(doc, { author: ada.id, text: `round ${round}` }));
      });
      await reader.until(() => readMessages(reader.doc).some((message) => message.id === id));
      await server.kill('SIGKILL');
      seen.add(id);
      server = await spawnTestServer(dataDir.path);
      const history = await readHistory(server.url, bob.token, conversationId);
      expect(
        history.map((message) => message.id),
        `after round ${round}`,
      ).to.deep.equal([...seen]);
      expect(history.map(({ seq }) => seq)).to.deep.equal(history.map((_, index) => index + 1));
    }
  });

  it('keeps all that was acknowledged when it dies under load, and takes the rest once it is sent again', async () => {
    const before = (await readHistory(server.url, ada.token, conversationId)).length;
    const copy = new Y.Doc();
    const sent: string[] = [];
    for (let round = 1; round <= 5; round += 1) {
      const writer = await connect(ada, copy);
      // A copy that outlives the connection, as a client's own document does.
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(writer.doc));
      const firstFrame = writer.sent;
      const ofRound: string[] = [];
      for (let count = 0; count < 60; count += 1) {
        writer.update(
          updateBytes(copy, () =>
            ofRound.push(appendMessage(copy, { author: ada.id, text: `${round}.${count}` }).id),
          ),
        );
      }
      sent.push(...ofRound);
      const ack = await writer.next('stored', ({ upTo }) => upTo > firstFrame);
      await server.kill('SIGKILL');
      await writer.closed;
      const acked = writer.frames.reduce(
        (most, frame) => (frame.type === 'stored' ? Math.max(most, frame.upTo) : most),
        ack.upTo,
      );
      server = await spawnTestServer(dataDir.path);
      const history = new Set((await readHistory(server.url, ada.token, conversationId)).map(({ id }) => id));
      const missing = ofRound.slice(0, acked - firstFrame).filter((id) => !history.has(id));
      expect(missing, `acknowledged in round ${round} and lost`).to.deep.equal([]);
    }
    const last = await connect(ada, copy);
    await last.next('stored', ({ upTo }) => upTo === last.sent);
    await last.close();
    const history = await readHistory(server.url, ada.token, conversationId);
    expect(
      history
        .slice(before)
        .map(({ id }) => id)
        .toSorted(),
    ).to.deep.equal(sent.toSorted());
    expect(history.map(({ seq }) => seq)).to.deep.equal(history.map((_, index) => index + 1));
  });

  it('ends in order when it is told to, and has everything at the next start', async () => {
    const writer = await connect(ada);
    writer.write((doc) => appendMessage(doc, { author: ada.id, text: 'last words' }));
    await writer.next('stored', ({ upTo }) => upTo === writer.sent);
    const ending = await server.stop();
    expect(ending).to.deep.equal({ code: 0, signal: null });
    expect((await writer.closed).code).to.equal(1012);
    server = await spawnTestServer(dataDir.path);
    expect((await readHistory(server.url, bob.token, conversationId)).at(-1)?.text).to.equal('last words');
  });
});
