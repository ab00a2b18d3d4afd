// Tasks and comments over the plain API.
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { makeProject, type TestProject } from '../harness/project.js';
import { createRestClient, type RestClient } from '../harness/rest.js';
import { pagesOf } from '../harness/rest-pages.js';

interface Task {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly status: string;
  readonly priority: string;
  readonly assigned_to: string | null;
  readonly project: string;
  readonly created_at: string;
  readonly due_date: string | null;
}
interface Comment {
  readonly id: string;
  readonly content: string;
  readonly user: { readonly id: string; readonly username: string };
  readonly task: string;
  readonly created_at: string;
  readonly updated_at: string;
}

const DUE = '2030-05-06T07:08:09.000Z';

describe('work over REST', () => {
  let server: TestServer;
  let rest: RestClient;
  let place: TestProject;
  before(async () => {
    server = await startTestServer();
    rest = await createRestClient(server);
    place = await makeProject(server);
  });
  after(() => server.close());

  const tasksPath = (projectId = place.projectId) => `/api/projects/${projectId}/tasks/`;
  const make = async (body: unknown = { title: 'Lay a stone', description: 'A big one' }) =>
    (await rest.call<Task>('POST', tasksPath(), { token: place.member.token, body })).body;
  const get = async <Body>(path: string) =>
    (await rest.call<Body>('GET', path, { token: place.viewer.token })).body;
  /** As each of stranger, viewer, member and admin. */
  const statuses = async (call: (person: TestPerson) => Promise<number>): Promise<number[]> => {
    const { stranger, viewer, member, admin } = place;
    const seen: number[] = [];
    for (const person of [stranger, viewer, member, admin]) seen.push(await call(person));
    return seen;
  };

  describe('tasks', () => {
    it('are made of title and description, and of all else where it is given', async () => {
      const { member, projectId } = place;
      const request = {
        token: member.token,
        body: { title: ' Lay  a stone ', description: 'A big one', owner: 'extra' },
      };
      const { status, body } = await rest.call<Task>('POST', tasksPath(), request);
      const { id, created_at } = body;
      expect([status, body]).to.deep.equal([
        201,
        {
          ...{ id, title: 'Lay a stone', description: 'A big one', status: 'To Do', priority: 'Medium' },
          ...{ assigned_to: null, project: projectId, created_at, due_date: null },
        },
      ]);
      expect(new Date(created_at).toISOString()).to.equal(created_at);
      const rest_ = { status: 'In Progress', priority: 'High', assigned_to: member.id, due_date: DUE };
      for (const sent of [
        { title: 'All', description: '', ...rest_ },
        new URLSearchParams({ title: 'All', description: '', ...rest_ }),
      ]) {
        const made = await make(sent);
        expect(made).to.include({ title: 'All', project: projectId, ...rest_ });
        expect(await get(`/api/tasks/${made.id}`)).to.deep.equal(made);
      }
      const { due, assignees } = await member.api.tasks.get.query({ taskId: (await make(request.body)).id });
      expect([due, assignees]).to.deep.equal([null, []]);
    });

    it('are listed with their descriptions, the newest first, page by page', async () => {
      const { projectId, owner } = await makeProject(server);
      const made: Task[] = [];
      for (let at = 0; at < 5; at += 1) {
        const request = { token: owner.token, body: { title: `Stone ${at}`, description: `Number ${at}` } };
        made.unshift((await rest.call<Task>('POST', tasksPath(projectId), request)).body);
      }
      for (const path of [tasksPath(projectId), tasksPath(projectId).replace(/\/$/, '')]) {
        const pages = await pagesOf<Task>(rest, `${path}?limit=2`, owner.token);
        expect(pages.map((page) => page.length)).to.deep.equal([2, 2, 1]);
        expect(pages.flat()).to.deep.equal(made);
      }
    });

    it('refuse what is none of their fields’ values, naming the field', async () => {
      const { id } = await make();
      const { member, stranger } = place;
      const fine = { title: 'x', description: 'y' };
      for (const [body, field] of [
        [{ description: 'y' }, 'title'],
        [{ ...fine, title: ' ' }, 'title'],
        [{ ...fine, title: 'x'.repeat(251) }, 'title'],
        [{ ...fine, description: 7 }, 'description'],
        [{ ...fine, status: 'todo' }, 'status'],
        [{ ...fine, priority: 'low' }, 'priority'],
        [{ ...fine, assigned_to: stranger.id }, 'assigned_to'],
        [{ ...fine, assigned_to: newId() }, 'assigned_to'],
        [{ ...fine, assigned_to: '' }, 'assigned_to'],
        [{ ...fine, assigned_to: 7 }, 'assigned_to'],
        [{ ...fine, due_date: 'tomorrow' }, 'due_date'],
        [{ ...fine, due_date: '2030-02-30T00:00:00Z' }, 'due_date'],
        [{ ...fine, due_date: '2030-02-30T00:00' }, 'due_date'],
        [{ ...fine, due_date: '2030-01-01T25:00' }, 'due_date'],
        [{ ...fine, due_date: '2030-01-01T' }, 'due_date'],
        [{ ...fine, due_date: '2030-01-01Z' }, 'due_date'],
      ] as const)
        for (const [method, path] of [
          ['POST', tasksPath()],
          ['PUT', `/api/tasks/${id}/`],
        ] as const) {
          const refused = await rest.refusal(method, path, { token: member.token, body });
          expect(refused, `${method} ${JSON.stringify(body)}`).to.deep.equal([400, 'INVALID_INPUT', field]);
        }
      expect(await get(`/api/tasks/${id}`)).to.include({ title: 'Lay a stone', assigned_to: null });
    });

    it('are changed by PATCH as far as it is given; PUT asks for title and description', async () => {
      const { member, admin } = place;
      const before = await make({ title: 'Old', description: 'old', assigned_to: member.id, due_date: DUE });
      const path = `/api/tasks/${before.id}`;
      const change = async (method: string, body: unknown) =>
        (await rest.call<Task>(method, path, { token: member.token, body })).body;
      expect(await change('PATCH', {})).to.deep.equal(before);
      expect(await change('PATCH', { title: 'New' })).to.deep.equal({ ...before, title: 'New' });
      expect(await change('PUT', { title: 'Newer', description: '' })).to.deep.equal({
        ...{ ...before, title: 'Newer', description: '' },
      });
      const others = { status: 'Done', priority: 'Low', assigned_to: admin.id, due_date: null };
      const form = new URLSearchParams({
        status: 'Done',
        priority: 'Low',
        assigned_to: admin.id,
        due_date: 'null',
      });
      expect(await change('PATCH', form)).to.deep.equal({
        ...before,
        title: 'Newer',
        description: '',
        ...others,
      });
      expect(await change('PUT', { ...before, assigned_to: null })).to.deep.equal({
        ...before,
        assigned_to: null,
      });
      expect(await rest.refusal('PUT', path, { token: member.token, body: { title: 'x' } })).to.deep.equal([
        ...[400, 'INVALID_INPUT', 'description'],
      ]);
    });

    it('keep the others who do them, their labels and the zone of their time, where they are written as they were read', async () => {
      const { member, admin, owner, projectId } = place;
      const { id } = await member.api.tasks.create.mutate({
        ...{ projectId, title: 'Shared', assignees: [member.id, admin.id], labels: ['stone'] },
        due: { at: new Date(DUE), timeZone: 'Europe/Berlin' },
      });
      const read = await get<Task>(`/api/tasks/${id}/`);
      expect(read).to.include({ assigned_to: member.id, due_date: DUE });
      const put = async (body: object) => {
        await rest.call('PUT', `/api/tasks/${id}/`, { token: member.token, body });
        const { assignees, due, labels, version } = await member.api.tasks.get.query({ taskId: id });
        return { assignees, at: due?.at.toISOString(), timeZone: due?.timeZone, labels, version };
      };
      const as = {
        assignees: [member.id, admin.id],
        at: DUE,
        timeZone: 'Europe/Berlin',
        labels: ['stone'],
        version: 1,
      };
      expect(await put(read)).to.deep.equal(as);
      const later = '2031-01-01T00:00:00.000Z';
      expect(await put({ ...read, due_date: later })).to.deep.equal({ ...as, at: later, version: 2 });
      expect((await put({ ...read, assigned_to: owner.id })).assignees).to.deep.equal([owner.id]);
      expect((await put({ ...read, assigned_to: null })).assignees).to.deep.equal([]);
      const made = await make({ title: 'UTC', description: '', due_date: '2030-01-01T02:00:00+02:00' });
      expect(made.due_date).to.equal('2030-01-01T00:00:00.000Z');
      expect((await member.api.tasks.get.query({ taskId: made.id })).due?.timeZone).to.equal('UTC');
    });

    it('are due at times as people and programs write them, in UTC where no zone is told', async () => {
      for (const [written, meant] of [
        ['2030-01-02', '2030-01-02T00:00:00.000Z'],
        ['2030-01-02T03:04', '2030-01-02T03:04:00.000Z'],
        ['2030-01-02T03:04:05', '2030-01-02T03:04:05.000Z'],
        ['2030-01-02T03:04:05.678901', '2030-01-02T03:04:05.678Z'],
        ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05.000Z'],
        ['2030-01-02T03:04:05.678901-05:30', '2030-01-02T08:34:05.678Z'],
      ])
        expect((await make({ title: 'due', description: '', due_date: written })).due_date, written).to.equal(
          meant,
        );
    });

    it('are seen by viewers, and worked on by members; nobody else knows of them', async () => {
      const body = { title: 'Changed', description: '' };
      const of = async (method: string, path: string) =>
        await statuses(async ({ token }) => {
          const { id } = await make();
          const sent = method === 'GET' || method === 'DELETE' ? {} : { body };
          return (await rest.call(method, path.replace('TASK', id), { token, ...sent })).status;
        });
      expect(await of('GET', tasksPath())).to.deep.equal([404, 200, 200, 200]);
      expect(await of('POST', tasksPath())).to.deep.equal([404, 403, 201, 201]);
      expect(await of('GET', '/api/tasks/TASK')).to.deep.equal([404, 200, 200, 200]);
      for (const method of ['PATCH', 'PUT', 'DELETE'])
        expect(await of(method, '/api/tasks/TASK/'), method).to.deep.equal([404, 403, 200, 200]);
      for (const id of [newId(), 'x'.repeat(65)])
        for (const [method, path] of [
          ...['GET', 'PATCH', 'PUT', 'DELETE'].map((one) => [one, `/api/tasks/${id}/`] as const),
          ...['GET', 'POST'].map((one) => [one, tasksPath(id)] as const),
        ]) {
          const sent = method === 'GET' || method === 'DELETE' ? {} : { body };
          const refused = await rest.refusal(method, path, { token: place.admin.token, ...sent });
          expect(refused, `${method} ${path}`).to.deep.equal([404, 'NOT_FOUND']);
        }
    });

    it('are deleted', async () => {
      for (const path of ['/api/tasks/TASK', '/api/tasks/TASK/']) {
        const { id } = await make();
        const answer = await rest.call('DELETE', path.replace('TASK', id), { token: place.member.token });
        expect([answer.status, answer.body]).to.deep.equal([200, { message: 'Task deleted successfully.' }]);
        expect(await rest.refusal('GET', `/api/tasks/${id}`, { token: place.member.token })).to.deep.equal([
          ...[404, 'NOT_FOUND'],
        ]);
      }
    });
  });

  describe('comments', () => {
    const say = async ({ token }: TestPerson, taskId: string, body: unknown = { content: 'Well done' }) =>
      (await rest.call<Comment>('POST', `/api/tasks/${taskId}/comments/`, { token, body })).body;

    it('are made, by JSON or by a form', async () => {
      const { id: task } = await make();
      const { member } = place;
      for (const [path, sent] of [
        [`/api/tasks/${task}/comments`, { content: 'Well done', extra: 1 }],
        [`/api/tasks/${task}/comments/`, new URLSearchParams({ content: 'Well done' })],
      ] as const) {
        const { status, body } = await rest.call<Comment>('POST', path, { token: member.token, body: sent });
        const { id, created_at } = body;
        expect([status, body]).to.deep.equal([
          201,
          {
            ...{ id, content: 'Well done', task, created_at, updated_at: created_at },
            user: { id: member.id, username: member.username },
          },
        ]);
        expect(await get(`/api/comments/${id}`)).to.deep.equal(body);
      }
    });

    it('are listed, the oldest first, page by page', async () => {
      const { id } = await make();
      const said: Comment[] = [];
      for (let at = 0; at < 5; at += 1) said.push(await say(place.member, id, { content: `Number ${at}` }));
      const pages = await pagesOf<Comment>(rest, `/api/tasks/${id}/comments?limit=2`, place.viewer.token);
      expect(pages.map((page) => page.length)).to.deep.equal([2, 2, 1]);
      expect(pages.flat()).to.deep.equal(said);
    });

    it('are changed by their author, who is still the one, and say when', async () => {
      const { id } = await make();
      const { member, projectId } = place;
      const person = await signUp(server);
      await place.owner.api.projects.members.add.mutate({ projectId, userId: person.id });
      const { id: commentId } = await member.api.comments.create.mutate({
        ...{ taskId: id, content: 'Look', mentions: [person.id] },
      });
      const before = await get<Comment>(`/api/comments/${commentId}/`);
      const change = async (method: string, body: unknown) =>
        (await rest.call<Comment>(method, `/api/comments/${commentId}/`, { token: member.token, body })).body;
      expect(await change('PATCH', {})).to.deep.equal(before);
      const changed = await change('PATCH', { content: 'Look here' });
      const { updated_at } = changed;
      expect(changed).to.deep.equal({ ...before, content: 'Look here', updated_at });
      expect(Date.parse(updated_at)).to.be.at.least(Date.parse(before.created_at));
      const { editedAt } = await member.api.comments.get.query({ commentId });
      expect(editedAt?.toISOString()).to.equal(updated_at);
      expect((await change('PUT', new URLSearchParams({ content: 'Once more' }))).content).to.equal(
        'Once more',
      );
      expect((await member.api.comments.get.query({ commentId })).mentions).to.deep.equal([person.id]);
    });

    it('refuse what says nothing', async () => {
      const { id } = await make();
      const { id: commentId } = await say(place.member, id);
      for (const body of [
        {},
        { content: '' },
        { content: ' ' },
        { content: 7 },
        { content: 'x'.repeat(8_001) },
      ])
        for (const [method, path] of [
          ['POST', `/api/tasks/${id}/comments/`],
          ['PUT', `/api/comments/${commentId}/`],
        ] as const)
          expect(await rest.refusal(method, path, { token: place.member.token, body })).to.deep.equal([
            ...[400, 'INVALID_INPUT', 'content'],
          ]);
    });

    it('are seen by viewers, changed by their author, and deleted by that or by admins', async () => {
      const { id: task } = await make();
      const body = { content: 'Changed' };
      const of = async (method: string, path: string, author = place.owner) =>
        await statuses(async ({ token }) => {
          const { id } = await say(author, task);
          const sent = method === 'GET' || method === 'DELETE' ? {} : { body };
          return (await rest.call(method, path.replace('COMMENT', id), { token, ...sent })).status;
        });
      expect(await of('GET', `/api/tasks/${task}/comments/`)).to.deep.equal([404, 200, 200, 200]);
      expect(await of('POST', `/api/tasks/${task}/comments/`)).to.deep.equal([404, 403, 201, 201]);
      expect(await of('GET', '/api/comments/COMMENT')).to.deep.equal([404, 200, 200, 200]);
      for (const method of ['PATCH', 'PUT']) {
        expect(await of(method, '/api/comments/COMMENT/'), method).to.deep.equal([404, 403, 403, 403]);
        expect(await of(method, '/api/comments/COMMENT/', place.member)).to.deep.equal([404, 403, 200, 403]);
      }
      expect(await of('DELETE', '/api/comments/COMMENT')).to.deep.equal([404, 403, 403, 200]);
      expect(await of('DELETE', '/api/comments/COMMENT/', place.member)).to.deep.equal([404, 403, 200, 200]);
    });

    it('are deleted, and end with their task', async () => {
      const { id: task } = await make();
      const { token } = place.member;
      const [first, second] = [await say(place.member, task), await say(place.member, task)];
      const answer = await rest.call('DELETE', `/api/comments/${first.id}/`, { token });
      expect([answer.status, answer.body]).to.deep.equal([200, { message: 'Comment deleted successfully.' }]);
      await rest.call('DELETE', `/api/tasks/${task}/`, { token });
      for (const { id } of [first, second])
        for (const method of ['GET', 'DELETE'])
          expect(await rest.refusal(method, `/api/comments/${id}`, { token })).to.deep.equal([
            404,
            'NOT_FOUND',
          ]);
      expect(await rest.refusal('GET', `/api/tasks/${task}/comments/`, { token })).to.deep.equal([
        404,
        'NOT_FOUND',
      ]);
    });
  });
});
