// Projects and who is in them, over the plain API.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { makeProject, type TestProject } from '../harness/project.js';
import { createRestClient, type RestClient } from '../harness/rest.js';
import { pagesOf } from '../harness/rest-pages.js';

interface Project {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly owner: { readonly id: string; readonly username: string };
  readonly created_at: string;
}
interface Member {
  readonly id: string;
  readonly username: string;
  readonly role: string;
  readonly joined_at: string;
}

describe('projects over REST', () => {
  let server: TestServer;
  let rest: RestClient;
  let place: TestProject;
  before(async () => {
    server = await startTestServer();
    rest = await createRestClient(server);
    place = await makeProject(server);
  });
  after(() => server.close());

  const make = async (
    { token }: TestPerson,
    body: unknown = { name: 'Bridge', description: 'Over the river' },
  ) => (await rest.call<Project>('POST', '/api/projects/', { token, body })).body;
  const get = async ({ token }: TestPerson, id: string) =>
    (await rest.call<Project>('GET', `/api/projects/${id}`, { token })).body;
  const paths = (id: string) => [`/api/projects/${id}`, `/api/projects/${id}/`];

  it('are made, by JSON or by a form, and belong to whoever made them', async () => {
    const owner = await signUp(server);
    const body = { name: 'Bridge', description: 'Over the river', members: ['extra'] };
    for (const [path, sent] of [
      ['/api/projects', body],
      ['/api/projects/', new URLSearchParams({ name: body.name, description: body.description })],
    ] as const) {
      const answer = await rest.call<Project>('POST', path, { token: owner.token, body: sent });
      const { id, created_at } = answer.body;
      expect([answer.status, answer.body]).to.deep.equal([
        201,
        {
          ...{ id, name: 'Bridge', description: 'Over the river', created_at },
          owner: { id: owner.id, username: owner.username },
        },
      ]);
      expect(new Date(created_at).toISOString()).to.equal(created_at);
      expect(await get(owner, id)).to.deep.equal(answer.body);
    }
    expect((await make(owner, { name: 'Bare' })).description).to.equal('');
  });

  it('are listed to whoever is in them, the newest first, page by page', async () => {
    const [owner, other] = await Promise.all([signUp(server), signUp(server)]);
    const made: Project[] = [];
    for (let at = 0; at < 5; at += 1) made.unshift(await make(owner));
    for (const path of ['/api/projects?limit=2', '/api/projects/?limit=2']) {
      const pages = await pagesOf<Project>(rest, path, owner.token);
      expect(pages.map((page) => page.length)).to.deep.equal([2, 2, 1]);
      expect(pages.flat()).to.deep.equal(made);
    }
    expect(await pagesOf(rest, '/api/projects/', other.token)).to.deep.equal([[]]);
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['cursor=x', 'cursor'],
    ])
      expect(await rest.refusal('GET', `/api/projects/?${query}`, { token: owner.token })).to.deep.equal([
        ...[400, 'INVALID_INPUT', field],
      ]);
  });

  it('refuse names and descriptions that are none', async () => {
    const owner = await signUp(server);
    const { id } = await make(owner);
    for (const [body, field] of [
      [{ description: 'x' }, 'name'],
      [{ name: '', description: 'x' }, 'name'],
      [{ name: 'x'.repeat(251), description: 'x' }, 'name'],
      [{ name: 7, description: 'x' }, 'name'],
      [{ name: 'x', description: 'x'.repeat(20_001) }, 'description'],
      [{ name: 'x', description: null }, 'description'],
    ] as const)
      for (const [method, path] of [
        ['POST', '/api/projects/'],
        ['PUT', `/api/projects/${id}/`],
      ] as const)
        expect(await rest.refusal(method, path, { token: owner.token, body })).to.deep.equal([
          ...[400, 'INVALID_INPUT', field],
        ]);
    expect(await rest.refusal('POST', '/api/projects/', { token: owner.token })).to.deep.equal([
      ...[400, 'INVALID_INPUT', 'name'],
    ]);
    const text = { token: owner.token, body: 'name=x', headers: { 'content-type': 'text/plain' } };
    expect((await rest.refusal('POST', '/api/projects/', text))[0]).to.equal(415);
  });

  it('are changed by PATCH as far as it is given, and by PUT as a whole', async () => {
    const owner = await signUp(server);
    const project = await make(owner);
    for (const path of paths(project.id)) {
      const change = async (method: string, body: unknown) =>
        (await rest.call<Project>(method, path, { token: owner.token, body })).body;
      expect(await change('PATCH', {})).to.include({ description: 'Over the river' });
      expect(await change('PATCH', { description: 'Anew' })).to.deep.equal({
        ...project,
        description: 'Anew',
      });
      expect(await change('PATCH', new URLSearchParams({ name: 'Tunnel' }))).to.include({ name: 'Tunnel' });
      expect(await change('PUT', { name: 'Bridge', description: 'Over the river' })).to.deep.equal(project);
      expect(await rest.refusal('PUT', path, { token: owner.token, body: { name: 'x' } })).to.deep.equal([
        ...[400, 'INVALID_INPUT', 'description'],
      ]);
    }
    expect(await get(owner, project.id)).to.deep.equal(project);
  });

  it('are the owner’s to delete', async () => {
    const owner = await signUp(server);
    for (const path of ['/api/projects/ID', '/api/projects/ID/']) {
      const { id } = await make(owner);
      const answer = await rest.call('DELETE', path.replace('ID', id), { token: owner.token });
      expect([answer.status, answer.body]).to.deep.equal([200, { message: 'Project deleted successfully.' }]);
      expect(await rest.refusal('GET', `/api/projects/${id}`, { token: owner.token })).to.deep.equal([
        404,
        'NOT_FOUND',
      ]);
    }
  });

  it('are seen by members, changed by admins and deleted by the owner; nobody else knows of them', async () => {
    const { projectId, stranger, viewer, member, admin } = place;
    const path = `/api/projects/${projectId}/`;
    const body = { name: 'The bridge', description: '' };
    const status = async (method: string, { token }: TestPerson): Promise<number> =>
      (await rest.call(method, path, { token, ...(method !== 'GET' && method !== 'DELETE' && { body }) }))
        .status;
    const expected = {
      GET: [404, 200, 200, 200],
      PATCH: [404, 403, 403, 200],
      PUT: [404, 403, 403, 200],
      DELETE: [404, 403, 403, 403],
    };
    for (const [method, statuses] of Object.entries(expected)) {
      const seen = [];
      for (const person of [stranger, viewer, member, admin]) seen.push(await status(method, person));
      expect(seen, method).to.deep.equal(statuses);
    }
    for (const id of [newId(), 'nothing', 'x'.repeat(65)])
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE'])
        expect(
          await rest.refusal(method, `/api/projects/${id}/`, {
            token: admin.token,
            ...(method !== 'GET' && { body }),
          }),
        ).to.deep.equal([404, 'NOT_FOUND']);
  });

  it('do not change while they are archived', async () => {
    const owner = await signUp(server);
    const { id } = await make(owner);
    await owner.api.projects.archive.mutate({ projectId: id });
    const request = { token: owner.token, body: { name: 'x', description: '' } };
    for (const method of ['PATCH', 'PUT'])
      expect((await rest.refusal(method, `/api/projects/${id}/`, request)).slice(0, 2)).to.deep.equal([
        409,
        'CONFLICT',
      ]);
    const [task] = [{ token: owner.token, body: { title: 'x' } }];
    expect((await rest.refusal('POST', `/api/projects/${id}/tasks/`, task)).slice(0, 2)).to.deep.equal([
      409,
      'CONFLICT',
    ]);
  });

  describe('the people in them', () => {
    const membersOf = async ({ token }: TestPerson, projectId: string) =>
      (await pagesOf<Member>(rest, `/api/projects/${projectId}/members/?limit=2`, token)).flat();

    it('are listed to all of them, by role, without e-mails', async () => {
      const { projectId, owner, admin, member, viewer, stranger } = place;
      for (const person of [owner, viewer]) {
        const members = await membersOf(person, projectId);
        const joined_at = members[1]?.joined_at ?? '';
        expect(members[1]).to.deep.equal({
          id: admin.id,
          username: admin.username,
          role: 'admin',
          joined_at,
        });
        expect(members.map(({ id, role }) => [id, role])).to.deep.equal([
          [owner.id, 'owner'],
          [admin.id, 'admin'],
          [member.id, 'member'],
          [viewer.id, 'viewer'],
        ]);
        expect(JSON.stringify(members)).not.to.include('@');
      }
      const path = `/api/projects/${projectId}/members`;
      expect(await rest.refusal('GET', path, { token: stranger.token })).to.deep.equal([404, 'NOT_FOUND']);
    });

    it('are taken in and put out by admins', async () => {
      const { projectId, admin, member, viewer, stranger, owner } = await makeProject(server);
      const path = `/api/projects/${projectId}/members/`;
      const body = { user_id: stranger.id };
      expect(await rest.refusal('POST', path, { token: stranger.token, body })).to.deep.equal([
        404,
        'NOT_FOUND',
      ]);
      expect(await rest.refusal('POST', path, { token: member.token, body })).to.deep.equal([
        403,
        'FORBIDDEN',
      ]);
      for (const sent of [body, new URLSearchParams({ ...body, role: 'viewer' })]) {
        const added = await rest.call<Member>('POST', path, { token: admin.token, body: sent });
        const { joined_at } = added.body;
        expect([added.status, added.body], 'who is in already stays as they are').to.deep.equal([
          ...[201, { id: stranger.id, username: stranger.username, role: 'member', joined_at }],
        ]);
      }
      const out = async ({ token }: TestPerson, { id }: { readonly id: string }) =>
        await rest.call('DELETE', `${path}${id}`, { token });
      expect((await out(viewer, stranger)).status).to.equal(403);
      expect((await out(admin, owner)).status).to.equal(409);
      expect((await out(admin, { id: newId() })).status).to.equal(404);
      const gone = await out(admin, stranger);
      expect([gone.status, gone.body]).to.deep.equal([200, { message: 'Member removed successfully.' }]);
      expect((await out(stranger, member)).status).to.equal(404);
      expect((await membersOf(owner, projectId)).map(({ id }) => id)).not.to.include(stranger.id);
    });

    it('refuses who is nobody and what is no role', async () => {
      const { projectId, owner, stranger } = place;
      for (const [body, ...refusal] of [
        [{}, 400, 'INVALID_INPUT', 'user_id'],
        [{ user_id: 7 }, 400, 'INVALID_INPUT', 'user_id'],
        [{ user_id: stranger.id, role: 'owner' }, 400, 'INVALID_INPUT', 'role'],
        [{ user_id: newId() }, 404, 'NOT_FOUND'],
      ] as const)
        expect(
          await rest.refusal('POST', `/api/projects/${projectId}/members`, { token: owner.token, body }),
        ).to.deep.equal(refusal);
    });
  });
});
