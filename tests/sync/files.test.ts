import { appendMessage, newId } from '@parley/shared';
import { expect } from 'chai';
import { upload } from '../harness/files.js';
import { refusalOf, signUp, type TestPerson } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';
import { until } from '../harness/until.js';

const HELLO = Buffer.from('hello');

describe('files of messages', () => {
  let place: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  let conversationId: string;
  let otherId: string;

  before(async () => {
    place = await startServerOnStore('sync-files', { documentIdleMs: 0, collectFilesMs: 50 });
    [ada, bob] = await Promise.all([signUp(place.server, 'ada'), signUp(place.server, 'bob')]);
    ({ id: conversationId } = (await ada.api.conversations.start.mutate({ userId: bob.id })).conversation);
    ({ id: otherId } = (await ada.api.rooms.joinOrCreate.mutate({ name: 'Elsewhere' })).room);
  });
  after(() => place.close());

  const put = (person: TestPerson, where = conversationId) =>
    upload(place.server, person, { conversationId: where, bytes: HELLO });
  const connect = (person: TestPerson) =>
    new RawClient({ url: place.server.url, conversationId, token: person.token, acks: true }).synced();
  const rows = () => place.database.collection<{ _id: string; state: string; message: string }>('files');

  /** By both doors: whether a message of the person's with those files is taken. */
  const doors = {
    document: async (person: TestPerson, files: readonly string[]): Promise<string> => {
      await using client = await connect(person);
      client.write((doc) => appendMessage(doc, { author: person.id, text: 'look', files }));
      await client.until(() => client.frames.some(({ type }) => type === 'stored' || type === 'refused'));
      const refused = client.frames.find((frame) => frame.type === 'refused');
      return refused === undefined ? 'taken' : (refused.refusal.rule ?? refused.refusal.code);
    },
    procedure: async (person: TestPerson, files: readonly string[]): Promise<string> =>
      await person.api.messages.send.mutate({ conversationId, text: 'look', files: [...files] }).then(
        () => 'taken',
        async (error: unknown) => {
          const { code, fields } = await refusalOf(Promise.reject(error));
          return code === 'UPDATE_REFUSED' && 'files' in fields ? 'C9' : code;
        },
      ),
  };
  for (const [door, send] of Object.entries(doors)) {
    it(`[C9] come into a message by ${door} when they are the author’s, stored, of this conversation, in no other, and once`, async () => {
      const [own, more, theirs, elsewhere] = await Promise.all([
        put(ada),
        put(ada),
        put(bob),
        put(ada, otherId),
      ]);
      const ticket = await ada.api.files.ticket.mutate({ conversationId, name: 'a', size: 1 });
      for (const wrong of [theirs.id, elsewhere.id, ticket.fileId, newId(), own.id])
        expect(await send(ada, [own.id, wrong])).to.equal('C9');
      expect(await send(ada, [own.id, more.id])).to.equal('taken');
      for (const again of [[own.id], [more.id]]) expect(await send(ada, again)).to.equal('C9');
      // The document is read again: what it knew of files too.
      expect(await send(bob, [theirs.id])).to.equal('taken');
      const { items } = await bob.api.messages.list.query({ conversationId, limit: 2 });
      expect(items.map(({ files }) => files.map(({ id }) => id))).to.deep.equal([
        [own.id, more.id],
        [theirs.id],
      ]);
    });
  }

  it('[C9] that are in a message which history lacks yet are in no other after a restart', async () => {
    const file = await put(ada);
    await using client = await connect(ada);
    client.write((doc) => appendMessage(doc, { author: ada.id, text: 'look', files: [file.id] }));
    await client.next('stored');
    // As if the process had died before its row told so.
    await ada.api.messages.list.query({ conversationId });
    await rows().updateOne({ _id: file.id }, { $set: { state: 'stored', message: null } } as never);
    await client.close();
    expect(await doors.document(ada, [file.id])).to.equal('C9');
    await rows().updateOne({ _id: file.id }, { $set: { state: 'attached' } });
  });

  it('are never lost to the collector: a message is taken with all its files, or refused', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 6; round += 1) {
      const files = await Promise.all([put(ada), put(ada), put(ada)]);
      const due = { $set: { dueAt: new Date() } };
      const sends = files.map(async ({ id }, at) => {
        const collected = rows().updateOne({ _id: id }, due);
        if (at === round % 3) await collected;
        return { id, outcome: await doors[round % 2 === 0 ? 'document' : 'procedure'](ada, [id]) };
      });
      for (const { id, outcome } of await Promise.all(sends)) {
        outcomes.add(outcome);
        if (outcome !== 'taken') {
          await until(async () => (await rows().findOne({ _id: id })) === null);
          continue;
        }
        await until(async () => (await rows().findOne({ _id: id }))?.state === 'attached');
        const { url } = await bob.api.files.get.query({ fileId: id });
        expect(await (await fetch(`${place.server.url}${url}`)).text()).to.equal('hello');
      }
    }
    expect([...outcomes].sort().join()).to.be.oneOf(['taken', 'C9,taken', 'C9']);
  });

  it('that were given to the collector while their message was on its way stay with it', async () => {
    const file = await put(ada);
    await using client = await connect(ada);
    client.write((doc) => appendMessage(doc, { author: ada.id, text: 'look', files: [file.id] }));
    await client.next('stored');
    await bob.api.messages.list.query({ conversationId });
    // As the collector leaves it where it looked before history told of the message.
    await rows().updateOne({ _id: file.id }, {
      $set: { state: 'collecting', message: null, dueAt: new Date() },
    } as never);
    await until(
      async () => ((await rows().findOne({ _id: file.id })) as never as { dueAt: Date }).dueAt > new Date(),
    );
    expect((await rows().findOne({ _id: file.id }))?.state).to.equal('collecting');
  });
});
