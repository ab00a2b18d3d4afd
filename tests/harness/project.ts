import { signUp, type TestPerson } from './api.js';
import type { TestServer } from './test-server.js';

/** A project with somebody of every role in it, and somebody who is not. */
export interface TestProject {
  readonly projectId: string;
  readonly owner: TestPerson;
  readonly admin: TestPerson;
  readonly member: TestPerson;
  readonly viewer: TestPerson;
  readonly stranger: TestPerson;
}

export const makeProject = async (server: TestServer): Promise<TestProject> => {
  const [owner, admin, member, viewer, stranger] = await Promise.all([
    signUp(server, 'owner'),
    signUp(server, 'admin'),
    signUp(server, 'member'),
    signUp(server, 'viewer'),
    signUp(server, 'stranger'),
  ]);
  const { id: projectId } = await owner.api.projects.create.mutate({ name: 'The bridge' });
  for (const [{ id: userId }, role] of [
    [admin, 'admin'],
    [member, 'member'],
    [viewer, 'viewer'],
  ] as const)
    await owner.api.projects.members.add.mutate({ projectId, userId, role });
  return { projectId, owner, admin, member, viewer, stranger };
};
