// Links into groups and rooms. What a link is in itself is tested with those into projects.
import { expect } from 'chai';
import { claimsOf, forgeToken, refusalOf, signUp, TEST_SECRET, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;

describe('links into groups and rooms', () => {
  let place: ServerOnStore;
  let ada: TestPerson;
  let bob: TestPerson;
  before(async () => {
    place = await startServerOnStore('space-links');
    [ada, bob] = await Promise.all([signUp(place.server, 'ada'), signUp(place.server, 'bob')]);
  });
  after(() => place.close());

  it('let in exactly so many of fifty who come at once', async () => {
    const { id: conversationId } = await ada.api.groups.create.mutate({ name: 'a party', announces: false });
    const { id, token } = await ada.api.groups.links.create.mutate({ conversationId, maxUses: 10 });
    const crowd = await Promise.all(Array.from({ length: 50 }, () => signUp(place.server)));
    const outcomes = await Promise.all(
      crowd.map(({ api }) =>
        api.groups.links.join.mutate({ token }).then(
          () => 'in',
          async (error: unknown) => (await refusalOf(Promise.reject(error))).code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'in')).to.have.length(10);
    expect(outcomes.filter((outcome) => outcome === 'EXPIRED')).to.have.length(40);
    expect(await ada.api.groups.get.query({ conversationId })).to.include({ memberCount: 11 });
    const [link] = (await ada.api.groups.links.list.query({ conversationId })).items;
    expect(link).to.include({ id, uses: 10, maxUses: 10, token });
    expect(await codeOf(bob.api.groups.links.preview.query({ token }))).to.equal('EXPIRED');
  });

  it('say where they lead, and lead there until they are revoked or over', async () => {
    const { room } = await ada.api.rooms.joinOrCreate.mutate({
      ...{ name: 'behind a door', visibility: 'private', topic: 'quiet' },
    });
    const conversationId = room.id;
    const { id: linkId, token, expiresAt } = await ada.api.rooms.links.create.mutate({ conversationId });
    const { space, ...others } = await bob.api.rooms.links.preview.query({ token });
    expect(space).to.deep.equal({
      ...{ id: conversationId, kind: 'room', name: 'behind a door', topic: 'quiet', memberCount: 1 },
    });
    expect([others.invitedBy.id, others.expiresAt]).to.deep.equal([ada.id, expiresAt]);
    const usesOf = async () => (await ada.api.rooms.links.list.query({ conversationId })).items[0]?.uses;
    await Promise.all(Array.from({ length: 5 }, () => bob.api.groups.links.join.mutate({ token })));
    await ada.api.rooms.links.join.mutate({ token });
    expect(await usesOf()).to.equal(1);
    await ada.api.rooms.update.mutate({ conversationId, capacity: 2 });
    const eve = await signUp(place.server, 'eve');
    expect(await codeOf(eve.api.rooms.links.join.mutate({ token }))).to.equal('CONFLICT');
    await ada.api.rooms.ban.mutate({ conversationId, userId: bob.id });
    expect(await codeOf(bob.api.rooms.links.join.mutate({ token }))).to.equal('FORBIDDEN');
    await ada.api.rooms.archive.mutate({ conversationId });
    expect(await codeOf(eve.api.rooms.links.join.mutate({ token }))).to.equal('CONFLICT');
    await ada.api.rooms.restore.mutate({ conversationId });
    expect(await usesOf()).to.equal(1);
    const claims = claimsOf(token);
    const project = forgeToken({ ...claims, aud: 'parley:project-link' }, TEST_SECRET);
    expect(await codeOf(eve.api.rooms.links.join.mutate({ token: project }))).to.equal('INVALID_INPUT');
    expect(await codeOf(eve.api.projects.links.join.mutate({ token }))).to.equal('INVALID_INPUT');
    const rows = place.database.collection<{ _id: string }>('conversation_links');
    await rows.updateOne({ _id: linkId }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    expect(await codeOf(eve.api.rooms.links.join.mutate({ token }))).to.equal('EXPIRED');
    const second = await ada.api.rooms.links.create.mutate({ conversationId });
    await ada.api.rooms.links.revoke.mutate({ linkId: second.id });
    expect(await codeOf(eve.api.rooms.links.join.mutate({ token: second.token }))).to.equal('NOT_FOUND');
  });
});
