// Coming into groups and rooms and going out of them, many at once; who may do what to whom there.
import { appendMessage } from '@parley/shared';
import { expect } from 'chai';
import { refusalOf, signUp, TEST_PASSWORD, type TestPerson } from '../harness/kit.js';
import { RawClient } from '../harness/raw-client.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

interface CountsRow {
  readonly _id: string;
  readonly memberCount: number;
  readonly ownerCount: number;
  readonly movedAt: Date;
}
interface PlaceRow {
  readonly _id: string;
  readonly conversation: string;
  readonly user: string;
  readonly role: string;
  readonly state: string;
}

const outcomeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'ok',
    async (error: unknown) => (await refusalOf(Promise.reject(error))).code,
  );

describe('who is in a group or a room', () => {
  let place: ServerOnStore;
  let people: readonly TestPerson[];
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let count = 0;
  before(async () => {
    place = await startServerOnStore('members');
    people = await Promise.all(Array.from({ length: 20 }, () => signUp(place.server, 'one')));
    [ada, bob, eve] = people as [TestPerson, TestPerson, TestPerson];
  });
  after(() => place.close());

  const nameOf = (): string => {
    count += 1;
    return `place ${count}`;
  };
  const group = async (more: object = {}): Promise<string> =>
    (await ada.api.groups.create.mutate({ name: nameOf(), visibility: 'public', announces: false, ...more }))
      .id;
  const conversations = () => place.database.collection<CountsRow>('conversations');
  const places = () => place.database.collection<PlaceRow>('memberships');
  const rolesIn = async (conversation: string): Promise<Record<string, string>> => {
    const rows = await places().find({ conversation, state: 'member' }).toArray();
    return Object.fromEntries(rows.map(({ user, role }) => [user, role]));
  };
  /** That the counts of the row are what rows of members say. */
  const expectCounted = async (conversation: string, members: number): Promise<void> => {
    const roles = Object.values(await rolesIn(conversation));
    expect(roles).to.have.length(members);
    const row = await conversations().findOne({ _id: conversation });
    expect(row).to.include({
      ...{ memberCount: members, ownerCount: roles.filter((role) => role === 'owner').length },
    });
  };

  it('is counted once, however often somebody comes and goes at the same moment', async () => {
    const id = await group();
    const joins = Array.from({ length: 20 }, () => bob.api.groups.join.mutate({ conversationId: id }));
    for (const space of await Promise.all(joins)) expect(space).to.include({ id, joined: true });
    await expectCounted(id, 2);
    await Promise.all(Array.from({ length: 20 }, () => bob.api.groups.leave.mutate({ conversationId: id })));
    await expectCounted(id, 1);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? bob.api.groups.join.mutate({ conversationId: id })
          : bob.api.groups.leave.mutate({ conversationId: id }),
      ),
    );
    await expectCounted(id, Object.keys(await rolesIn(id)).length);
  });

  it('is never more than it holds, and as many as it holds, when twenty come at once', async () => {
    const name = nameOf();
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name, capacity: 5 });
    const outcomes = await Promise.all(
      people.map(({ api }) => outcomeOf(api.rooms.joinOrCreate.mutate({ name }))),
    );
    expect(outcomes.toSorted()).to.deep.equal([
      ...Array.from({ length: 15 }, () => 'CONFLICT'),
      ...Array.from({ length: 5 }, () => 'ok'),
    ]);
    await expectCounted(room.id, 5);
    const late = people.find((_, index) => outcomes[index] !== 'ok') ?? eve;
    const refusal = await refusalOf(late.api.rooms.joinOrCreate.mutate({ name }));
    expect(Object.keys(refusal.fields)).to.deep.equal(['capacity']);
    const gone = people.find((_, index) => index > 0 && outcomes[index] === 'ok') ?? eve;
    await gone.api.rooms.leave.mutate({ conversationId: room.id });
    await late.api.rooms.joinOrCreate.mutate({ name });
    await expectCounted(room.id, 5);
  });

  it('is counted again where a crash left a place that nobody has, once nobody can be on the way', async () => {
    const id = await group({ capacity: 3 });
    await conversations().updateOne(
      { _id: id },
      { $set: { memberCount: 3, ownerCount: 0, movedAt: new Date() } },
    );
    expect(await outcomeOf(bob.api.groups.join.mutate({ conversationId: id }))).to.equal('CONFLICT');
    const longAgo = new Date(Date.now() - 120_000);
    await conversations().updateOne({ _id: id }, { $set: { movedAt: longAgo } });
    await bob.api.groups.join.mutate({ conversationId: id });
    await expectCounted(id, 2);
    // An owner who is not counted could not hand it on.
    await ada.api.groups.setRole.mutate({ conversationId: id, userId: bob.id, role: 'owner' });
    await conversations().updateOne({ _id: id }, { $set: { ownerCount: 1, movedAt: longAgo } });
    await ada.api.groups.leave.mutate({ conversationId: id });
    await expectCounted(id, 1);
  });

  it('always has an owner: of two who leave at once one stays, until nobody else is there', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await group({ members: [bob.id, eve.id] });
      await ada.api.groups.setRole.mutate({ conversationId: id, userId: bob.id, role: 'owner' });
      const both = [ada, bob] as const;
      const outcomes = await Promise.all(
        both.map(({ api }) => outcomeOf(api.groups.leave.mutate({ conversationId: id }))),
      );
      expect(outcomes.toSorted()).to.deep.equal(['CONFLICT', 'ok']);
      await expectCounted(id, 2);
      const stayed = both[outcomes.indexOf('CONFLICT')] ?? ada;
      const ref = { conversationId: id, userId: stayed.id };
      const demoted = stayed.api.groups.setRole.mutate({ ...ref, role: 'member' });
      expect(Object.keys((await refusalOf(demoted)).fields)).to.deep.equal(['userId']);
      await eve.api.groups.leave.mutate({ conversationId: id });
      await stayed.api.groups.leave.mutate({ conversationId: id });
      await expectCounted(id, 0);
      // Whoever comes where nobody is owns it.
      await Promise.all([1, 2, 3, 4].map(() => eve.api.groups.join.mutate({ conversationId: id })));
      expect(await rolesIn(id)).to.deep.equal({ [eve.id]: 'owner' });
      await expectCounted(id, 1);
    }
  });

  it('is handed on by a transfer, by a room whose owner leaves, and with an account that ends', async () => {
    const id = await group({ members: [bob.id, eve.id] });
    await ada.api.groups.transfer.mutate({ conversationId: id, userId: bob.id });
    expect(await rolesIn(id)).to.deep.equal({ [ada.id]: 'admin', [bob.id]: 'owner', [eve.id]: 'member' });
    await expectCounted(id, 3);

    const cat = await signUp(place.server, 'cat');
    const name = nameOf();
    const { room } = await cat.api.rooms.joinOrCreate.mutate({ name });
    await bob.api.rooms.joinOrCreate.mutate({ name });
    await ada.api.rooms.joinOrCreate.mutate({ name });
    await cat.api.rooms.setRole.mutate({ conversationId: room.id, userId: ada.id, role: 'admin' });
    await cat.api.rooms.leave.mutate({ conversationId: room.id });
    expect(await rolesIn(room.id)).to.deep.equal({ [ada.id]: 'owner', [bob.id]: 'member' });

    const cats = await cat.api.groups.create.mutate({ name, members: [bob.id, ada.id] });
    await cat.api.users.delete.mutate({ password: TEST_PASSWORD });
    expect(Object.values(await rolesIn(cats.id)).toSorted()).to.deep.equal(['member', 'owner']);
    await expectCounted(cats.id, 2);
  });

  it('lets admins manage members, and owners everybody', async () => {
    const dan = people[3] ?? eve;
    const conversationId = await group({ members: [bob.id, eve.id, dan.id] });
    for (const userId of [bob.id, eve.id])
      await ada.api.groups.setRole.mutate({ conversationId, userId, role: 'admin' });
    for (const userId of [ada.id, eve.id]) {
      const ref = { conversationId, userId };
      expect(await outcomeOf(bob.api.groups.removeMember.mutate(ref))).to.equal('FORBIDDEN');
      expect(await outcomeOf(bob.api.groups.ban.mutate(ref))).to.equal('FORBIDDEN');
      expect(await outcomeOf(bob.api.groups.silence.mutate(ref))).to.equal('FORBIDDEN');
      expect(await outcomeOf(bob.api.groups.setRole.mutate({ ...ref, role: 'member' }))).to.equal(
        'FORBIDDEN',
      );
    }
    await bob.api.groups.silence.mutate({ conversationId, userId: dan.id });
    const refused = dan.api.messages.send.mutate({ conversationId, text: 'unheard' });
    expect(await outcomeOf(refused)).to.equal('FORBIDDEN');
    await bob.api.groups.unsilence.mutate({ conversationId, userId: dan.id });
    await dan.api.messages.send.mutate({ conversationId, text: 'heard' });
    // Everybody may step down.
    await bob.api.groups.setRole.mutate({ conversationId, userId: bob.id, role: 'member' });
    await ada.api.groups.removeMember.mutate({ conversationId, userId: eve.id });
    expect(await outcomeOf(ada.api.groups.removeMember.mutate({ conversationId, userId: eve.id }))).to.equal(
      'NOT_FOUND',
    );
    // Coming back undoes what one was, and not that one is silenced.
    await ada.api.groups.silence.mutate({ conversationId, userId: dan.id });
    await dan.api.groups.leave.mutate({ conversationId });
    await dan.api.groups.join.mutate({ conversationId });
    expect(await outcomeOf(dan.api.messages.send.mutate({ conversationId, text: 'x' }))).to.equal(
      'FORBIDDEN',
    );
    await eve.api.groups.join.mutate({ conversationId });
    expect((await rolesIn(conversationId))[eve.id]).to.equal('member');
    await expectCounted(conversationId, 4);
  });

  it('is nobody who is banned, whatever happens at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const conversationId = await group();
      const banning = ada.api.groups.ban.mutate({ conversationId, userId: bob.id });
      const joining = Array.from({ length: 3 }, () =>
        outcomeOf(bob.api.groups.join.mutate({ conversationId })),
      );
      const outcomes = await Promise.all(joining);
      await banning;
      expect(['ok', 'FORBIDDEN']).to.include.members(outcomes);
      expect(await rolesIn(conversationId)).to.deep.equal({ [ada.id]: 'owner' });
      await expectCounted(conversationId, 1);
      expect(await outcomeOf(bob.api.groups.join.mutate({ conversationId }))).to.equal('FORBIDDEN');
      if (round > 0) continue;
      const { items } = await ada.api.groups.banned.query({ conversationId });
      expect(items.map(({ person }) => person.id)).to.deep.equal([bob.id]);
      expect(await outcomeOf(ada.api.groups.invite.mutate({ conversationId, userId: bob.id }))).to.equal(
        'CONFLICT',
      );
      await ada.api.groups.unban.mutate({ conversationId, userId: bob.id });
      await bob.api.groups.join.mutate({ conversationId });
      await ada.api.groups.ban.mutate({ conversationId, userId: bob.id });
    }
  });

  it('[R1] closes the sockets of whoever is put out, while they type', async () => {
    const { url } = place.server;
    for (const [visibility, code] of [
      ['public', 4403],
      ['private', 4404],
    ] as const) {
      const conversationId = await group({ visibility, members: [bob.id] });
      const client = await new RawClient({ url, conversationId, token: bob.token }).synced();
      let isOpen = true;
      const closed = client.closed.finally(() => {
        isOpen = false;
      });
      const typing = (async () => {
        for (let at = 0; isOpen && at < 2_000; at += 1) {
          client.write((doc) => appendMessage(doc, { author: bob.id, text: `word ${at}` }));
          await new Promise(setImmediate);
        }
      })();
      await ada.api.groups.removeMember.mutate({ conversationId, userId: bob.id });
      expect((await closed).code).to.equal(code);
      await typing;
    }
  });

  it('sees only what is said from when they come in, where that is how it is', async () => {
    const conversationId = await group({ history: 'fromJoin' });
    await ada.api.messages.send.mutate({ conversationId, text: 'before' });
    await bob.api.groups.join.mutate({ conversationId });
    await ada.api.messages.send.mutate({ conversationId, text: 'after' });
    const heard = async (): Promise<string[]> =>
      (await bob.api.messages.list.query({ conversationId })).items.map(({ text }) => text);
    expect(await heard()).to.deep.equal(['after']);
    await bob.api.groups.leave.mutate({ conversationId });
    await ada.api.messages.send.mutate({ conversationId, text: 'meanwhile' });
    await bob.api.groups.join.mutate({ conversationId });
    expect(await heard()).to.deep.equal([]);
  });
});
