// Links into projects: what one is worth, to whom, how often and how long.
import { limits } from '@parley/shared';
import { expect } from 'chai';
import {
  claimsOf,
  forgeToken,
  rawCall,
  refusalOf,
  signUp,
  TEST_PASSWORD,
  TEST_SECRET,
  type TestPerson,
  type TestServer,
} from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const codeOf = async (call: Promise<unknown>): Promise<string> => (await refusalOf(call)).code;
const HOUR_MS = 60 * 60 * 1_000;

describe('links into projects', () => {
  let place: ServerOnStore;
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let projectId: string;
  before(async () => {
    place = await startServerOnStore('project-links');
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

  const rows = () => place.database.collection<{ _id: string; expiresAt: Date }>('project_links');
  const link = (more: { maxUses?: number; role?: 'member' | 'viewer'; expiresInHours?: number } = {}) =>
    ada.api.projects.links.create.mutate({ projectId, ...more });
  const usesOf = async (linkId: string): Promise<number | undefined> =>
    (await ada.api.projects.links.list.query({ projectId })).items.find(({ id }) => id === linkId)?.uses;
  const countIn = async (): Promise<number> => (await ada.api.projects.get.query({ projectId })).memberCount;

  it('tell whoever has one where it leads, and let them in', async () => {
    const made = await link({ role: 'viewer', expiresInHours: 2, maxUses: 3 });
    expect(made).to.include({ role: 'viewer', maxUses: 3, uses: 0 });
    expect(made.expiresAt.getTime() - made.createdAt.getTime()).to.be.within(
      2 * HOUR_MS - 1_000,
      2 * HOUR_MS,
    );
    // Whoever made it did not choose them, nor they that person.
    await bob.api.friends.block.mutate({ userId: ada.id });
    expect(await bob.api.projects.links.preview.query({ token: made.token })).to.deep.equal({
      project: { id: projectId, name: 'The bridge', memberCount: 1 },
      ...{ invitedBy: made.createdBy, role: 'viewer', expiresAt: made.expiresAt },
    });
    expect(await bob.api.projects.links.join.mutate({ token: made.token })).to.include({
      ...{ id: projectId, role: 'viewer', memberCount: 2 },
    });
    expect((await ada.api.projects.links.list.query({ projectId })).items).to.deep.equal([
      { ...made, uses: 1 },
    ]);
    const plain = await link();
    expect(plain).to.include({ role: 'member', maxUses: 25 });
    expect(plain.expiresAt.getTime() - Date.now()).to.be.within(167 * HOUR_MS, 168 * HOUR_MS);
  });

  it('are made, seen and revoked by admins alone', async () => {
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id, role: 'member' });
    const { id: linkId, token } = await link();
    for (const [person, code] of [
      [bob, 'FORBIDDEN'],
      [eve, 'NOT_FOUND'],
    ] as const)
      for (const call of [
        () => person.api.projects.links.create.mutate({ projectId }),
        () => person.api.projects.links.list.query({ projectId }),
        () => person.api.projects.links.revoke.mutate({ linkId }),
      ])
        expect(await codeOf(call())).to.equal(code);
    await ada.api.projects.links.revoke.mutate({ linkId });
    expect(await codeOf(eve.api.projects.links.preview.query({ token }))).to.equal('NOT_FOUND');
    expect(await codeOf(eve.api.projects.links.join.mutate({ token }))).to.equal('NOT_FOUND');
  });

  it('let in exactly so many, however many come at once', async () => {
    const { id, token } = await link({ maxUses: 10 });
    const crowd = await Promise.all(Array.from({ length: 50 }, () => signUp(server)));
    const outcomes = await Promise.all(
      crowd.map(({ api }) =>
        api.projects.links.join.mutate({ token }).then(
          () => 'in',
          async (error: unknown) => (await refusalOf(Promise.reject(error))).code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'in')).to.have.length(10);
    expect(outcomes.filter((outcome) => outcome === 'EXPIRED')).to.have.length(40);
    expect(await countIn()).to.equal(11);
    expect(await usesOf(id)).to.equal(10);
    const late = await refusalOf(bob.api.projects.links.preview.query({ token }));
    expect([late.code, late.httpStatus]).to.deep.equal(['EXPIRED', 410]);
  });

  it('count one person once, and nobody who is in already', async () => {
    const { id, token } = await link({ maxUses: 20 });
    const joins = await Promise.all(
      Array.from({ length: 10 }, () => bob.api.projects.links.join.mutate({ token })),
    );
    expect(new Set(joins.map(({ role }) => role))).to.deep.equal(new Set(['member']));
    await ada.api.projects.links.join.mutate({ token });
    expect(await usesOf(id)).to.equal(1);
    expect(await countIn()).to.equal(2);
  });

  it('are over in time: by the store, and by their own token', async () => {
    const { id, token } = await link();
    const claims = claimsOf(token);
    const now = Math.floor(Date.now() / 1_000);
    const old = forgeToken({ ...claims, exp: now - 1 }, TEST_SECRET);
    expect(await codeOf(bob.api.projects.links.join.mutate({ token: old }))).to.equal('EXPIRED');
    await rows().updateOne({ _id: id }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    expect(await codeOf(bob.api.projects.links.join.mutate({ token }))).to.equal('EXPIRED');
    expect((await ada.api.projects.links.list.query({ projectId })).items).to.deep.equal([]);
    const answer = await rawCall({
      ...{ url: server.url, path: 'projects.links.join', type: 'mutation', token: bob.token },
      payload: { json: { token } },
    });
    expect([answer.status, answer.code]).to.deep.equal([410, 'EXPIRED']);
  });

  it('cannot be forged, nor be other tokens, nor other tokens be links', async () => {
    const { token } = await link();
    const claims = claimsOf(token);
    const [header = '', body = ''] = token.split('.');
    const others = [
      forgeToken(claims, 'another secret'),
      forgeToken(claims, null, { alg: 'none', typ: 'JWT' }),
      forgeToken({ ...claims, aud: 'parley:access' }, TEST_SECRET),
      forgeToken({ ...claims, iss: 'somebody' }, TEST_SECRET),
      forgeToken({ ...claims, sub: 7 }, TEST_SECRET),
      `${header}.${body}.`,
      bob.token,
      bob.tokens.refreshToken,
      'x',
    ];
    for (const other of others)
      for (const call of [
        () => bob.api.projects.links.join.mutate({ token: other }),
        () => bob.api.projects.links.preview.query({ token: other }),
      ]) {
        const refusal = await refusalOf(call());
        expect([refusal.code, Object.keys(refusal.fields)], other).to.deep.equal([
          'INVALID_INPUT',
          ['token'],
        ]);
      }
    const asAccess = await rawCall({
      ...{ url: server.url, path: 'auth.me', type: 'query', token, payload: { json: {} } },
    });
    expect(asAccess.code).to.equal('TOKEN_INVALID');
    const unknown = forgeToken({ ...claims, sub: '01HZZZZZZZZZZZZZZZZZZZZZZZ' }, TEST_SECRET);
    expect(await codeOf(bob.api.projects.links.join.mutate({ token: unknown }))).to.equal('NOT_FOUND');
  });

  it('take nobody into a project that is archived or full, and use nothing up by that', async () => {
    const { id, token } = await link();
    await ada.api.projects.archive.mutate({ projectId });
    expect(await codeOf(bob.api.projects.links.join.mutate({ token }))).to.equal('CONFLICT');
    expect(await codeOf(link())).to.equal('CONFLICT');
    await ada.api.projects.restore.mutate({ projectId });
    const members = place.database.collection<{ _id: string }>('project_members');
    const filling = Array.from({ length: limits.projectMembers.value - 1 }, (_, at) => ({
      ...{ _id: `${projectId}-${at}`, project: projectId, user: `somebody-${at}` },
      ...{ role: 'viewer', joinedAt: new Date() },
    }));
    await members.insertMany(filling);
    expect(await codeOf(bob.api.projects.links.join.mutate({ token }))).to.equal('CONFLICT');
    expect(await usesOf(id)).to.equal(0);
    await members.deleteOne({ _id: `${projectId}-0` });
    const settled = await Promise.allSettled(
      [bob, eve].map(({ api }) => api.projects.links.join.mutate({ token })),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).to.have.length.at.most(1);
    expect(await members.countDocuments({ project: projectId })).to.be.at.most(limits.projectMembers.value);
    expect(await usesOf(id)).to.equal(settled.filter(({ status }) => status === 'fulfilled').length);
  });

  it('end with the project, and with the account of who made them', async () => {
    const { token } = await link();
    await ada.api.projects.members.add.mutate({ projectId, userId: eve.id, role: 'admin' });
    const evesLink = await eve.api.projects.links.create.mutate({ projectId });
    await eve.api.users.delete.mutate({ password: TEST_PASSWORD });
    expect(await codeOf(bob.api.projects.links.join.mutate({ token: evesLink.token }))).to.equal('NOT_FOUND');
    await ada.api.projects.delete.mutate({ projectId });
    expect(await codeOf(bob.api.projects.links.join.mutate({ token }))).to.equal('NOT_FOUND');
    expect(await rows().countDocuments({})).to.equal(
      await rows().countDocuments({ place: { $ne: projectId } }),
    );
  });

  it('are so many, however many are made at once', async () => {
    const made = await Promise.allSettled(
      Array.from({ length: limits.linksPerProject.value + 10 }, () => link()),
    );
    const stand = made.filter(({ status }) => status === 'fulfilled').length;
    expect(stand).to.be.at.most(limits.linksPerProject.value);
    const { items } = await ada.api.projects.links.list.query({ projectId });
    expect(items).to.have.length(stand);
    for (let more = stand; more < limits.linksPerProject.value; more += 1) await link();
    expect(await codeOf(link())).to.equal('CONFLICT');
  });
});
