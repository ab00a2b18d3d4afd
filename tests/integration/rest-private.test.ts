// Whatever is read over REST, nobody is told another's e-mail address, nor how they sign in.
import { expect } from 'chai';
import { createApi, signUp, startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';
import { createRestClient } from '../harness/rest.js';

const ADDRESS = 'hidden.address@example.com';

describe('what is private', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  it('is in no answer to anybody else, whatever they read', async () => {
    const rest = await createRestClient(server);
    const registered = await createApi(server.url).auth.register.mutate({
      ...{
        username: 'hidden',
        email: ADDRESS,
        password: TEST_PASSWORD,
        firstName: 'Ada',
        lastName: 'Hidden',
      },
    });
    const ada = createApi(server.url, registered.tokens.accessToken);
    const adaId = registered.user.id;
    const bob = await signUp(server, 'bob');
    const group = await ada.groups.create.mutate({ name: 'two', members: [bob.id], visibility: 'public' });
    const { room } = await ada.rooms.joinOrCreate.mutate({ name: 'open' });
    const project = await ada.projects.create.mutate({ name: 'shared' });
    await ada.projects.members.add.mutate({ projectId: project.id, userId: bob.id, role: 'admin' });
    const task = await ada.tasks.create.mutate({ projectId: project.id, title: 'look', assignees: [adaId] });
    const comment = await ada.comments.create.mutate({
      taskId: task.id,
      content: 'look',
      mentions: [bob.id],
    });
    const pad = await ada.pads.create.mutate({ conversationId: group.id, title: 'look' });
    const message = await ada.messages.send.mutate({
      conversationId: group.id,
      text: 'look',
      mentions: [bob.id],
    });
    await ada.friends.request.mutate({ userId: bob.id });
    await bob.api.conversations.start.mutate({ userId: adaId });

    const byName: Readonly<Record<string, string>> = {
      userId: adaId,
      user_id: adaId,
      conversationId: group.id,
      conversation_id: group.id,
      projectId: project.id,
      taskId: task.id,
      task_id: task.id,
      commentId: comment.id,
      comment_id: comment.id,
      room_name: room.name,
    };
    // What a route does not know is passed over.
    const queries = ['', `text=look&userIds=${adaId}&conversationId=${group.id}&id=${message.id}`];
    let read = 0;
    for (const [path, operations] of Object.entries(rest.document.paths)) {
      if (operations.get === undefined || path.endsWith('/events') || path.startsWith('/files/')) continue;
      const own = path.includes('/comments/') ? comment.id : path.includes('/tasks/') ? task.id : project.id;
      const id = path.includes('/pads/') ? pad.id : path.includes('/users/') ? adaId : own;
      const real = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
        encodeURIComponent(byName[name] ?? id),
      );
      for (const query of queries) {
        const response = await fetch(`${server.url}${real}?${query}`, {
          headers: { authorization: `Bearer ${bob.token}` },
        });
        const text = await response.text();
        if (response.status === 200 && text.includes(adaId)) read += 1;
        for (const secret of [ADDRESS, ADDRESS.split('@')[0] ?? '', 'passwordHash', 'refreshToken'])
          expect(text, `${path}?${query}`).not.to.include(secret);
      }
    }
    expect(read, 'answers that do tell of them').to.be.greaterThan(20);
  });
});
