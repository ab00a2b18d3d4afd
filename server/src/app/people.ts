// Owns wiring everything about accounts and how people stand to each other.
import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import type { Settings } from '../config/index.js';
import { type AdminParts, createAdminService } from '../features/admin/index.js';
import {
  createAuthService,
  createLoginLimits,
  createPasswords,
  createSessions,
  followEndedSessions,
  noLoginLimits,
} from '../features/auth/index.js';
import { type ConversationsService, createSharedConversations } from '../features/conversations/index.js';
import type { Publish } from '../features/events/index.js';
import { createFriendsService, createHiddenFrom, createStandings } from '../features/friends/index.js';
import { createSharedProjects } from '../features/projects/index.js';
import { createUsersService } from '../features/users/index.js';
import { createOutbox, createSmtpMailer, type Mailer } from '../mail/index.js';
import { Background } from '../platform/background.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logger.js';
import { createPresence } from './presence.js';
import type { Models } from './store.js';

interface PeopleParts {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly models: Models;
  /** Signs the tokens. */
  readonly secret: string;
  readonly mailer: Mailer | undefined;
  /** How much there is, for admins. */
  readonly count: AdminParts['count'];
  /** Where somebody is, for `auth.me`. */
  readonly overview: ConversationsService['overview'];
  readonly publish: Publish;
  /** A node that died may have left something untold. */
  onNodeDied(): Promise<void>;
  /** Two people stand to each other in another way now. */
  onStandingChanged(userIds: readonly [string, string]): Promise<void>;
  onSessionEnded(sessionId: string): void;
}

export const createPeople = (parts: PeopleParts) => {
  const { settings, log, lifecycle, models, onSessionEnded } = parts;
  const mailer = parts.mailer ?? createMailer(settings);
  lifecycle.opened('mail', () => mailer.close());
  const background = new Background(log);
  lifecycle.opened('work in the background', () => background.close());

  const hiddenFrom = createHiddenFrom(createStandings(models.friendships));
  const onChanged = (userIds: readonly string[]): void =>
    background.run('telling of people who changed', () => presence.touched(userIds));
  const users = createUsersService({
    users: models.users,
    hiddenFrom,
    onChanged,
    sendLetter: (letter) => background.run('letter', () => mailer.send(letter)),
    rateLimits: settings.rateLimits,
  });
  const { presence, node } = createPresence({
    ...{ settings, log, lifecycle, models, users, onNodeDied: parts.onNodeDied },
  });
  const sessions = createSessions({
    sessions: models.sessions,
    users,
    key: createSecretKey(Buffer.from(parts.secret)),
    accessTokenSeconds: settings.accessTokenSeconds,
    sessionDays: settings.sessionDays,
    refreshGraceMs: settings.refreshGraceMs,
    onSessionEnded,
  });
  const auth = createAuthService({
    users,
    sessions,
    resets: models.passwordResets,
    passwords: createPasswords(settings.bcryptCost),
    limits: settings.rateLimits ? createLoginLimits() : noLoginLimits,
    mailer,
    background,
    overview: parts.overview,
    resetUrl: settings.passwordResetUrl,
  });
  const friends = createFriendsService({
    friendships: models.friendships,
    accounts: models.users,
    users,
    publish: parts.publish,
    onChanged: async (userIds) => {
      onChanged(userIds);
      await parts.onStandingChanged(userIds);
    },
    sharedConversations: createSharedConversations(models.memberships),
    sharedProjects: createSharedProjects(models.projectMembers),
  });
  const admin = createAdminService({ users, auth, audit: models.audit, count: parts.count });
  const start = async (): Promise<void> => {
    await node.start();
    presence.start();
    const stop = followEndedSessions({ sessions: models.sessions, log, node, onSessionEnded });
    lifecycle.opened('ended sessions', stop);
  };
  return { users, auth, friends, admin, presence, hiddenFrom, stands: sessions.standing, node, start };
};

const createMailer = ({ smtpUrl, mailFrom, dataDir }: Settings): Mailer =>
  smtpUrl === undefined
    ? createOutbox(join(dataDir, 'outbox'), mailFrom)
    : createSmtpMailer(smtpUrl, mailFrom);
