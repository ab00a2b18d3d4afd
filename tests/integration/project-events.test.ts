// What is told of projects, to whom, and in which order.

import { createSecretKey } from 'node:crypto';
import type { NewEvent } from '@parley/server/internal/features/events/index';
import { createLinkModel } from '@parley/server/internal/features/links/index';
import {
  createInvitationModel,
  createProjectModel,
  createProjectsService,
  type ProjectsService,
} from '@parley/server/internal/features/projects/index';
import { createProjectMemberModel } from '@parley/server/internal/features/projects/project.model';
import type { UsersService } from '@parley/server/internal/features/users/index';
import { ensureIndexes } from '@parley/server/internal/platform/mongo';
import { newId, type Person } from '@parley/shared';
import { expect } from 'chai';
import { startTestStore, type TestStore } from '../harness/test-store.js';

const ADA = 'ada';
const BOB = 'bob';
const EVE = 'eve';

describe('events of projects', () => {
  let store: TestStore;
  let projects: ProjectsService;
  let makeOwner: (projectId: string, owner: string) => Promise<unknown>;
  let told: NewEvent[] = [];
  let rights: string[] = [];
  /** Runs before an event is kept, as others do who are faster. */
  let meanwhile: (event: NewEvent) => Promise<void>;
  const gone = new Set<string>();

  before(async () => {
    store = await startTestStore();
    const database = store.connection.useDb(`events-of-projects-${newId()}`);
    // What projects use of people.
    const users = {
      find: async (id: string) => (gone.has(id) ? null : { _id: id }),
      people: async (ids: Iterable<string>) =>
        new Map([...ids].map((id): [string, Person] => [id, { id, username: id, name: id }])),
    };
    const rows = createProjectModel(database);
    makeOwner = (_id, owner) => rows.updateOne({ _id }, { $set: { owner } });
    projects = createProjectsService({
      projects: rows,
      projectMembers: createProjectMemberModel(database),
      projectInvitations: createInvitationModel(database),
      projectLinks: createLinkModel(database, 'project'),
      linkKey: createSecretKey(Buffer.from('for tests')),
      users: users as unknown as UsersService,
      hiddenFrom: async () => new Set(),
      publish: async (events) => {
        for (const event of events) {
          await meanwhile(event);
          told.push(event);
        }
      },
      onRightsChanged: (_, userId) => {
        rights.push(userId ?? 'everybody');
      },
      onLeft: async () => undefined,
      removeContent: async () => undefined,
      countTasks: async () => new Map(),
    });
    await ensureIndexes(database);
  });
  after(() => store.close());
  beforeEach(() => {
    meanwhile = async () => undefined;
    gone.clear();
  });

  /** A project of Ada's with Bob as what is said, told of already. */
  const start = async (role: 'admin' | 'member' | 'viewer' = 'member'): Promise<string> => {
    const { id: projectId } = await projects.create(ADA, { name: 'The bridge', description: '' });
    await projects.addMember(ADA, { projectId, userId: BOB, role });
    told = [];
    rights = [];
    return projectId;
  };
  const heard = (): unknown[] => {
    const events = told.map(({ event }) => {
      const { projectId: _, ...rest } = { projectId: '', ...event };
      return rest;
    });
    told = [];
    return events;
  };
  /** Who is in, as whoever follows the log sees it. */
  const inAudience = (events: readonly NewEvent[], userId: string): boolean | null =>
    events.reduce<boolean | null>((is, { joins, leaves }) => {
      if (joins?.userId === userId) return true;
      return leaves?.userId === userId ? false : is;
    }, null);

  it('tell its maker of a new one, and whoever comes in of that', async () => {
    told = [];
    const { id: projectId } = await projects.create(ADA, { name: 'The bridge', description: '' });
    await projects.addMember(ADA, { projectId, userId: BOB, role: 'viewer' });
    await projects.addMember(ADA, { projectId, userId: BOB, role: 'admin' });
    const audience = `project:${projectId}`;
    expect(told).to.deep.equal([
      {
        event: { type: 'project.created', projectId, by: ADA },
        audiences: ['user:ada'],
        joins: { userId: ADA, audience },
      },
      {
        event: { type: 'project.memberAdded', projectId, by: ADA, userId: BOB, role: 'viewer' },
        audiences: [audience, 'user:bob'],
        joins: { userId: BOB, audience },
      },
    ]);
  });

  it('tell what changed, and nothing of what did not', async () => {
    const projectId = await start();
    await projects.change(ADA, projectId, { name: 'The bridge' });
    await projects.change(ADA, projectId, {});
    expect(heard()).to.deep.equal([]);
    await projects.change(ADA, projectId, { name: 'A ferry', description: 'long' });
    await projects.change(ADA, projectId, { description: 'longer' });
    const { archivedAt } = await projects.setArchived(ADA, projectId, true);
    await projects.setArchived(ADA, projectId, true);
    await projects.setArchived(ADA, projectId, false);
    const updated = { type: 'project.updated', by: ADA };
    expect(heard()).to.deep.equal([
      { ...updated, changes: { name: 'A ferry' }, changed: ['description'] },
      { ...updated, changes: {}, changed: ['description'] },
      { ...updated, changes: { archivedAt }, changed: [] },
      { ...updated, changes: { archivedAt: null }, changed: [] },
    ]);
    expect(rights, 'nothing may be written while it is archived').to.deep.equal(['everybody', 'everybody']);
  });

  it('tell of roles, of who is put out and of who leaves', async () => {
    const projectId = await start();
    await projects.setRole(ADA, { projectId, userId: BOB, role: 'member' });
    expect(heard()).to.deep.equal([]);
    await projects.setRole(ADA, { projectId, userId: BOB, role: 'viewer' });
    await projects.removeMember(ADA, { projectId, userId: BOB });
    const audience = `project:${projectId}`;
    expect(told.at(-1)).to.deep.include({
      audiences: [audience, 'user:bob'],
      leaves: { userId: BOB, audience },
    });
    await projects.addMember(ADA, { projectId, userId: BOB, role: 'member' });
    await projects.leave(BOB, projectId);
    expect(heard()).to.deep.equal([
      { type: 'project.memberChanged', by: ADA, userId: BOB, role: 'viewer' },
      { type: 'project.memberRemoved', by: ADA, userId: BOB },
      { type: 'project.memberAdded', by: ADA, userId: BOB, role: 'member' },
      { type: 'project.memberRemoved', by: BOB, userId: BOB },
    ]);
    expect(rights).to.deep.equal([BOB, BOB, BOB, BOB]);
  });

  it('tell of a new owner, and that they are an admin now', async () => {
    const projectId = await start('viewer');
    await projects.transfer(ADA, { projectId, userId: BOB });
    expect(heard()).to.deep.equal([
      { type: 'project.transferred', by: ADA, ownerId: BOB },
      { type: 'project.memberChanged', by: null, userId: BOB, role: 'admin' },
    ]);
  });

  it('tell everybody of the end, in a way that may be said twice', async () => {
    const projectId = await start();
    await projects.delete(ADA, projectId);
    const audience = `project:${projectId}`;
    expect(told).to.deep.equal([
      {
        event: { type: 'project.deleted', projectId, by: ADA },
        audiences: [audience, `user:${ADA}`, `user:${BOB}`],
        leaves: { userId: null, audience },
        key: `project.deleted:${projectId}`,
      },
    ]);
    expect(rights).to.deep.equal(['everybody']);
  });

  it('tell of the heir, and of what ends with an account', async () => {
    await start('viewer');
    const alone = await projects.create(ADA, { name: 'mine', description: '' });
    told = [];
    gone.add(ADA);
    await projects.leaveAll(ADA);
    const deleted = told.filter(({ event }) => event.type === 'project.deleted');
    expect(deleted.map(({ event }) => event)).to.deep.include({
      type: 'project.deleted',
      projectId: alone.id,
      by: ADA,
    });
    expect(heard().filter((event) => !JSON.stringify(event).includes('deleted'))).to.deep.include.members([
      { type: 'project.transferred', by: ADA, ownerId: BOB },
      { type: 'project.memberChanged', by: null, userId: BOB, role: 'admin' },
      { type: 'project.memberRemoved', by: ADA, userId: ADA },
    ]);
    await projects.leaveAll(ADA);
    expect(heard(), 'twice is harmless').to.deep.equal([]);
  });

  it('tell of invitations those two alone whom they concern', async () => {
    const projectId = await start();
    const { id: invitationId } = await projects.invitations.create(ADA, {
      ...{ projectId, userId: EVE, role: 'viewer' },
    });
    await projects.invitations.create(ADA, { projectId, userId: EVE, role: 'viewer' });
    expect(told).to.deep.equal([
      {
        event: { type: 'project.invited', projectId, by: ADA, invitationId, userId: EVE, role: 'viewer' },
        audiences: ['user:eve'],
      },
    ]);
    await projects.invitations.create(ADA, { projectId, userId: EVE, role: 'admin' });
    expect(told.at(-1)?.event).to.include({ type: 'project.invited', role: 'admin' });
    told = [];
    await projects.invitations.accept(EVE, invitationId);
    const ended = { type: 'project.invitationEnded', invitationId, userId: EVE } as const;
    expect(told.at(-1)?.audiences).to.deep.equal(['user:eve', 'user:ada']);
    expect(heard()).to.deep.equal([
      { type: 'project.memberAdded', by: EVE, userId: EVE, role: 'admin' },
      { ...ended, by: EVE, outcome: 'accepted' },
    ]);
  });

  it('tell of whoever accepted, also where that was cut short', async () => {
    const projectId = await start();
    const invited = { projectId, userId: EVE, role: 'viewer' } as const;
    const { id: invitationId } = await projects.invitations.create(ADA, invited);
    told = [];
    meanwhile = async () => {
      throw new Error('the store is away');
    };
    const failed = await projects.invitations.accept(EVE, invitationId).catch((error: unknown) => error);
    expect(failed).to.be.an('error').that.has.property('message', 'the store is away');
    expect(heard()).to.deep.equal([]);
    meanwhile = async () => undefined;
    await projects.invitations.finish();
    expect(heard()).to.deep.include({ type: 'project.memberAdded', by: EVE, userId: EVE, role: 'viewer' });
    expect((await projects.get(EVE, projectId)).role).to.equal('viewer');
  });

  it('tell of whoever comes in by a link, once', async () => {
    const projectId = await start();
    const { token } = await projects.links.create(ADA, {
      ...{ projectId, role: 'viewer', expiresInHours: 1, maxUses: 5 },
    });
    await Promise.all([1, 2, 3].map(() => projects.links.join(EVE, token)));
    expect(heard()).to.deep.equal([{ type: 'project.memberAdded', by: EVE, userId: EVE, role: 'viewer' }]);
  });

  it('tell nothing of who came into what ended meanwhile', async () => {
    const projectId = await start();
    gone.add(EVE);
    const adding = projects.addMember(ADA, { projectId, userId: EVE, role: 'member' });
    await adding.catch(() => undefined);
    expect(heard()).to.deep.equal([]);
  });

  it('leave nobody out who is in, and nobody in who is out, whoever is told of first', async () => {
    const projectId = await start();
    // Put out and taken in again before the first is told: the log hears of it the wrong way round.
    meanwhile = async ({ event }) => {
      if (event.type !== 'project.memberRemoved') return;
      meanwhile = async () => undefined;
      await projects.addMember(ADA, { projectId, userId: BOB, role: 'viewer' });
    };
    await projects.removeMember(ADA, { projectId, userId: BOB });
    expect(inAudience(told, BOB)).to.equal(true);
    expect(heard().at(-1)).to.include({ type: 'project.memberAdded', role: 'viewer' });
    await projects.removeMember(ADA, { projectId, userId: BOB });
    told = [];
    // Taken in, and put out again before that is told.
    meanwhile = async ({ event }) => {
      if (event.type !== 'project.memberAdded') return;
      meanwhile = async () => undefined;
      await projects.removeMember(ADA, { projectId, userId: BOB });
    };
    await projects.addMember(ADA, { projectId, userId: BOB, role: 'viewer' }).catch(() => undefined);
    expect(inAudience(told, BOB)).to.equal(false);
  });

  it('bring back an owner who was put out as they became it, and tell of that last', async () => {
    const projectId = await start('viewer');
    // A transfer that had found them in it, and writes now.
    meanwhile = async ({ event }) => {
      if (event.type === 'project.memberRemoved') await makeOwner(projectId, BOB);
    };
    await projects.removeMember(ADA, { projectId, userId: BOB });
    expect(heard()).to.deep.equal([
      { type: 'project.memberRemoved', by: ADA, userId: BOB },
      { type: 'project.memberAdded', by: null, userId: BOB, role: 'admin' },
    ]);
  });

  it('end with what stands, of names, owners and roles too', async () => {
    const projectId = await start('admin');
    await projects.addMember(ADA, { projectId, userId: EVE, role: 'member' });
    told = [];
    /** Somebody else is faster, and is told of first. */
    const overtakenBy = (change: () => Promise<unknown>): void => {
      meanwhile = async () => {
        meanwhile = async () => undefined;
        await change();
      };
    };
    overtakenBy(() => projects.change(BOB, projectId, { name: 'later' }));
    await projects.change(ADA, projectId, { name: 'sooner' });
    expect(heard().at(-1)).to.deep.include({ changes: { name: 'later' } });
    overtakenBy(() => projects.setRole(BOB, { projectId, userId: EVE, role: 'admin' }));
    await projects.setRole(ADA, { projectId, userId: EVE, role: 'viewer' });
    expect(heard().at(-1)).to.include({ userId: EVE, role: 'admin' });
    overtakenBy(() => projects.transfer(BOB, { projectId, userId: EVE }));
    await projects.transfer(ADA, { projectId, userId: BOB });
    expect(heard().at(-1)).to.include({ ownerId: EVE });
  });
});
