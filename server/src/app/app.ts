// The composition root: makes every part and joins them. Nothing else knows more than its neighbours.
import { createSecretKey } from 'node:crypto';
import { createAppRouter } from '../app-router.js';
import { keepSecret, resolveSettings, type ServerOptions, type Settings } from '../config/index.js';
import { createAccountService } from '../features/account/index.js';
import { createCommentsService } from '../features/comments/index.js';
import {
  conversationPlaces,
  createConversationsService,
  leaveAll,
  type MembershipChange,
  rightsOf,
  shownSince,
  tellMembership,
} from '../features/conversations/index.js';
import { createEventsService } from '../features/events/index.js';
import { createStandings } from '../features/friends/index.js';
import { createGroupsService } from '../features/groups/index.js';
import {
  createMessageReader,
  createMessagesService,
  createOwnMessages,
  eraseAll,
  eraseExpired,
  TermsIndex,
} from '../features/messages/index.js';
import { createNotificationsService, createNotifier } from '../features/notifications/index.js';
import { createPadsService } from '../features/pads/index.js';
import { createProjectsService, projectPlaces } from '../features/projects/index.js';
import { createRoomsService } from '../features/rooms/index.js';
import { countTasks, createTasksService } from '../features/tasks/index.js';
import { completeUserRows } from '../features/users/index.js';
import type { Mailer } from '../mail/index.js';
import { createMetrics } from '../metrics/index.js';
import { Lifecycle } from '../platform/lifecycle.js';
import { createLogger, type Logger } from '../platform/logger.js';
import { ensureIndexes } from '../platform/mongo.js';
import { repeat } from '../platform/repeat.js';
import type { DocumentKind } from '../sync/index.js';
import { Streams } from '../trpc/index.js';
import { createLive, type KindContext, makeKinds } from './documents.js';
import { openDoors, type Parley } from './doors.js';
import { createFiles } from './files.js';
import { createPeople } from './people.js';
import { createRestServices } from './rest.js';
import { createSpacesParts } from './spaces.js';
import { createModels, openStore } from './store.js';

/** What a server is made with; everything has a default. */
export interface ParleyOptions extends ServerOptions {
  /** Sends letters in place of `smtpUrl` or of the outbox in `dataDir`. */
  readonly mailer?: Mailer | undefined;
  /** Kinds of documents beside Parley's own; docs/document-kinds.md shows how to write one. */
  readonly documentKinds?: readonly ((context: KindContext) => DocumentKind)[] | undefined;
}

/** How late somebody hears that the time of a task is near, at most. */
const DUE_SOON_EVERY_MS = 60_000;
/** How long after its time something is kept, at most: conversations keep for days. */
const ERASE_EVERY_MS = 3_600_000;

/** Makes a server that is ready to listen: the store is open and its indexes stand. Leaves nothing open when it rejects. */
export const createParley = async (options: ParleyOptions = {}): Promise<Parley> => {
  const settings = resolveSettings(options);
  const log = createLogger(settings.logLevel, settings.logTo === 'stdout' ? 1 : 2);
  const lifecycle = new Lifecycle(log);
  try {
    return await assemble(options, { settings, log, lifecycle });
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
};

interface Ground {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

const assemble = async (options: ParleyOptions, { settings, log, lifecycle }: Ground): Promise<Parley> => {
  const secret = settings.jwtSecret ?? (await keepSecret(settings.dataDir));
  const { connection, failed } = await openStore(settings, lifecycle);
  const models = createModels(connection);
  const standings = createStandings(models.friendships);
  const conversationAccess: KindContext['conversationAccess'] = async (conversationId, userId) =>
    rightsOf(await conversations.access(conversationId, userId));
  const kinds = makeKinds(options.documentKinds ?? [], { mongo: connection, conversationAccess });
  await ensureIndexes(connection);
  await completeUserRows(models.users);

  const events = createEventsService({
    ...{ events: models.events, log, keptMs: settings.eventsKeptMs },
    node: {
      get hasOthers() {
        return node.hasOthers;
      },
    },
    placesOf: async (userId) =>
      new Map([
        ...(await projectPlaces(models.projectMembers, userId)),
        ...(await conversationPlaces(models.memberships, userId)),
      ]),
    watchFriends: (userId, ended) => presence.watchFriends(userId, ended),
    notify: createNotifier({ ...models, standings }),
  });
  lifecycle.opened('events', () => events.close());
  const { publish } = events;
  const onMembershipChanged = async (
    conversationId: string,
    userId: string,
    change: MembershipChange,
  ): Promise<void> => {
    live.rightsChanged(conversationId, userId);
    await tellMembership({ memberships: models.memberships, publish }, { conversationId, userId, change });
  };
  const { users, auth, friends, admin, presence, hiddenFrom, stands, node, start } = createPeople({
    ...{ publish, onNodeDied: () => events.lost() },
    ...{ settings, log, lifecycle, models, secret, mailer: options.mailer },
    onStandingChanged: async (userIds) => {
      const directId = await conversations.directOf(...userIds);
      if (directId !== null) live.rightsChanged(directId);
    },
    onSessionEnded: (sessionId) => {
      live.endSession(sessionId);
      streams.endSession(sessionId);
    },
    overview: (userId) => conversations.overview(userId),
    count: async () => {
      const { connections, documents } = live.state();
      const [conversations, messages] = await Promise.all([
        models.conversations.estimatedDocumentCount(),
        models.messages.estimatedDocumentCount(),
      ]);
      return { conversations, messages, connections, documents };
    },
  });
  const comments = createCommentsService({ ...models, users, publish });
  const tasks = createTasksService({
    ...{ ...models, users, publish },
    removeComments: (taskId) => comments.removeOfTask(taskId),
    pads: {
      openForTask: (task) => pads.openForTask(task),
      removeOfTask: (task) => pads.removeOfTask(task),
    },
  });
  const projects = createProjectsService({
    ...{ ...models, users, hiddenFrom, publish },
    linkKey: createSecretKey(Buffer.from(secret)),
    countTasks: (projectIds) => countTasks(models.tasks, projectIds),
    onRightsChanged: (projectId, userId) => live.rightsChanged(projectId, userId),
    onLeft: (projectId, userId) => tasks.unassign(userId, projectId),
    removeContent: async (projectId) => {
      await comments.removeOfProject(projectId);
      await tasks.removeOf(projectId);
      await pads.removeAll(projectId);
    },
  });
  const searchIndex = new TermsIndex({ ...models, log });
  lifecycle.opened('search index', () => searchIndex.close());
  const streams = new Streams({ crowd: presence.crowd, stands });
  const files = createFiles({
    ...{ settings, log, connection, models, users, key: createSecretKey(Buffer.from(secret)) },
    live: () => live,
    conversations: () => conversations,
  });
  const reader = createMessageReader({
    ...{ messages: models.messages, users },
    showFiles: (fileIds) => files.attachments.show(fileIds),
  });
  const conversations = createConversationsService({
    ...models,
    users,
    hiddenFrom,
    ...{ presence, publish, standings },
    lastMessages: reader,
    settled: (conversationIds) => live.allSettled(conversationIds),
    onMembershipChanged,
  });
  const { meter, scrape } = createMetrics();
  const live = createLive({
    ...{ settings, log, meter, models, auth, conversations, projects, kinds },
    files: files.attachments,
    ...{ crowd: presence.crowd, publish, searchIndex },
  });
  const messages = createMessagesService({
    ...{ messages: models.messages, messageTerms: models.messageTerms, reader, conversations, live },
    found: (conversationIds) => searchIndex.settled(conversationIds),
    placesOf: (userId) => shownSince(models.memberships, userId),
    rateLimits: settings.rateLimits,
  });
  const eraseParts = {
    ...{ ...models, live, publish },
    removeFiles: (messages: readonly string[]) => files.service.removeFiles({ messages }),
  };
  const spaces = createSpacesParts({
    ...{ models, users, hiddenFrom, publish, onMembershipChanged, log, live, secret },
    newestMessages: reader,
    removeContent: async (conversationId) => {
      await pads.removeAll(conversationId);
      await eraseAll(eraseParts, conversationId);
      // Those of no message as well.
      await files.service.removeFiles({ conversation: conversationId });
    },
  });
  const groups = createGroupsService(spaces);
  const rooms = createRoomsService({ ...spaces, settled: (ids) => live.allSettled(ids) });
  const notifications = createNotificationsService({ ...models, users, publish });
  const account = createAccountService({
    ...{ users, auth, friends, projects, conversations, log },
    ownMessages: createOwnMessages({ ...models, reader }),
    ownTasks: tasks.own,
    ownComments: comments.own,
    ownNotifications: notifications.list,
    farewells: [
      (userId) => auth.forget(userId),
      (userId) => leaveAll(spaces, userId),
      (userId) => projects.leaveAll(userId),
      // Of what a crash left behind in projects that they had left by then.
      (userId) => tasks.unassign(userId, null),
      (userId) => friends.forget(userId),
      (userId) => presence.forget(userId),
      (userId) => notifications.forget(userId),
    ],
  });
  const pads = createPadsService({ pads: models.pads, conversations, projects, users, live });
  const router = createAppRouter({
    auth,
    users,
    account,
    admin,
    friends,
    presence,
    projects,
    tasks,
    comments,
    conversations,
    groups,
    rooms,
    messages,
    files: files.service,
    pads,
    events,
    notifications,
  });
  return await openDoors({
    settings,
    log,
    lifecycle,
    connection,
    failed,
    auth,
    account,
    live,
    files,
    pads,
    projects,
    spaces: groups.spaces,
    tasks,
    streams,
    events,
    start: async () => {
      await start();
      const near = { name: 'tasks whose time is near', everyMs: DUE_SOON_EVERY_MS, log };
      lifecycle.opened(
        near.name,
        repeat(near, () => tasks.tellDueSoon()),
      );
      const everyMs = settings.eraseEveryMs ?? ERASE_EVERY_MS;
      const old = { name: 'messages that are kept no longer', everyMs, log };
      lifecycle.opened(
        old.name,
        repeat(old, () => eraseExpired(eraseParts, Date.now())),
      );
    },
    router,
    rest: createRestServices({
      ...{ ...models, users, auth, account, tasks, conversations, rooms, messages },
      files: files.service,
    }),
    scrape,
    ...{ users, presence, conversations, rooms, history: reader },
  });
};
