import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  appendMessage,
  encodeAwareness,
  encodeAwarenessEntries,
  encodeUpdate,
  limits,
  messageValue,
} from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { segmentOf } from '../harness/guard-bench.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { RawClient, updateBytes } from '../harness/raw-client.js';

describe('a liar with a valid token', () => {
  let server: TestServer;
  let ada: TestPerson;
  let mallory: TestPerson;
  let conversationId: string;
  let victim: RawClient;

  const connect = (
    person: TestPerson,
    options: { acks?: boolean; params?: Record<string, string> } = {},
  ): RawClient => new RawClient({ url: server.url, conversationId, token: person.token, ...options });

  const history = async (): Promise<string[]> =>
    (await ada.api.messages.list.query({ conversationId, limit: 100 })).items.map(({ text }) => text);

  before(async () => {
    server = await startTestServer();
    ada = await signUp(server, 'ada');
    mallory = await signUp(server, 'mallory');
  });

  after(() => server.close());

  beforeEach(async () => {
    const { conversation } = await ada.api.conversations.start.mutate({ userId: (await fresh()).id });
    conversationId = conversation.id;
    victim = await connect(ada, { acks: true }).synced();
    victim.write((doc) => appendMessage(doc, { author: ada.id, text: 'honest' }));
    await victim.next('stored', ({ upTo }) => upTo === victim.sent);
  });

  /** A fresh Mallory for each test: nobody's earlier refusals count. */
  const fresh = async (): Promise<TestPerson> => {
    mallory = await signUp(server, 'mallory');
    return mallory;
  };

  afterEach(() => victim.close());

  /** Lets the liar send, and proves that nothing came of it and that the victim can go on. */
  const expectNothingCameOfIt = async (attack: (liar: RawClient) => void, rule?: string): Promise<void> => {
    const before = await history();
    const heard = victim.frames.filter(({ type }) => type === 'update').length;
    const liar = connect(mallory, { acks: true });
    await liar.synced();
    attack(liar);
    if (rule !== undefined) expect((await liar.next('refused')).refusal).to.include({ rule });
    else await liar.closed;
    victim.write((doc) => appendMessage(doc, { author: ada.id, text: 'still here' }));
    await victim.next('stored', ({ upTo }) => upTo === victim.sent);
    const reader = await connect(ada, { acks: true }).synced();
    expect(segmentOf(reader.doc).messages.toArray()).to.have.length(before.length + 1);
    await reader.close();
    expect(await history()).to.deep.equal([...before, 'still here']);
    expect(
      victim.frames.filter(({ type }) => type === 'update').length - heard,
      'only its own echo',
    ).to.equal(1);
    await liar.close();
  };

  it('cannot speak as somebody else', () =>
    expectNothingCameOfIt(
      (liar) => liar.write((doc) => appendMessage(doc, { author: ada.id, text: 'I quit' })),
      'C4',
    ));

  it('cannot use another’s client id, now or at a future clock', async () => {
    const steal = (skip: number) => (liar: RawClient) => {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(liar.doc));
      copy.clientID = victim.doc.clientID;
      for (let count = 0; count < skip; count += 1)
        appendMessage(copy, { author: mallory.id, text: 'ahead' });
      liar.update(updateBytes(copy, () => appendMessage(copy, { author: mallory.id, text: 'as Ada' })));
    };
    await expectNothingCameOfIt(steal(0), 'G2');
    await expectNothingCameOfIt(steal(5), 'G4');
  });

  it('cannot delete other people’s messages', () =>
    expectNothingCameOfIt((liar) => liar.write((doc) => segmentOf(doc).messages.delete(0, 1)), 'C8'));

  it('cannot delete the segments', () =>
    expectNothingCameOfIt((liar) => liar.write((doc) => doc.getArray('segments').delete(0, 1)), 'C8'));

  it('cannot leave out what its update depends on', () =>
    expectNothingCameOfIt((liar) => {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(liar.doc));
      appendMessage(copy, { author: mallory.id, text: 'kept back' });
      liar.update(updateBytes(copy, () => appendMessage(copy, { author: mallory.id, text: 'dangling' })));
    }, 'G4'));

  it('gains nothing by seven bytes that claim 32 million structs', () =>
    expectNothingCameOfIt((liar) => liar.update(new Uint8Array([1, 0x80, 0x80, 0x80, 0x10, 1, 0])), 'D1'));

  it('gains nothing by a megabyte of random bytes', () =>
    expectNothingCameOfIt((liar) => liar.update(randomBytes(1_000_000)), 'D1'));

  it('gains nothing by an update of the V2 encoding', () =>
    expectNothingCameOfIt((liar) => {
      appendMessage(liar.doc, { author: mallory.id, text: 'second version' });
      liar.update(Y.encodeStateAsUpdateV2(liar.doc));
    }, 'D1'));

  it('[K4] is shown out for a frame cut short', () =>
    expectNothingCameOfIt((liar) => {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(liar.doc));
      const whole = encodeUpdate(
        updateBytes(copy, () => appendMessage(copy, { author: mallory.id, text: 'cut' })),
      );
      liar.send(whole.subarray(0, whole.length - 3));
    }));

  it('[K4] is shown out for text, garbage, and frames that only a server sends', async () => {
    for (const frame of [
      new Uint8Array([0, 9, 0]),
      new Uint8Array([]),
      new Uint8Array([0, 0, 0xff, 0xff, 0xff, 0xff]),
      new Uint8Array([100, 1]),
    ]) {
      const liar = connect(mallory);
      await liar.opened();
      liar.send(frame);
      expect((await liar.closed).code).to.equal(4400);
    }
    const liar = connect(mallory);
    await liar.opened();
    liar.sendText('hello');
    expect((await liar.closed).code).to.equal(4400);
  });

  it('[K4] is shown out for a frame over the limit', async () => {
    const liar = connect(mallory);
    await liar.opened();
    liar.send(encodeUpdate(new Uint8Array(limits.frameBytes.value + 1)));
    expect((await liar.closed).code).to.equal(4413);
  });

  it('[K7] is closed after refusal upon refusal, with a code that keeps stock clients away', async () => {
    const liar = await connect(mallory).synced();
    for (let count = 0; count < limits.refusalsPerConnection.value; count += 1) {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(liar.doc));
      liar.update(updateBytes(copy, () => appendMessage(copy, { author: ada.id, text: 'again' })));
    }
    expect(await liar.closed).to.include({ code: 4422 });
    expect(await history()).to.deep.equal(['honest']);
  });

  it('[P2] cannot show presence as somebody else', async () => {
    victim.send(
      encodeAwareness(
        encodeAwarenessEntries([{ client: victim.doc.clientID, clock: 1, state: '{"here":true}' }]),
      ),
    );
    await victim.next('awareness', ({ bytes }) => bytes.length > 1);
    const liar = await connect(mallory, { acks: true }).synced();
    const forged = { client: victim.doc.clientID, clock: 99, state: '{"here":"forged"}' };
    const own = { client: liar.doc.clientID, clock: 1, state: `{"user":{"id":"${ada.id}"}}` };
    liar.send(encodeAwareness(encodeAwarenessEntries([forged, own])));
    const heard = await victim.next('awareness', ({ bytes }) =>
      Buffer.from(bytes).includes(mallory.username),
    );
    expect(Buffer.from(heard.bytes).toString()).to.include(mallory.id).and.not.to.include('forged');
    await liar.close();
  });

  it('leaves memory flat, whatever it sends', async () => {
    const liar = await connect(mallory, { acks: true }).synced();
    const attacks = [randomBytes(200_000), new Uint8Array([1, 0x80, 0x80, 0x80, 0x10, 1, 0])];
    const attackOnce = async (): Promise<void> => {
      const one = await connect(mallory, { acks: true }).synced();
      for (let count = 0; count < limits.refusalsPerConnection.value - 1; count += 1) {
        const attack = attacks[count % attacks.length];
        if (attack !== undefined) one.update(attack);
      }
      await one.next('stored', ({ upTo }) => upTo === one.sent);
      await one.close();
    };
    const heap = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    };
    await attackOnce();
    const before = heap();
    for (let round = 0; round < 20; round += 1) await attackOnce();
    expect(heap() - before).to.be.below(40 * 1024 * 1024);
    await liar.close();
  });

  it('[K1] is told to start over when its copy is of another generation', async () => {
    expect((await connect(ada, { params: { generation: '7' } }).closed).code).to.equal(4409);
    await (await connect(ada, { params: { generation: '1' } }).synced()).close();
  });

  it('may send the same honest message as often as it likes', async () => {
    const value = messageValue({ author: mallory.id, text: 'once' });
    const sender = await connect(mallory, { acks: true }).synced();
    const bytes = updateBytes(sender.doc, () => segmentOf(sender.doc).messages.push([value]));
    for (let count = 0; count < 5; count += 1) sender.update(bytes);
    await sender.next('stored', ({ upTo }) => upTo === sender.sent);
    await sender.close();
    await mallory.api.messages.send.mutate({ conversationId, id: value.id, text: 'once' });
    expect(await history()).to.deep.equal(['honest', 'once']);
  });
});

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};

const randomBytes = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  let state = 88172645463325252n;
  for (let index = 0; index < length; index += 1) {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    bytes[index] = Number(state & 0xffn);
  }
  return bytes;
};
