// Groups: how they are made, how people come in, what is told of it, and their end.
import { expect } from 'chai';
import { streamOverSocket } from '../harness/event-stream.js';
import { refusalOf, signUp, startTestServer, type TestPerson } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;

describe('groups', () => {
  let place: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let mal: TestPerson;
  before(async () => {
    place = await startServerOnStore('groups');
    const signUps = ['ada', 'bob', 'eve', 'mal'].map((name) => signUp(place.server, name));
    [ada, bob, eve, mal] = (await Promise.all(signUps)) as [TestPerson, TestPerson, TestPerson, TestPerson];
    await mal.api.friends.block.mutate({ userId: ada.id });
  });
  after(() => place.close());

  const rows = (name: string) => place.database.collection<Record<string, unknown>>(name);
  const saidIn = async (conversationId: string) =>
    (await ada.api.messages.list.query({ conversationId })).items.map(({ system, author, text }) => ({
      ...{ system, by: author.id, text },
    }));
  const listen = ({ token }: TestPerson) => streamOverSocket(place.server, () => token);
  const notesOf = async ({ api }: TestPerson) =>
    (await api.notifications.list.query()).items.map(({ kind, about, by }) => ({ kind, about, by: by?.id }));

  it('have those in them who were named, and are private where nothing else is said', async () => {
    using stream = listen(bob);
    await stream.until(({ heard }) => heard.length > 0);
    const group = await ada.api.groups.create.mutate({
      name: ' The  Bridge ',
      members: [bob.id, eve.id, ada.id],
    });
    expect(group).to.deep.include({ kind: 'group', name: 'The Bridge', memberCount: 3, joined: true });
    expect(group.settings).to.include({ visibility: 'private', announces: true, history: 'all' });
    const conversationId = group.id;
    const [mine] = (await bob.api.conversations.list.query({ kind: 'group' })).items;
    expect(mine).to.deep.include({ id: conversationId, name: 'The Bridge', memberCount: 3 });
    await bob.api.messages.send.mutate({ conversationId, text: 'hello' });
    expect(await saidIn(conversationId)).to.deep.equal([
      { system: { type: 'joined', users: [bob.id, eve.id] }, by: ada.id, text: '' },
      { system: null, by: bob.id, text: 'hello' },
    ]);
    await stream.until(({ of }) => of('conversation.memberJoined').some(({ userId }) => userId === bob.id));
    expect(await codeOf(mal.api.groups.get.query({ conversationId }))).to.equal('NOT_FOUND');
    expect(await codeOf(mal.api.groups.join.mutate({ conversationId }))).to.equal('NOT_FOUND');
  });

  it('are not made where somebody named is nobody, or across a block', async () => {
    const before = await rows('conversations').countDocuments({});
    for (const stranger of [mal.id, 'nobody']) {
      const making = ada.api.groups.create.mutate({ name: 'half', members: [bob.id, stranger] });
      const refusal = await refusalOf(making);
      expect([refusal.code, Object.keys(refusal.fields)]).to.deep.equal(['NOT_FOUND', ['members.1']]);
    }
    const full = ada.api.groups.create.mutate({ name: 'half', members: [bob.id], capacity: 1 });
    expect(Object.keys((await refusalOf(full)).fields)).to.deep.equal(['capacity']);
    expect(await rows('conversations').countDocuments({})).to.equal(before);
  });

  it('are one for each name of those that somebody has made and is in', async () => {
    const names = ['Café', 'cafe\u0301', 'CAFÉ', ' café '];
    const made = await Promise.allSettled(names.map((name) => ada.api.groups.create.mutate({ name })));
    const [group] = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(made.filter(({ status }) => status === 'rejected')).to.have.length(3);
    const again = await refusalOf(ada.api.groups.create.mutate({ name: 'café' }));
    expect([again.code, Object.keys(again.fields)]).to.deep.equal(['CONFLICT', ['name']]);
    await bob.api.groups.create.mutate({ name: 'café' });
    const conversationId = group?.id ?? '';
    // Renamed, the name is free; and it is not when another has it.
    await ada.api.groups.update.mutate({ conversationId, name: 'Bistro' });
    const second = await ada.api.groups.create.mutate({ name: 'Café' });
    const renaming = ada.api.groups.update.mutate({ conversationId, name: 'CAFÉ' });
    expect(await codeOf(renaming)).to.equal('CONFLICT');
    await ada.api.groups.delete.mutate({ conversationId: second.id });
    await ada.api.groups.update.mutate({ conversationId, name: 'CAFÉ' });
    await ada.api.groups.leave.mutate({ conversationId });
    await ada.api.groups.create.mutate({ name: 'Café' });
    // Of what was not made to the end nothing is left.
    expect(await rows('conversations').countDocuments({ deletedAt: { $ne: null } })).to.equal(0);
  });

  it('that are public are found by how their name begins, and joined by whoever wants to', async () => {
    const group = await ada.api.groups.create.mutate({
      name: 'Öffentlich (1)',
      visibility: 'public',
      topic: 'x',
    });
    const hidden = await ada.api.groups.create.mutate({ name: 'Öffentlich (2)' });
    const found = (await eve.api.groups.list.query({ search: 'O\u0308FFENTLICH (' })).items;
    expect(found.map(({ id, joined }) => [id, joined])).to.deep.equal([[group.id, false]]);
    expect(found.map(({ id }) => id)).not.to.include(hidden.id);
    const conversationId = group.id;
    expect(await eve.api.groups.join.mutate({ conversationId })).to.include({ joined: true, memberCount: 2 });
    expect(await eve.api.groups.join.mutate({ conversationId })).to.include({ joined: true, memberCount: 2 });
    await eve.api.groups.leave.mutate({ conversationId });
    await eve.api.groups.leave.mutate({ conversationId });
    expect(await saidIn(conversationId)).to.deep.equal([
      { system: { type: 'joined', users: [eve.id] }, by: eve.id, text: '' },
      { system: { type: 'left', users: [eve.id] }, by: eve.id, text: '' },
    ]);
  });

  it('ask people in, who are told of it until that is over', async () => {
    const { id: conversationId } = await ada.api.groups.create.mutate({ name: 'asks' });
    const ref = { conversationId, userId: bob.id };
    using stream = listen(ada);
    await stream.until(({ heard }) => heard.length > 0);
    await ada.api.groups.invite.mutate(ref);
    await ada.api.groups.invite.mutate(ref);
    const invitation = { kind: 'invitation', about: { type: 'conversation', conversationId }, by: ada.id };
    expect(await notesOf(bob)).to.deep.equal([invitation]);
    const [mine] = (await bob.api.groups.invitations.query()).items;
    expect(mine?.by?.id).to.equal(ada.id);
    expect(mine?.space).to.include({ id: conversationId, name: 'asks', joined: false, pending: 'invited' });
    expect((await bob.api.rooms.invitations.query()).items).to.deep.equal([]);
    const { items } = await ada.api.groups.invited.query({ conversationId });
    expect(items.map(({ person }) => person.id)).to.deep.equal([bob.id]);
    expect(await bob.api.groups.get.query({ conversationId })).to.include({ pending: 'invited' });

    await bob.api.groups.decline.mutate({ conversationId });
    expect(await notesOf(bob)).to.deep.equal([]);
    expect(await codeOf(bob.api.groups.join.mutate({ conversationId }))).to.equal('NOT_FOUND');
    await ada.api.groups.invite.mutate(ref);
    await ada.api.groups.revokeInvitation.mutate(ref);
    expect(await notesOf(bob)).to.deep.equal([]);
    expect(await codeOf(ada.api.groups.revokeInvitation.mutate(ref))).to.equal('NOT_FOUND');
    await ada.api.groups.invite.mutate(ref);
    expect(await bob.api.groups.join.mutate({ conversationId })).to.include({ joined: true, pending: null });
    expect(await notesOf(bob)).to.deep.equal([]);
    expect(await codeOf(ada.api.groups.invite.mutate(ref))).to.equal('CONFLICT');
    for (const userId of [mal.id, 'nobody'])
      for (const call of [ada.api.groups.invite, ada.api.groups.addMember])
        expect(await codeOf(call.mutate({ conversationId, userId }))).to.equal('NOT_FOUND');
    await stream.until(({ of }) => of('conversation.invitationEnded').length === 3);
    expect(stream.of('conversation.invitationEnded').map(({ outcome }) => outcome)).to.deep.equal([
      ...['declined', 'revoked', 'accepted'],
    ]);
  });

  it('let people in who ask, where admins want to be asked', async () => {
    const { id: conversationId } = await ada.api.groups.create.mutate({
      ...{ name: 'by request', visibility: 'public', approval: true, members: [eve.id] },
    });
    const ref = { conversationId, userId: bob.id };
    expect(await bob.api.groups.join.mutate({ conversationId })).to.include({
      joined: false,
      pending: 'requested',
    });
    await bob.api.groups.join.mutate({ conversationId });
    const request = { kind: 'joinRequest', about: { type: 'joinRequest', ...ref }, by: bob.id };
    expect(await notesOf(ada)).to.deep.equal([request]);
    expect(await notesOf(eve)).to.deep.equal([]);
    expect(await codeOf(bob.api.messages.list.query({ conversationId }))).to.equal('FORBIDDEN');
    await ada.api.groups.update.mutate({ conversationId, visibility: 'private' });
    await bob.api.groups.leave.mutate({ conversationId });
    expect(await notesOf(ada)).to.deep.equal([]);
    expect(await codeOf(bob.api.groups.get.query({ conversationId }))).to.equal('NOT_FOUND');
    await ada.api.groups.update.mutate({ conversationId, visibility: 'public' });
    await bob.api.groups.join.mutate({ conversationId });
    await ada.api.groups.declineRequest.mutate(ref);
    expect(await notesOf(ada)).to.deep.equal([]);
    expect(await codeOf(ada.api.groups.approve.mutate(ref))).to.equal('NOT_FOUND');
    await bob.api.groups.join.mutate({ conversationId });
    const { items } = await ada.api.groups.requests.query({ conversationId });
    expect(items.map(({ person }) => person.id)).to.deep.equal([bob.id]);
    await Promise.all([1, 2, 3].map(() => ada.api.groups.approve.mutate(ref)));
    expect(await bob.api.groups.get.query({ conversationId })).to.include({ joined: true, memberCount: 3 });
    expect(await notesOf(ada)).to.deep.equal([]);
  });

  it('list who is kept out, and what one is invited to, page by page', async () => {
    const made = [];
    for (const name of ['one', 'two', 'three']) {
      const { id: conversationId } = await ada.api.groups.create.mutate({ name: `page ${name}` });
      await ada.api.groups.invite.mutate({ conversationId, userId: eve.id });
      made.unshift(conversationId);
    }
    const first = await eve.api.groups.invitations.query({ limit: 2 });
    const rest = await eve.api.groups.invitations.query({ limit: 2, cursor: first.nextCursor ?? '' });
    const found = [...first.items, ...rest.items].map(({ space }) => space.id);
    expect([found.slice(0, 3), first.items.length]).to.deep.equal([made, 2]);
    const [conversationId = ''] = made;
    for (const { id: userId } of [bob, eve, mal]) await ada.api.groups.ban.mutate({ conversationId, userId });
    const newest = await ada.api.groups.banned.query({ conversationId, limit: 2 });
    expect(newest.items.map(({ person }) => person.id)).to.deep.equal([mal.id, eve.id]);
    const last = await ada.api.groups.banned.query({
      conversationId,
      limit: 2,
      cursor: newest.nextCursor ?? '',
    });
    expect([last.items.map(({ person }) => person.id), last.nextCursor]).to.deep.equal([[bob.id], null]);
    const left = (await eve.api.groups.invitations.query()).items.map(({ space }) => space.id);
    expect(left).not.to.include(conversationId);
    for (const id of made.slice(1)) await eve.api.groups.decline.mutate({ conversationId: id });
  });

  it('tell of what is changed in them, and take nobody in while archived', async () => {
    const { id: conversationId } = await ada.api.groups.create.mutate({ name: 'changes', members: [bob.id] });
    using stream = listen(bob);
    await stream.until(({ heard }) => heard.length > 0);
    const change = { name: 'changed', topic: 'of what', visibility: 'public', slowModeMs: 5 } as const;
    const changed = await ada.api.groups.update.mutate({ conversationId, ...change });
    expect(changed).to.include({ name: 'changed', topic: 'of what' });
    await stream.until(({ of }) => of('conversation.updated').length === 1);
    expect(stream.of('conversation.updated')[0]).to.deep.equal({
      ...{ type: 'conversation.updated', conversationId, by: ada.id },
      changes: { name: 'changed', topic: 'of what', settings: { visibility: 'public', slowModeMs: 5 } },
    });
    expect((await saidIn(conversationId)).slice(1)).to.deep.equal([
      { system: { type: 'renamed', name: 'changed' }, by: ada.id, text: '' },
      { system: { type: 'topic', topic: 'of what' }, by: ada.id, text: '' },
    ]);
    expect((await ada.api.groups.archive.mutate({ conversationId })).archivedAt).to.be.instanceOf(Date);
    expect(await codeOf(eve.api.groups.join.mutate({ conversationId }))).to.equal('CONFLICT');
    expect(await codeOf(ada.api.groups.update.mutate({ conversationId, topic: 'y' }))).to.equal('CONFLICT');
    expect(await codeOf(ada.api.groups.invite.mutate({ conversationId, userId: eve.id }))).to.equal(
      'CONFLICT',
    );
    expect(await codeOf(bob.api.messages.send.mutate({ conversationId, text: 'x' }))).to.equal('FORBIDDEN');
    const shown = async (archived: boolean): Promise<number> =>
      (await eve.api.groups.list.query({ search: 'changed', archived })).items.length;
    expect([await shown(false), await shown(true)]).to.deep.equal([0, 1]);
    await ada.api.groups.restore.mutate({ conversationId });
    await eve.api.groups.join.mutate({ conversationId });
  });

  it('end for everybody at once, with all that was in them, after a crash too', async () => {
    const make = async (name: string): Promise<string> => {
      const { id } = await ada.api.groups.create.mutate({ name, members: [bob.id] });
      await ada.api.groups.invite.mutate({ conversationId: id, userId: eve.id });
      await ada.api.groups.links.create.mutate({ conversationId: id });
      await bob.api.messages.send.mutate({ conversationId: id, text: 'hello' });
      await bob.api.pads.create.mutate({ conversationId: id, title: 'notes' });
      return id;
    };
    const left = async (id: string): Promise<number> => {
      const counts = [
        rows('conversations').countDocuments({ _id: id as never }),
        rows('conversation_links').countDocuments({ place: id }),
        ...['memberships', 'messages', 'pads'].map((name) => rows(name).countDocuments({ conversation: id })),
      ];
      return (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
    };
    const [first, second] = [await make('ends'), await make('ends half-way')];
    using stream = listen(bob);
    await stream.until(({ heard }) => heard.length > 0);
    const client = await new RawClient({
      ...{ url: place.server.url, conversationId: first, token: bob.token },
    }).synced();
    await ada.api.groups.delete.mutate({ conversationId: first });
    expect((await client.closed).code).to.equal(4404);
    await stream.until(({ of }) => of('conversation.deleted').length === 1);
    expect(stream.of('conversation.deleted')[0]).to.include({ conversationId: first, by: ada.id });
    expect(await left(first)).to.equal(0);
    expect((await notesOf(eve)).map(({ about }) => about)).to.deep.equal([
      { type: 'conversation', conversationId: second },
    ]);
    expect(await codeOf(ada.api.groups.get.query({ conversationId: first }))).to.equal('NOT_FOUND');
    await ada.api.groups.create.mutate({ name: 'ends' });

    // Killed after the mark and some of the rest; and one that was never made to the end, long ago.
    await rows('conversations').updateOne({ _id: second as never }, { $set: { deletedAt: new Date() } });
    await rows('messages').deleteMany({ conversation: second });
    const longAgo = new Date(Date.now() - 3_600_000);
    const template = await rows('conversations').findOne({ kind: 'group' });
    const { groupKey: _key, foldedName: _name, ...half }: Record<string, unknown> = template ?? {};
    const never = { ...half, _id: 'never', deletedAt: new Date(0), createdAt: longAgo };
    await rows('conversations').insertOne(never as never);
    await rows('memberships').insertOne({ conversation: 'never', user: eve.id, state: 'member' });
    await using again = await startTestServer({ mongodbUri: place.uri });
    expect(again.url).not.to.equal(place.server.url);
    expect([await left(second), await left('never')]).to.deep.equal([0, 0]);
    expect(await notesOf(eve)).to.deep.equal([]);
  });
});
