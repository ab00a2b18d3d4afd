import type { AccountService } from './features/account/index.js';
import { type AdminService, createAdminRouter } from './features/admin/index.js';
import { type AuthService, createAuthRouter } from './features/auth/index.js';
import { type CommentsService, createCommentsRouter } from './features/comments/index.js';
import { type ConversationsService, createConversationsRouter } from './features/conversations/index.js';
import { createEventsRouter, type EventsService } from './features/events/index.js';
import { createFilesRouter, type FilesService } from './features/files/index.js';
import { createFriendsRouter, type FriendsService } from './features/friends/index.js';
import { createGroupsRouter, type GroupsService } from './features/groups/index.js';
import { createMessagesRouter, type MessagesService } from './features/messages/index.js';
import { createNotificationsRouter, type NotificationsService } from './features/notifications/index.js';
import { createPadsRouter, type PadsService } from './features/pads/index.js';
import { createPresenceRouter, type PresenceService } from './features/presence/index.js';
import { createProjectsRouter, type ProjectsService } from './features/projects/index.js';
import { createRoomsRouter, type RoomsService } from './features/rooms/index.js';
import { createTasksRouter, type TasksService } from './features/tasks/index.js';
import { createUsersRouter, type UsersService } from './features/users/index.js';
import { router } from './trpc/index.js';

export interface RouterParts {
  readonly auth: AuthService;
  readonly users: UsersService;
  readonly admin: AdminService;
  readonly account: AccountService;
  readonly friends: FriendsService;
  readonly presence: PresenceService;
  readonly projects: ProjectsService;
  readonly tasks: TasksService;
  readonly comments: CommentsService;
  readonly conversations: ConversationsService;
  readonly groups: GroupsService;
  readonly rooms: RoomsService;
  readonly messages: MessagesService;
  readonly files: FilesService;
  readonly pads: PadsService;
  readonly events: EventsService;
  readonly notifications: NotificationsService;
}

/** All procedures by feature. Its type is what clients see. */
export const createAppRouter = (parts: RouterParts) =>
  router({
    auth: createAuthRouter(parts.auth),
    admin: createAdminRouter(parts.admin),
    users: createUsersRouter(parts.users, parts.account),
    friends: createFriendsRouter(parts.friends),
    presence: createPresenceRouter(parts.presence),
    projects: createProjectsRouter(parts.projects),
    tasks: createTasksRouter(parts.tasks),
    comments: createCommentsRouter(parts.comments),
    conversations: createConversationsRouter(parts.conversations),
    groups: createGroupsRouter(parts.groups),
    rooms: createRoomsRouter(parts.rooms),
    messages: createMessagesRouter(parts.messages),
    files: createFilesRouter(parts.files),
    pads: createPadsRouter(parts.pads),
    events: createEventsRouter(parts.events),
    notifications: createNotificationsRouter(parts.notifications),
  });

export type AppRouter = ReturnType<typeof createAppRouter>;
