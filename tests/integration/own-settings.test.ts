import { limits } from '@parley/shared';
import { expect } from 'chai';
import { streamOverSocket } from '../harness/event-stream.js';
import { refusalOf, signUp, type TestPerson } from '../harness/kit.js';
import { sdkSignIn } from '../harness/sdk-person.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

describe('what one sets in a conversation for oneself', () => {
  let on: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  let id: string;
  before(async () => {
    on = await startServerOnStore('own-settings');
    [ada, bob] = [await signUp(on.server, 'ada'), await signUp(on.server, 'bob')];
    id = (await ada.api.conversations.start.mutate({ userId: bob.id })).conversation.id;
  });
  after(() => on.close());

  const say = (who: TestPerson, text: string) => who.api.messages.send.mutate({ conversationId: id, text });
  const idsFor = async (input: Parameters<typeof ada.api.conversations.list.query>[0]) =>
    (await ada.api.conversations.list.query(input)).items.map((item) => item.id);

  it('pins and archives, shows it in the list, and finds it by that', async () => {
    const pinned = await ada.api.conversations.pin.mutate({ conversationId: id, pinned: true });
    expect(pinned.me.pinnedAt).to.be.instanceOf(Date);
    expect(await idsFor({ pinned: true })).to.deep.equal([id]);
    expect(await idsFor({ pinned: false })).to.deep.equal([]);
    await ada.api.conversations.archive.mutate({ conversationId: id, archived: true });
    expect(await idsFor({ archived: true })).to.deep.equal([id]);
    expect(await idsFor({ archived: false })).to.deep.equal([]);
    expect(await idsFor({})).to.deep.equal([id]);
    expect(await idsFor({ kind: 'room' })).to.deep.equal([]);
    // The other has set nothing.
    const { me } = await bob.api.conversations.get.query({ conversationId: id });
    expect(me).to.include({ pinnedAt: null, archivedAt: null });
    await ada.api.conversations.pin.mutate({ conversationId: id, pinned: false });
    await ada.api.conversations.archive.mutate({ conversationId: id, archived: false });
  });

  it('pins no more than one may', async () => {
    const pins = Array.from({ length: limits.conversationsPinned.value }, (_, index) => ({
      ...{ _id: `pin-${index}`, conversation: `c${index}`, user: ada.id, role: 'member', state: 'member' },
      ...{ joinedAt: new Date(), pinnedAt: new Date() },
    }));
    const rows = on.database.collection<{ _id: string }>('memberships');
    await rows.insertMany(pins);
    const refusal = await refusalOf(ada.api.conversations.pin.mutate({ conversationId: id, pinned: true }));
    expect(refusal).to.deep.include({ code: 'CONFLICT' });
    await rows.deleteMany({ _id: { $in: pins.map(({ _id }) => _id) } });
  });

  it('notifies of no mention as long as it is muted', async () => {
    const count = async () => (await ada.api.notifications.unread.query()).unread;
    const mention = () =>
      bob.api.messages.send.mutate({ conversationId: id, text: 'hey', mentions: [ada.id] });
    await ada.api.conversations.mute.mutate({ conversationId: id, until: new Date(Date.now() + 3_600_000) });
    const before = await count();
    await mention();
    expect(await count()).to.equal(before);
    await ada.api.conversations.mute.mutate({ conversationId: id, until: new Date(Date.now() - 1) });
    await mention();
    expect(await count()).to.equal(before + 1);
  });

  it('deletes it for oneself: out of the list with all that was said, until there is more; the other keeps it', async () => {
    await say(bob, 'an old word');
    await ada.api.conversations.delete.mutate({ conversationId: id });
    expect(await idsFor({})).to.deep.equal([]);
    expect((await ada.api.auth.me.query()).unread).to.equal(0);
    expect(await bob.api.conversations.list.query())
      .to.have.property('items')
      .with.length(1);
    const old = (await bob.api.messages.list.query({ conversationId: id })).items.at(-1);
    const { id: newer } = await say(bob, 'a new word');
    expect(await idsFor({})).to.deep.equal([id]);
    const { items } = await ada.api.messages.list.query({ conversationId: id });
    expect(items.map(({ text }) => text)).to.deep.equal(['a new word']);
    expect((await ada.api.conversations.get.query({ conversationId: id })).unread).to.equal(1);
    for (const call of [
      () => ada.api.messages.around.query({ conversationId: id, id: old?.id ?? '' }),
      () => ada.api.messages.react.mutate({ conversationId: id, id: old?.id ?? '', emoji: '👍' }),
    ])
      expect((await refusalOf(call())).code).to.equal('NOT_FOUND');
    const { client } = await sdkSignIn(on.server, ada);
    const conversation = client.conversation(id);
    await conversation.whenSynced();
    while (conversation.messages.length !== 1 || conversation.messages[0]?.seq === null)
      await new Promise<void>((resolve) => {
        const stop = conversation.subscribe(() => {
          stop();
          resolve();
        });
      });
    expect(conversation.messages.map(({ text }) => text)).to.deep.equal(['a new word']);
    await client.close();
    const older = await ada.api.messages.around.query({ conversationId: id, id: newer });
    expect([older.items.length, older.olderCursor]).to.deep.equal([1, null]);
  });

  it('tells one’s other devices, and nobody else', async () => {
    using mine = streamOverSocket(on.server, () => ada.token);
    using theirs = streamOverSocket(on.server, () => bob.token);
    await mine.until((stream) => stream.of('stream.ready').length > 0);
    await theirs.until((stream) => stream.of('stream.ready').length > 0);
    await ada.api.conversations.pin.mutate({ conversationId: id, pinned: true });
    await mine.until((stream) => stream.of('conversation.placeChanged').length > 0);
    await say(ada, 'x');
    await theirs.until((stream) => stream.of('message.added').length > 0);
    expect(theirs.of('conversation.placeChanged')).to.deep.equal([]);
  });

  it('lists who is in it, with role, how far they have read, and whether they are here', async () => {
    using stream = streamOverSocket(on.server, () => bob.token);
    await stream.until(({ heard }) => heard.length > 0);
    const { seq } = await say(ada, 'read this');
    await bob.api.conversations.markRead.mutate({ conversationId: id, seq });
    const { items, nextCursor } = await ada.api.conversations.participants.query({ conversationId: id });
    expect(nextCursor).to.equal(null);
    const there = items.find(({ person }) => person.id === bob.id);
    expect(there).to.include({ role: 'member', silenced: false, lastReadSeq: seq });
    expect(there?.presence.status).to.equal('available');
  });

  it('leaves the two of a block reading only, at once, and writing again once it is gone', async () => {
    await bob.api.friends.block.mutate({ userId: ada.id });
    for (const who of [ada, bob]) expect((await refusalOf(say(who, 'psst'))).code).to.equal('FORBIDDEN');
    expect((await ada.api.messages.list.query({ conversationId: id })).items).to.not.deep.equal([]);
    await bob.api.friends.unblock.mutate({ userId: ada.id });
    expect((await say(ada, 'hello again')).text).to.equal('hello again');
  });

  it('is kept as long as whoever wants it longer, and the other hears of that', async () => {
    using theirs = streamOverSocket(on.server, () => bob.token);
    await theirs.until((stream) => stream.of('stream.ready').length > 0);
    const keep = async (who: TestPerson, days: number | null) => {
      const { me, settings } = await who.api.conversations.keep.mutate({ conversationId: id, days });
      return [me.keepDays, settings.retentionDays];
    };
    expect(await keep(ada, 1), 'nobody erases what the other keeps').to.deep.equal([1, null]);
    expect(await keep(bob, 30)).to.deep.equal([30, 30]);
    await theirs.until((stream) => stream.of('conversation.updated').length > 0);
    const [told] = theirs.of('conversation.updated');
    expect(told).to.deep.include({ by: bob.id, changes: { settings: { retentionDays: 30 } } });
    expect(await keep(bob, null)).to.deep.equal([null, null]);
    await Promise.all([keep(ada, 5), keep(bob, 3)]);
    const { settings } = await ada.api.conversations.get.query({ conversationId: id });
    expect(settings.retentionDays).to.equal(5);
  });
});
