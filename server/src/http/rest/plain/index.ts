// Owns the routes of the plain API: few, with names in snake_case, as small clients have long known them.
import type { RestRoute } from '../route.js';
import { accountRoutes } from './accounts.js';
import { chatRoutes } from './chats.js';
import { commentRoutes } from './comments.js';
import { groupRoutes } from './groups.js';
import { messageRoutes } from './messages.js';
import { presenceRoutes } from './presence.js';
import { projectMemberRoutes } from './project-members.js';
import { projectRoutes } from './projects.js';
import { roomRoutes } from './rooms.js';
import { suggestionRoutes } from './suggestions.js';
import { taskRoutes } from './tasks.js';
import { userRoutes } from './users.js';

export const plainRoutes: readonly RestRoute[] = [
  ...accountRoutes,
  ...userRoutes,
  ...presenceRoutes,
  ...suggestionRoutes,
  ...projectRoutes,
  ...projectMemberRoutes,
  ...taskRoutes,
  ...commentRoutes,
  ...messageRoutes,
  ...groupRoutes,
  ...roomRoutes,
  ...chatRoutes,
];
