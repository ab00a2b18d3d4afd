// Notifications: what concerns somebody, once, until it concerns them no more.
import { createMembershipModel } from '@parley/server/internal/features/conversations/membership.model';
import { createFriendshipModel } from '@parley/server/internal/features/friends/friendship.model';
import { createStandings } from '@parley/server/internal/features/friends/standings';
import {
  createNotificationModel,
  createPreferencesModel,
} from '@parley/server/internal/features/notifications/notification.model';
import { createNotifier } from '@parley/server/internal/features/notifications/notifier';
import type { ParleyEvent } from '@parley/shared';
import { expect } from 'chai';
import { streamOverSocket } from '../harness/event-stream.js';
import { signUp, TEST_PASSWORD, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

describe('notifications', () => {
  let place: ServerOnStore;
  before(async () => {
    place = await startServerOnStore('notifications');
  });
  after(() => place.close());

  const two = async (): Promise<[TestPerson, TestPerson]> =>
    await Promise.all([signUp(place.server), signUp(place.server)]);
  const kindsOf = async ({ api }: TestPerson) =>
    (await api.notifications.list.query()).items.map(({ kind, by, about }) => [kind, by?.id ?? null, about]);
  const unread = async ({ api }: TestPerson) => (await api.notifications.unread.query()).unread;
  /** Resolves when so many are there; of messages they come when history does. */
  const until = async (person: TestPerson, count: number): Promise<void> => {
    while ((await person.api.notifications.list.query()).items.length !== count)
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const roomOf = async (...people: readonly TestPerson[]): Promise<string> => {
    const name = `room ${Math.random()}`;
    const rooms = await Promise.all(people.map(({ api }) => api.rooms.joinOrCreate.mutate({ name })));
    return rooms[0]?.room.id ?? '';
  };

  it('tell of mentions to whoever is there to be mentioned, once, and not of one’s own', async () => {
    const [ada, bob] = await two();
    const stranger = await signUp(place.server);
    const conversationId = await roomOf(ada, bob);
    const mentions = [bob.id, ada.id, stranger.id, 'nobody', bob.id];
    const { id: messageId } = await ada.api.messages.send.mutate({ conversationId, text: 'you', mentions });
    await until(bob, 1);
    const about = { type: 'message', conversationId, messageId };
    expect(await kindsOf(bob)).to.deep.equal([['mention', ada.id, about]]);
    await ada.api.messages.edit.mutate({
      conversationId,
      id: messageId,
      text: 'you there',
      mentions: [bob.id],
    });
    const { id } = await ada.api.messages.send.mutate({ conversationId, text: 'without' });
    await ada.api.messages.edit.mutate({ conversationId, id, text: 'now with', mentions: [bob.id] });
    await until(bob, 2);
    expect(await kindsOf(ada)).to.deep.equal([]);
    expect(await kindsOf(stranger)).to.deep.equal([]);
    await ada.api.messages.delete.mutate({ conversationId, id });
    await until(bob, 1);
    await bob.api.rooms.leave.mutate({ conversationId });
    expect(await kindsOf(bob), 'what is said where one is no more').to.deep.equal([]);
  });

  it('tell of tasks while they are one’s own', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id });
    const task = await ada.api.tasks.create.mutate({
      projectId,
      title: 'a stone',
      assignees: [bob.id, ada.id],
    });
    const about = { type: 'task', projectId, taskId: task.id };
    expect(await kindsOf(bob)).to.deep.equal([['assignment', ada.id, about]]);
    expect(await kindsOf(ada)).to.deep.equal([]);
    await ada.api.tasks.update.mutate({ taskId: task.id, title: 'a large stone' });
    expect(await kindsOf(bob)).to.have.length(1);
    await ada.api.tasks.update.mutate({ taskId: task.id, assignees: [] });
    expect(await kindsOf(bob)).to.deep.equal([]);
    await ada.api.tasks.update.mutate({ taskId: task.id, assignees: [bob.id] });
    const other = await ada.api.tasks.create.mutate({ projectId, title: 'sand', assignees: [bob.id] });
    expect(await kindsOf(bob)).to.have.length(2);
    await ada.api.tasks.delete.mutate({ taskId: other.id });
    expect(await kindsOf(bob)).to.deep.equal([['assignment', ada.id, about]]);
    await ada.api.projects.members.remove.mutate({ projectId, userId: bob.id });
    expect(await kindsOf(bob)).to.deep.equal([]);
  });

  it('tell of invitations and requests until they are answered', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    const { id: invitationId } = await ada.api.projects.invitations.create.mutate({
      projectId,
      userId: bob.id,
    });
    await ada.api.friends.request.mutate({ userId: bob.id });
    expect(await kindsOf(bob)).to.deep.equal([
      ['friendRequest', ada.id, { type: 'person', userId: ada.id }],
      ['invitation', ada.id, { type: 'invitation', projectId, invitationId }],
    ]);
    await bob.api.friends.accept.mutate({ userId: ada.id });
    await bob.api.projects.invitations.decline.mutate({ invitationId });
    expect(await kindsOf(bob)).to.deep.equal([]);
    await bob.api.friends.remove.mutate({ userId: ada.id });
    await ada.api.friends.request.mutate({ userId: bob.id });
    expect(await unread(bob), 'asked again').to.equal(1);
    await ada.api.friends.cancel.mutate({ userId: bob.id });
    expect(await unread(bob)).to.equal(0);
  });

  it('are read one by one or all up to one, on every device, and counted', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id });
    using stream = streamOverSocket(place.server, () => bob.token);
    await stream.until(({ heard }) => heard.length > 0);
    for (let count = 0; count < 5; count += 1)
      await ada.api.tasks.create.mutate({ projectId, title: `stone ${count}`, assignees: [bob.id] });
    await stream.until((it) => it.of('notification.created').length === 5);
    const { items } = await bob.api.notifications.list.query();
    const ids = items.map(({ id }) => id);
    expect(stream.of('notification.created').map(({ notificationId }) => notificationId)).to.have.members(
      ids,
    );
    expect(await unread(bob)).to.equal(5);
    const [newest = '', second = '', third = ''] = ids;
    expect(await bob.api.notifications.markRead.mutate({ ids: [newest, 'none'] })).to.deep.equal({
      unread: 4,
    });
    expect(await bob.api.notifications.markRead.mutate({ ids: [newest] })).to.deep.equal({ unread: 4 });
    expect(await bob.api.notifications.markRead.mutate({ upTo: third })).to.deep.equal({ unread: 1 });
    const open = await bob.api.notifications.list.query({ unread: true });
    expect(open.items.map(({ id, readAt }) => [id, readAt])).to.deep.equal([[second, null]]);
    await stream.until((it) => it.of('notification.read').length === 2);
    expect(stream.of('notification.read')).to.deep.equal([
      { type: 'notification.read', ids: [newest, 'none'] },
      { type: 'notification.read', upTo: third },
    ]);
    expect(await ada.api.notifications.markRead.mutate({ ids: [second] }), 'another’s').to.deep.equal({
      unread: 0,
    });
    expect(await unread(bob)).to.equal(1);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await bob.api.notifications.list.query({ limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).to.deep.equal(ids);
  });

  it('come only of what one wants, and of nobody across a block', async () => {
    const [ada, bob] = await two();
    const wanted = await bob.api.notifications.preferences.query();
    expect(new Set(Object.values(wanted))).to.deep.equal(new Set([true]));
    await Promise.all([
      bob.api.notifications.setPreferences.mutate({ friendRequest: false }),
      bob.api.notifications.setPreferences.mutate({ dueSoon: false, mention: true }),
    ]);
    expect(await bob.api.notifications.preferences.query()).to.deep.equal({
      ...wanted,
      ...{ friendRequest: false, dueSoon: false },
    });
    await ada.api.friends.request.mutate({ userId: bob.id });
    expect(await kindsOf(bob)).to.deep.equal([]);
    expect(await bob.api.notifications.setPreferences.mutate({ friendRequest: true })).to.deep.equal({
      ...wanted,
      dueSoon: false,
    });
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id });
    await bob.api.friends.block.mutate({ userId: ada.id });
    await ada.api.tasks.create.mutate({ projectId, title: 'a stone', assignees: [bob.id] });
    expect(await kindsOf(bob)).to.deep.equal([]);
  });

  it('are made once of what is told twice, and go with the account', async () => {
    const [ada, bob] = await two();
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id });
    const notify = createNotifier({
      notifications: createNotificationModel(place.database),
      preferences: createPreferencesModel(place.database),
      memberships: createMembershipModel(place.database),
      standings: createStandings(createFriendshipModel(place.database)),
    });
    const event: ParleyEvent = {
      ...{ projectId, taskId: 'a task', by: null, dueAt: new Date() },
      type: 'task.dueSoon',
      assignees: [bob.id, ada.id],
    };
    const both = await Promise.all([notify([{ event, audiences: [] }]), notify([{ event, audiences: [] }])]);
    expect(both.flat().map(({ event: { type } }) => type)).to.deep.equal([
      'notification.created',
      'notification.created',
    ]);
    expect(await notify([{ event, audiences: [] }])).to.deep.equal([]);
    expect(await kindsOf(bob)).to.deep.equal([
      ['dueSoon', null, { type: 'task', projectId, taskId: 'a task' }],
    ]);
    await ada.api.projects.delete.mutate({ projectId });
    expect(await kindsOf(bob)).to.deep.equal([]);
    await ada.api.friends.request.mutate({ userId: bob.id });
    await bob.api.notifications.setPreferences.mutate({ mention: false });
    await bob.api.users.delete.mutate({ password: TEST_PASSWORD });
    for (const name of ['notifications', 'notification_preferences']) {
      const rows = place.database.collection<{ _id: string; user: string }>(name);
      expect(await rows.countDocuments({ $or: [{ user: bob.id }, { _id: bob.id }] }), name).to.equal(0);
    }
  });

  it('are found by an index, however many there are', async () => {
    const rows = place.database.collection('notifications');
    for (const filter of [
      { user: 'a' },
      { user: 'a', readAt: null },
      { subjects: 'task:x', user: { $in: ['a'] } },
    ]) {
      const plan = await rows.find(filter).sort({ _id: -1 }).explain();
      expect(JSON.stringify(plan)).not.to.include('COLLSCAN');
    }
  });
});
