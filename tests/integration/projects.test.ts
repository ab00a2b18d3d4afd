// Projects: who may do what in one, that there is always one owner, and its end.
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

describe('projects', () => {
  let place: ServerOnStore;
  let server: TestServer;
  before(async () => {
    place = await startServerOnStore('projects');
    server = place.server;
  });
  after(() => place.close());

  const people = async (count: number): Promise<TestPerson[]> =>
    await Promise.all(Array.from({ length: count }, () => signUp(server)));
  /** A project of the first with the others in it. */
  const projectOf = async (
    owner: TestPerson,
    ...others: readonly (readonly [TestPerson, 'admin' | 'member' | 'viewer'])[]
  ) => {
    const project = await owner.api.projects.create.mutate({
      name: 'The bridge',
      description: 'over the river',
    });
    for (const [{ id }, role] of others) {
      await owner.api.projects.members.add.mutate({ projectId: project.id, userId: id, role });
    }
    return project;
  };
  const two = async (): Promise<[TestPerson, TestPerson]> => {
    const [one, other] = await people(2);
    if (!one || !other) throw new Error('nobody came');
    return [one, other];
  };
  const four = async (): Promise<[TestPerson, TestPerson, TestPerson, TestPerson]> => {
    const [a, b, c, d] = await people(4);
    if (!a || !b || !c || !d) throw new Error('nobody came');
    return [a, b, c, d];
  };
  const rolesIn = async (person: TestPerson, projectId: string) =>
    (await person.api.projects.members.list.query({ projectId })).items.map(
      ({ person: { id }, role, isOwner }) => [id, isOwner ? 'owner' : role],
    );

  it('are made, read, changed and replaced; whoever is not in one does not know of it', async () => {
    const [ada, bob] = await two();
    const made = await ada.api.projects.create.mutate({ name: '  The   bridge ' });
    expect(made).to.deep.include({
      name: 'The bridge',
      description: '',
      role: 'admin',
      memberCount: 1,
      archivedAt: null,
    });
    expect(made.owner).to.include({ id: ada.id });
    expect(await ada.api.projects.get.query({ projectId: made.id })).to.deep.equal(made);
    const projectId = made.id;
    expect(await ada.api.projects.update.mutate({ projectId, description: 'line\nline' })).to.include({
      name: 'The bridge',
      description: 'line\nline',
    });
    const replaced = await ada.api.projects.replace.mutate({ projectId, name: 'A ferry', description: '' });
    expect(replaced).to.include({ name: 'A ferry', description: '' });
    for (const call of [
      () => bob.api.projects.get.query({ projectId }),
      () => bob.api.projects.update.mutate({ projectId, name: 'mine' }),
      () => bob.api.projects.delete.mutate({ projectId }),
      () => bob.api.projects.members.list.query({ projectId }),
      () => bob.api.projects.members.add.mutate({ projectId, userId: bob.id }),
      () => bob.api.projects.leave.mutate({ projectId }),
    ])
      expect(await codeOf(call())).to.equal('NOT_FOUND');
    expect((await bob.api.projects.list.query()).items).to.deep.equal([]);
  });

  it('let each role do what it may, and no more', async () => {
    const [owner, admin, member, viewer] = await four();
    const { id: projectId } = await projectOf(
      owner,
      [admin, 'admin'],
      [member, 'member'],
      [viewer, 'viewer'],
    );
    expect(await rolesIn(viewer, projectId)).to.deep.equal([
      [owner.id, 'owner'],
      [admin.id, 'admin'],
      [member.id, 'member'],
      [viewer.id, 'viewer'],
    ]);
    expect(await viewer.api.projects.get.query({ projectId })).to.include({ role: 'viewer', memberCount: 4 });
    for (const { api } of [member, viewer]) {
      expect(await codeOf(api.projects.update.mutate({ projectId, name: 'no' }))).to.equal('FORBIDDEN');
      expect(await codeOf(api.projects.archive.mutate({ projectId }))).to.equal('FORBIDDEN');
      expect(
        await codeOf(api.projects.members.setRole.mutate({ projectId, userId: viewer.id, role: 'admin' })),
      ).to.equal('FORBIDDEN');
      expect(await codeOf(api.projects.members.remove.mutate({ projectId, userId: viewer.id }))).to.equal(
        'FORBIDDEN',
      );
    }
    for (const { api } of [admin, member]) {
      expect(await codeOf(api.projects.delete.mutate({ projectId }))).to.equal('FORBIDDEN');
      expect(await codeOf(api.projects.transfer.mutate({ projectId, userId: member.id }))).to.equal(
        'FORBIDDEN',
      );
    }
    const raised = await admin.api.projects.members.setRole.mutate({
      projectId,
      userId: viewer.id,
      role: 'member',
    });
    expect(raised).to.include({ role: 'member', isOwner: false });
    for (const call of [
      () => admin.api.projects.members.setRole.mutate({ projectId, userId: owner.id, role: 'viewer' }),
      () => admin.api.projects.members.remove.mutate({ projectId, userId: owner.id }),
      () => owner.api.projects.leave.mutate({ projectId }),
    ])
      expect(await codeOf(call())).to.equal('CONFLICT');
    await admin.api.projects.members.remove.mutate({ projectId, userId: member.id });
    expect(await codeOf(member.api.projects.get.query({ projectId }))).to.equal('NOT_FOUND');
    expect(await codeOf(admin.api.projects.members.remove.mutate({ projectId, userId: member.id }))).to.equal(
      'NOT_FOUND',
    );
    await viewer.api.projects.leave.mutate({ projectId });
    expect((await owner.api.projects.get.query({ projectId })).memberCount).to.equal(2);
  });

  it('take in nobody twice, nobody who is not there, and nobody a block stands against', async () => {
    const [ada, bob, eve] = await four();
    const { id: projectId } = await projectOf(ada);
    const adds = await Promise.all(
      Array.from({ length: 5 }, () => ada.api.projects.members.add.mutate({ projectId, userId: bob.id })),
    );
    expect(new Set(adds.map(({ joinedAt }) => joinedAt.getTime())).size).to.equal(1);
    const again = await ada.api.projects.members.add.mutate({ projectId, userId: bob.id, role: 'admin' });
    expect(again.role, 'whoever is in stays as they are').to.equal('member');
    expect(await codeOf(ada.api.projects.members.add.mutate({ projectId, userId: 'nobody' }))).to.equal(
      'NOT_FOUND',
    );
    await eve.api.friends.block.mutate({ userId: ada.id });
    expect(await codeOf(ada.api.projects.members.add.mutate({ projectId, userId: eve.id }))).to.equal(
      'NOT_FOUND',
    );
  });

  it('change in nothing while archived, and again once restored', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await projectOf(ada, [bob, 'admin']);
    const archived = await bob.api.projects.archive.mutate({ projectId });
    expect(archived.archivedAt).to.be.a('date');
    expect(await ada.api.projects.archive.mutate({ projectId }), 'twice is harmless').to.deep.include({
      archivedAt: archived.archivedAt,
    });
    expect(await codeOf(ada.api.projects.update.mutate({ projectId, name: 'no' }))).to.equal('CONFLICT');
    expect(
      await codeOf(ada.api.projects.members.setRole.mutate({ projectId, userId: bob.id, role: 'viewer' })),
    ).to.equal('CONFLICT');
    expect((await ada.api.projects.list.query()).items).to.deep.equal([]);
    expect((await ada.api.projects.list.query({ archived: true })).items.map(({ id }) => id)).to.deep.equal([
      projectId,
    ]);
    await ada.api.projects.restore.mutate({ projectId });
    expect((await ada.api.projects.update.mutate({ projectId, name: 'yes' })).name).to.equal('yes');
  });

  it('are listed in pages to those who are in them, archived ones apart', async () => {
    const [ada, bob] = await two();
    const made: string[] = [];
    for (let count = 0; count < 7; count += 1) made.unshift((await projectOf(ada, [bob, 'viewer'])).id);
    await projectOf(ada);
    await ada.api.projects.archive.mutate({ projectId: made[3] ?? '' });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await bob.api.projects.list.query({ limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).to.deep.equal(made.filter((_, index) => index !== 3));
  });

  it('always have one owner, who is in them, whatever happens at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [ada, bob, eve] = await four();
      const { id: projectId } = await projectOf(ada, [bob, 'admin'], [eve, 'admin']);
      const settled = await Promise.allSettled([
        ada.api.projects.transfer.mutate({ projectId, userId: bob.id }),
        ada.api.projects.transfer.mutate({ projectId, userId: eve.id }),
        bob.api.projects.leave.mutate({ projectId }),
        eve.api.projects.members.remove.mutate({ projectId, userId: bob.id }),
        bob.api.projects.members.setRole.mutate({ projectId, userId: eve.id, role: 'viewer' }),
      ]);
      for (const outcome of settled)
        if (outcome.status === 'rejected')
          expect((await refusalOf(Promise.reject(outcome.reason))).code).to.be.oneOf([
            'CONFLICT',
            'NOT_FOUND',
            'FORBIDDEN',
          ]);
      const row = await place.database
        .collection<{ _id: string; owner: string }>('projects')
        .findOne({ _id: projectId });
      const owner = [ada, bob, eve].find(({ id }) => id === row?.owner);
      if (owner === undefined) throw new Error('nobody owns it');
      const { items } = await owner.api.projects.members.list.query({ projectId });
      const owners = items.filter(({ isOwner }) => isOwner);
      expect(owners.map(({ person, role }) => [person.id, role])).to.deep.equal([[owner.id, 'admin']]);
      expect(await codeOf(owner.api.projects.leave.mutate({ projectId }))).to.equal('CONFLICT');
    }
  });

  it('are gone for everybody at once when deleted; a crash on the way is made up for at the next start', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await projectOf(ada, [bob, 'admin']);
    const half = await projectOf(ada, [bob, 'member']);
    await ada.api.projects.delete.mutate({ projectId });
    expect(await codeOf(bob.api.projects.get.query({ projectId }))).to.equal('NOT_FOUND');
    const rows = place.database.collection<{ project: string }>('project_members');
    expect(await rows.countDocuments({ project: projectId })).to.equal(0);
    // As a process leaves it that dies after the first write.
    const projects = place.database.collection<{ _id: string; deletedAt: Date | null }>('projects');
    await projects.updateOne({ _id: half.id }, { $set: { deletedAt: new Date() } });
    expect(await codeOf(ada.api.projects.get.query({ projectId: half.id }))).to.equal('NOT_FOUND');
    expect((await bob.api.projects.list.query()).items).to.deep.equal([]);
    const uri = new URL(place.uri);
    await using _next = await startTestServer({ mongodbUri: uri.href });
    expect(await projects.countDocuments({ _id: half.id })).to.equal(0);
    expect(await rows.countDocuments({ project: half.id })).to.equal(0);
  });

  it('go to whoever has been there longest when the owner’s account ends, or with it where nobody is left', async () => {
    const [ada, bob, eve] = await four();
    const kept = await projectOf(ada, [bob, 'member'], [eve, 'member']);
    const alone = await projectOf(ada);
    await ada.api.users.delete.mutate({ password: TEST_PASSWORD });
    expect(await rolesIn(eve, kept.id)).to.deep.equal([
      [bob.id, 'owner'],
      [eve.id, 'member'],
    ]);
    expect(
      await place.database.collection<{ _id: string }>('projects').countDocuments({ _id: alone.id }),
    ).to.equal(0);
  });

  it('bring people together: who shares one is suggested, and told why', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await projectOf(ada, [bob, 'viewer']);
    const { items } = await bob.api.friends.suggestions.query({});
    expect(items).to.have.length(1);
    expect(items[0]).to.deep.include({
      score: 1,
      reasons: [{ type: 'projects', count: 1, projectIds: [projectId] }],
    });
    expect(items[0]?.person.id).to.equal(ada.id);
  });

  it('are so many and hold so many, and no more', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await projectOf(ada);
    const rows = place.database.collection<{ _id: string }>('project_members');
    const others = Array.from({ length: limits.projectMembers.value - 1 }, (_, index) => ({
      ...{ _id: `${projectId}-${index}`, project: projectId, user: `somebody-${index}` },
      ...{ role: 'viewer', joinedAt: new Date() },
    }));
    await rows.insertMany(others);
    expect(await codeOf(ada.api.projects.members.add.mutate({ projectId, userId: bob.id }))).to.equal(
      'CONFLICT',
    );
    const page = await ada.api.projects.members.list.query({ projectId, limit: 100 });
    expect(page.items).to.have.length(100);
    expect(page.nextCursor).to.be.a('string');
  });
});
