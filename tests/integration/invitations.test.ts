// Invitations to projects: who may send, see, answer and take back one, and that each is answered once.
import { limits } from '@parley/shared';
import { expect } from 'chai';
import {
  refusalOf,
  signUp,
  startTestServer,
  TEST_PASSWORD,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;

interface Row {
  readonly _id: string;
  readonly project: string;
  readonly user: string;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
}

describe('invitations to projects', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let projectId: string;
  before(async () => {
    place = await startServerOnStore('invitations');
    server = place.server;
  });
  after(() => place.close());
  beforeEach(async () => {
    [ada, bob, eve] = await Promise.all([
      signUp(server, 'ada'),
      signUp(server, 'bob'),
      signUp(server, 'eve'),
    ]);
    projectId = (await ada.api.projects.create.mutate({ name: 'The bridge' })).id;
  });

  const rows = () => place.database.collection<Row>('project_invitations');
  const invite = (userId: string, role: 'admin' | 'member' | 'viewer' = 'member') =>
    ada.api.projects.invitations.create.mutate({ projectId, userId, role });
  const memberIds = async (): Promise<string[]> =>
    (await ada.api.projects.members.list.query({ projectId })).items.map(({ person }) => person.id);

  it('are seen by the one who is invited and by admins, and bring them in once', async () => {
    const invitation = await invite(bob.id, 'viewer');
    expect(invitation).to.deep.include({ project: { id: projectId, name: 'The bridge' }, role: 'viewer' });
    expect([invitation.person.id, invitation.invitedBy.id]).to.deep.equal([bob.id, ada.id]);
    expect((await bob.api.projects.invitations.mine.query()).items).to.deep.equal([invitation]);
    expect((await ada.api.projects.invitations.list.query({ projectId })).items).to.deep.equal([invitation]);
    expect((await eve.api.projects.invitations.mine.query()).items).to.deep.equal([]);
    expect(await codeOf(bob.api.projects.get.query({ projectId })), 'not in it yet').to.equal('NOT_FOUND');
    const invitationId = invitation.id;
    for (const call of [
      () => eve.api.projects.invitations.accept.mutate({ invitationId }),
      () => eve.api.projects.invitations.decline.mutate({ invitationId }),
      () => eve.api.projects.invitations.revoke.mutate({ invitationId }),
      () => bob.api.projects.invitations.revoke.mutate({ invitationId }),
      () => bob.api.projects.invitations.list.query({ projectId }),
    ])
      expect(await codeOf(call())).to.equal('NOT_FOUND');
    const project = await bob.api.projects.invitations.accept.mutate({ invitationId });
    expect(project).to.deep.include({ id: projectId, role: 'viewer', memberCount: 2 });
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('NOT_FOUND');
    expect((await ada.api.projects.invitations.list.query({ projectId })).items).to.deep.equal([]);
    expect(await codeOf(invite(bob.id)), 'is in already').to.equal('CONFLICT');
    expect(await rows().countDocuments({ project: projectId })).to.equal(0);
  });

  it('are of members’ business only where they are admins', async () => {
    await ada.api.projects.members.add.mutate({ projectId, userId: eve.id, role: 'member' });
    const { id: invitationId } = await invite(bob.id);
    for (const call of [
      () => eve.api.projects.invitations.create.mutate({ projectId, userId: bob.id }),
      () => eve.api.projects.invitations.list.query({ projectId }),
      () => eve.api.projects.invitations.revoke.mutate({ invitationId }),
    ])
      expect(await codeOf(call())).to.equal('FORBIDDEN');
    await ada.api.projects.members.setRole.mutate({ projectId, userId: eve.id, role: 'admin' });
    await eve.api.projects.invitations.revoke.mutate({ invitationId });
    expect((await bob.api.projects.invitations.mine.query()).items).to.deep.equal([]);
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('NOT_FOUND');
  });

  it('stand once for each person, with the role given last', async () => {
    const first = await invite(bob.id, 'viewer');
    const all = await Promise.all(Array.from({ length: 8 }, () => invite(bob.id, 'admin')));
    expect(new Set(all.map(({ id }) => id))).to.deep.equal(new Set([first.id]));
    expect((await bob.api.projects.invitations.mine.query()).items).to.have.length(1);
    expect(await bob.api.projects.invitations.accept.mutate({ invitationId: first.id })).to.include({
      role: 'admin',
    });
    const once = await Promise.all(Array.from({ length: 8 }, () => invite(eve.id)));
    expect(new Set(once.map(({ id }) => id)), 'all at once').to.have.property('size', 1);
  });

  it('are declined for good, and may be sent again', async () => {
    const { id: invitationId } = await invite(bob.id);
    await bob.api.projects.invitations.decline.mutate({ invitationId });
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('NOT_FOUND');
    expect((await invite(bob.id)).id).not.to.equal(invitationId);
  });

  it('come from nobody across a block, and are gone once there is one', async () => {
    expect(await codeOf(invite('nobody'))).to.equal('NOT_FOUND');
    const { id: invitationId } = await invite(bob.id);
    await bob.api.friends.block.mutate({ userId: ada.id });
    expect((await bob.api.projects.invitations.mine.query()).items).to.deep.equal([]);
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('NOT_FOUND');
    expect(await codeOf(invite(bob.id))).to.equal('NOT_FOUND');
  });

  it('wait while the project is archived, and end with it', async () => {
    const { id: invitationId } = await invite(bob.id);
    await ada.api.projects.archive.mutate({ projectId });
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('CONFLICT');
    expect(await codeOf(invite(eve.id))).to.equal('CONFLICT');
    await ada.api.projects.restore.mutate({ projectId });
    await ada.api.projects.delete.mutate({ projectId });
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('NOT_FOUND');
    expect(await rows().countDocuments({ project: projectId })).to.equal(0);
  });

  it('end with the account of whoever sent or was sent them', async () => {
    await ada.api.projects.members.add.mutate({ projectId, userId: eve.id, role: 'admin' });
    await eve.api.projects.invitations.create.mutate({ projectId, userId: bob.id });
    await eve.api.users.delete.mutate({ password: TEST_PASSWORD });
    expect((await bob.api.projects.invitations.mine.query()).items).to.deep.equal([]);
    await invite(bob.id);
    await bob.api.users.delete.mutate({ password: TEST_PASSWORD });
    expect((await ada.api.projects.invitations.list.query({ projectId })).items).to.deep.equal([]);
    expect(await rows().countDocuments({ project: projectId })).to.equal(0);
  });

  it('are used up by coming in another way', async () => {
    const { id: invitationId } = await invite(bob.id, 'admin');
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id, role: 'viewer' });
    await ada.api.projects.members.remove.mutate({ projectId, userId: bob.id });
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('NOT_FOUND');
  });

  it('last a month, and are as if never sent from then on', async () => {
    const { id: invitationId, createdAt, expiresAt } = await invite(bob.id);
    expect(expiresAt.getTime() - createdAt.getTime()).to.equal(limits.invitationMs.value);
    await rows().updateOne({ _id: invitationId }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    expect((await bob.api.projects.invitations.mine.query()).items).to.deep.equal([]);
    expect((await ada.api.projects.invitations.list.query({ projectId })).items).to.deep.equal([]);
    for (const call of [
      () => bob.api.projects.invitations.accept.mutate({ invitationId }),
      () => bob.api.projects.invitations.decline.mutate({ invitationId }),
      () => ada.api.projects.invitations.revoke.mutate({ invitationId }),
    ])
      expect(await codeOf(call())).to.equal('NOT_FOUND');
    expect((await invite(bob.id)).id).not.to.equal(invitationId);
  });

  it('are answered once: whoever accepts is in, or it was taken back, and never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const guest = await signUp(server);
      const { id: invitationId } = await invite(guest.id);
      const [accepted, again, revoked] = await Promise.allSettled([
        guest.api.projects.invitations.accept.mutate({ invitationId }),
        guest.api.projects.invitations.accept.mutate({ invitationId }),
        ada.api.projects.invitations.revoke.mutate({ invitationId }),
      ]);
      const isIn = (await memberIds()).includes(guest.id);
      expect([accepted, again].some(({ status }) => status === 'fulfilled')).to.equal(isIn);
      expect(revoked.status).to.equal(isIn ? 'rejected' : 'fulfilled');
      expect(await rows().countDocuments({ _id: invitationId })).to.equal(0);
    }
  });

  it('that were accepted hold over a crash: the next start brings them in', async () => {
    const { id: invitationId } = await invite(bob.id, 'viewer');
    // As a process leaves it that dies after the mark.
    await rows().updateOne({ _id: invitationId }, { $set: { acceptedAt: new Date() } });
    expect(await codeOf(ada.api.projects.invitations.revoke.mutate({ invitationId }))).to.equal('CONFLICT');
    await using _next = await startTestServer({ mongodbUri: place.uri });
    expect(await memberIds()).to.include(bob.id);
    expect(await rows().countDocuments({ project: projectId })).to.equal(0);
  });

  it('bring nobody into a project that is full, and are so many', async () => {
    const { id: invitationId } = await invite(bob.id);
    const members = place.database.collection<{ _id: string }>('project_members');
    const filling = Array.from({ length: limits.projectMembers.value - 1 }, (_, at) => ({
      ...{ _id: `${projectId}-${at}`, project: projectId, user: `somebody-${at}` },
      ...{ role: 'viewer', joinedAt: new Date() },
    }));
    await members.insertMany(filling);
    expect(await codeOf(bob.api.projects.invitations.accept.mutate({ invitationId }))).to.equal('CONFLICT');
    await members.deleteOne({ _id: `${projectId}-0` });
    await bob.api.projects.invitations.accept.mutate({ invitationId });
    const others = Array.from({ length: limits.invitationsPerProject.value - 1 }, (_, at) => ({
      ...{ _id: `${projectId}-${at}`, project: projectId, user: `guest-${at}`, invitedBy: ada.id },
      ...{ role: 'viewer', createdAt: new Date(), acceptedAt: null },
      expiresAt: new Date(Date.now() + 60_000),
    }));
    await rows().insertMany(others);
    const guests = await Promise.all(Array.from({ length: 4 }, () => signUp(server)));
    await invite(guests[0]?.id ?? '');
    for (const { id } of guests.slice(1)) expect(await codeOf(invite(id))).to.equal('CONFLICT');
    expect((await invite(guests[0]?.id ?? '', 'admin')).role, 'the one that stands').to.equal('admin');
    expect(await rows().countDocuments({ project: projectId })).to.equal(limits.invitationsPerProject.value);
  });

  it('are listed in pages, the newest first', async () => {
    const sent: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { id } = await ada.api.projects.create.mutate({ name: `Bridge ${count}` });
      const made = await ada.api.projects.invitations.create.mutate({ projectId: id, userId: bob.id });
      sent.unshift(made.id);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await bob.api.projects.invitations.mine.query({ limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).to.deep.equal(sent);
  });
});
