// How files end: with their message, by their owner, or when their time is over.
import { expect } from 'chai';
import { fetchFile, HELLO, leftIn, put, ticketFor, upload } from '../harness/files.js';
import { type FilesPlace, startFilesPlace } from '../harness/files-place.js';
import { refusalOf, type TestPerson, type TestServer } from '../harness/kit.js';
import { until } from '../harness/until.js';

describe('files end', () => {
  let place: FilesPlace;
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let conversationId: string;

  before(async () => {
    place = await startFilesPlace('files-ending');
    ({ server, ada, bob, conversationId } = place);
  });
  after(() => place.close());

  it('with their message, bytes and all', async () => {
    const before = await leftIn(place.database);
    const file = await upload(server, ada, { conversationId, bytes: HELLO });
    const { id } = await ada.api.messages.send.mutate({ conversationId, text: 'look', files: [file.id] });
    const { url } = await bob.api.files.get.query({ fileId: file.id });
    expect((await ada.api.messages.delete.mutate({ conversationId, id })).files).to.deep.equal([]);
    expect(await refusalOf(bob.api.files.get.query({ fileId: file.id }))).to.include({ code: 'NOT_FOUND' });
    expect((await fetchFile(`${server.url}${url}`)).status).to.equal(404);
    await until(async () => (await leftIn(place.database)).rows === before.rows);
    expect(await leftIn(place.database)).to.deep.equal(before);
  });
  it('never were, where a message says nothing and has none', async () => {
    for (const files of [undefined, []]) {
      const nothing = ada.api.messages.send.mutate({
        conversationId,
        text: ' \n',
        ...(files && { files }),
      });
      expect((await refusalOf(nothing)).fields).to.have.key('text');
    }
  });
  it('when they are deleted before they are sent, and not after', async () => {
    const before = await leftIn(place.database);
    const unsent = await upload(server, ada, { conversationId, bytes: HELLO });
    await ada.api.files.delete.mutate({ fileId: unsent.id });
    expect(await leftIn(place.database)).to.deep.equal(before);
    expect(
      await refusalOf(ada.api.messages.send.mutate({ conversationId, text: 'x', files: [unsent.id] })),
    ).to.include({ code: 'UPDATE_REFUSED' });
    const file = await place.sendFile(HELLO);
    expect(await refusalOf(ada.api.files.delete.mutate({ fileId: file.id }))).to.include({
      code: 'CONFLICT',
    });
    expect(await refusalOf(bob.api.files.delete.mutate({ fileId: file.id }))).to.include({
      code: 'FORBIDDEN',
    });
  });
  it('when their time is over; their message says so', async () => {
    const file = await upload(server, ada, { conversationId, bytes: HELLO, expiresInHours: 1 });
    const text = 'for now';
    const { id } = await ada.api.messages.send.mutate({ conversationId, text, files: [file.id] });
    const row = await place.rowOf(file.id);
    expect(row?.dueAt).to.deep.equal(row?.expiresAt);
    expect(row?.expiresAt.getTime()).to.be.within(Date.now() + 3_500_000, Date.now() + 3_600_000);
    const now = new Date();
    await place.files.updateOne({ _id: file.id }, { $set: { expiresAt: now, dueAt: now } });
    await until(async () => (await place.rowOf(file.id))?.state === 'expired');
    expect(await refusalOf(bob.api.files.get.query({ fileId: file.id }))).to.include({ code: 'EXPIRED' });
    const bare = await fetchFile(`${server.url}/files/${file.id}`, {
      authorization: `Bearer ${bob.token}`,
    });
    expect(bare.status).to.equal(410);
    const { items } = await bob.api.messages.list.query({ conversationId });
    expect(items.find((message) => message.id === id)?.files).to.deep.equal([
      { id: file.id, name: 'notes.bin', size: HELLO.length, type: 'text/plain', image: null, gone: true },
    ]);
  });
  it('when nobody has sent them, or used their ticket', async () => {
    const before = await leftIn(place.database);
    const [file, ticket] = await Promise.all([
      upload(server, ada, { conversationId, bytes: HELLO }),
      ticketFor(ada, { conversationId, bytes: HELLO }),
    ]);
    const both = { _id: { $in: [file.id, ticket.fileId] } };
    await place.files.updateMany(both, { $set: { dueAt: new Date() } });
    await until(async () => (await place.files.countDocuments(both)) === 0);
    expect(await leftIn(place.database)).to.deep.equal(before);
    expect((await put(`${server.url}${ticket.url}`, HELLO)).code).to.equal('EXPIRED');
  });
});
