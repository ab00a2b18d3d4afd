// Owns the routes of the whole API: every procedure that answers once has one.
import type { AppRouter } from '../../../app-router.js';
import type { RestRoute } from '../route.js';
import { accountRows } from './account.js';
import { adminRows } from './admin.js';
import { conversationRows } from './conversations.js';
import { peopleRows } from './people.js';
import { procedureRoute } from './procedure-route.js';
import { projectRows } from './projects.js';
import { spaceRows } from './spaces.js';
import { taskRows } from './tasks.js';

const rows = [
  ...accountRows,
  ...peopleRows,
  ...conversationRows,
  ...spaceRows,
  ...projectRows,
  ...taskRows,
  ...adminRows,
];

export const v1Routes = (router: AppRouter): RestRoute[] => rows.map((row) => procedureRoute(router, row));
