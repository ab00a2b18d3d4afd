// Owns opening the store, given or embedded, and the models on it.
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import type { Settings } from '../config/index.js';
import { startEmbeddedMongo } from '../embedded-mongo/index.js';
import { createAuditModel } from '../features/admin/index.js';
import { createPasswordResetModel, createSessionModel } from '../features/auth/index.js';
import { createCommentModel } from '../features/comments/index.js';
import { createConversationModel, createMembershipModel } from '../features/conversations/index.js';
import { createEventModel } from '../features/events/index.js';
import { createFileClaimModel, createFileModel } from '../features/files/index.js';
import { createFriendshipModel } from '../features/friends/index.js';
import { createLinkModel } from '../features/links/index.js';
import { createMessageModel, createTermsModel } from '../features/messages/index.js';
import { createNotificationModel, createPreferencesModel } from '../features/notifications/index.js';
import { createPadModel } from '../features/pads/index.js';
import { createPresenceModel } from '../features/presence/index.js';
import {
  createInvitationModel,
  createProjectMemberModel,
  createProjectModel,
} from '../features/projects/index.js';
import { createTaskModel } from '../features/tasks/index.js';
import { createUserModel } from '../features/users/index.js';
import { createNodeModel } from '../nodes/index.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import { connectMongo, heartbeatLost } from '../platform/mongo.js';
import { createLogModels } from '../sync/index.js';

export interface Store {
  readonly connection: Connection;
  /** Settles when the embedded store has stopped by itself, or the driver has lost sight of MongoDB for good. */
  readonly failed: Promise<Error>;
}

/** What was opened is closed with the lifecycle. */
export const openStore = async (settings: Settings, lifecycle: Lifecycle): Promise<Store> => {
  let uri = settings.mongodbUri;
  // A MongoDB elsewhere may come back; the driver waits for it.
  let failed: Promise<Error> = new Promise(() => undefined);
  if (uri === undefined) {
    const store = await startEmbeddedMongo({ dataDir: join(settings.dataDir, 'store') });
    let closing = false;
    lifecycle.opened('embedded store', () => {
      closing = true;
      return store.close();
    });
    uri = store.uri;
    failed = new Promise((resolve) => {
      void store.stopped.then((error) => (closing ? undefined : resolve(error)));
    });
  }
  const connection = await connectMongo(uri);
  lifecycle.opened('mongo connection', () => connection.close());
  return { connection, failed: Promise.race([failed, heartbeatLost(connection.getClient())]) };
};

export type Models = ReturnType<typeof createModels>;

export const createModels = (connection: Connection) => ({
  users: createUserModel(connection),
  sessions: createSessionModel(connection),
  passwordResets: createPasswordResetModel(connection),
  friendships: createFriendshipModel(connection),
  presence: createPresenceModel(connection),
  nodes: createNodeModel(connection),
  audit: createAuditModel(connection),
  projects: createProjectModel(connection),
  projectMembers: createProjectMemberModel(connection),
  projectInvitations: createInvitationModel(connection),
  projectLinks: createLinkModel(connection, 'project'),
  tasks: createTaskModel(connection),
  comments: createCommentModel(connection),
  conversations: createConversationModel(connection),
  memberships: createMembershipModel(connection),
  conversationLinks: createLinkModel(connection, 'conversation'),
  messages: createMessageModel(connection),
  messageTerms: createTermsModel(connection),
  files: createFileModel(connection),
  fileClaims: createFileClaimModel(connection),
  pads: createPadModel(connection),
  events: createEventModel(connection),
  notifications: createNotificationModel(connection),
  preferences: createPreferencesModel(connection),
  log: createLogModels(connection),
});
