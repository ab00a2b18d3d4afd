// Owns wiring who is here: on this node, and on the others of the same store.
import type { Settings } from '../config/index.js';
import { createFriendsOf, createStandings } from '../features/friends/index.js';
import { createPresenceService, type PresenceService } from '../features/presence/index.js';
import type { UsersService } from '../features/users/index.js';
import { Node } from '../nodes/index.js';
import type { Lifecycle } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logger.js';
import type { Models } from './store.js';

interface PresenceParts {
  readonly settings: Settings;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly models: Models;
  readonly users: UsersService;
  onNodeDied(): Promise<void>;
}

export const createPresence = (parts: PresenceParts): { presence: PresenceService; node: Node } => {
  const { settings, log, lifecycle, models, users } = parts;
  const node = new Node(
    { nodes: models.nodes, log, beatMs: settings.nodeBeatMs },
    {
      onDead: async (nodeId) => {
        await presence.nodeDied(nodeId);
        await parts.onNodeDied();
      },
      onReborn: () => presence.tellAgain(),
    },
  );
  const presence = createPresenceService({
    ...{ presence: models.presence, users, log, node },
    graceMs: settings.presenceGraceMs,
    standings: createStandings(models.friendships),
    friendsOf: createFriendsOf(models.friendships),
  });
  lifecycle.opened('node', () => node.close());
  lifecycle.opened('presence', () => presence.close());
  return { presence, node };
};
