import { ParleyError } from '@parley/client';
import { expect } from 'chai';
import { streamOf } from '../harness/files.js';
import { startTestServer, type TestServer } from '../harness/kit.js';
import { type SdkPerson, sdkSignUp } from '../harness/sdk-person.js';

describe('client.files', () => {
  let server: TestServer;
  let ada: SdkPerson;
  let bob: SdkPerson;
  let conversationId: string;

  before(async () => {
    server = await startTestServer({ fileBytes: 100_000 });
    [ada, bob] = await Promise.all([sdkSignUp(server), sdkSignUp(server)]);
    ({ id: conversationId } = (await ada.api.conversations.start.mutate({ userId: bob.id })).conversation);
  });
  after(async () => {
    ada.client.close();
    bob.client.close();
    await server.close();
  });

  const errorOf = async (call: Promise<unknown>): Promise<ParleyError> => {
    const error = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ParleyError)) throw error;
    return error;
  };

  it('puts up bytes, blobs and streams, and messages carry them', async () => {
    const bytes = Buffer.alloc(70_000, 'words ');
    const files = await Promise.all([
      ada.client.files.upload(conversationId, { name: 'a.txt', data: new Uint8Array(bytes) }),
      ada.client.files.upload(conversationId, { name: 'b.txt', data: new Blob([bytes]) }),
      ada.client.files.upload(conversationId, { name: 'c.txt', data: streamOf(bytes), size: bytes.length }),
    ]);
    expect(files.map(({ name, size, type }) => [name, size, type])).to.deep.equal(
      ['a.txt', 'b.txt', 'c.txt'].map((name) => [name, 70_000, 'text/plain']),
    );
    const ids = files.map(({ id }) => id);
    const conversation = ada.client.conversation(conversationId);
    await conversation.send('', { files: ids }).stored;
    expect(conversation.messages.at(-1)?.files).to.deep.equal(ids);
    const { items } = await bob.client.files.list({ conversationId });
    expect(items.map(({ id }) => id).sort()).to.deep.equal(ids.toSorted());
    const address = await bob.client.files.url(ids[0] ?? '');
    expect(Buffer.from(await (await fetch(address)).arrayBuffer()).equals(bytes)).to.equal(true);
    conversation.close();
  });

  it('says what speaks against a file, and of an answer that is none of the server’s', async () => {
    const large = errorOf(
      ada.client.files.upload(conversationId, { name: 'a', data: new Blob([Buffer.alloc(100_001)]) }),
    );
    expect(await large).to.include({ code: 'TOO_LARGE' });
    const short = errorOf(
      ada.client.files.upload(conversationId, { name: 'a', data: streamOf(Buffer.alloc(5)), size: 6 }),
    );
    expect(await short).to.include({ code: 'INVALID_INPUT' });
    expect((await short).fields).to.have.key('body');
    expect((await short).requestId).to.be.a('string');
    const aborted = AbortSignal.abort();
    const given = ada.client.files.upload(
      conversationId,
      { name: 'a', data: new Blob(['x']) },
      { signal: aborted },
    );
    expect(await errorOf(given)).to.include({ code: 'ABORTED' });
  });

  it('gives a message back with its files where one of them is not its author’s', async () => {
    const { id } = await bob.client.files.upload(conversationId, { name: 'a', data: new Blob(['x']) });
    const conversation = ada.client.conversation(conversationId);
    const refused = new Promise((resolve) => {
      conversation.on('refused', ({ draft }) => resolve(draft));
    });
    const error = await errorOf(conversation.send('mine', { files: [id] }).stored);
    expect(error).to.include({ code: 'UPDATE_REFUSED', rule: 'C9' });
    expect(await refused).to.deep.equal({ text: 'mine', files: [id] });
    conversation.close();
  });
});
