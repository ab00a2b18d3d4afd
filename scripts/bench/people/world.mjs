import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createModels } from '../../../server/dist/app/store.js';
import { createSharedConversations } from '../../../server/dist/features/conversations/index.js';
import {
  createFriendsService,
  createHiddenFrom,
  createStandings,
} from '../../../server/dist/features/friends/index.js';
import { createSharedProjects } from '../../../server/dist/features/projects/index.js';
import { createUsersService } from '../../../server/dist/features/users/index.js';
import { connectMongo, ensureIndexes } from '../../../server/dist/platform/mongo.js';
import { limits } from '../../../shared/dist/index.js';
import { startWitness } from '../../witness/start.mjs';
import { timed } from '../tools/timing.mjs';
import { friendshipRows, idsOf, membershipRows, userRows } from './crowd.mjs';

const serve = fileURLToPath(new URL('../store/serve.mjs', import.meta.url));
const rowsAtOnce = 2_000;
const suggestionsAsked = limits.suggestionsDefault.value;

/**
 * A world of so many people on an embedded store of its own process, with the service that suggests friends in this one, as the
 * server has it: `{ name, ids, suggestions, db, client, close }`. The last two of `ids` are the ones that crowd.mjs makes specially.
 */
export const openWorld = async (people, folder, say) => {
  const keepIn = join(folder, `${people}`);
  mkdirSync(keepIn, { recursive: true });
  const { uri, stop } = await startWitness({ command: process.execPath, args: [serve] }, { keepIn });
  const address = new URL(uri);
  address.searchParams.set('monitorCommands', 'true');
  const connection = await connectMongo(address.href);
  const models = createModels(connection);
  const onChanged = () => undefined;
  const hiddenFrom = createHiddenFrom(createStandings(models.friendships));
  const letters = { sendLetter: onChanged, rateLimits: false };
  const users = createUsersService({ users: models.users, hiddenFrom, onChanged, ...letters });
  const friends = createFriendsService({
    onChanged,
    friendships: models.friendships,
    accounts: models.users,
    users,
    sharedConversations: createSharedConversations(models.memberships),
    sharedProjects: createSharedProjects(models.projectMembers),
  });
  const ids = idsOf(people);
  const name = `${people.toLocaleString('en')} people`;
  const counts = [];
  const ms = await timed(async () => {
    await ensureIndexes(connection);
    for (const [model, rows] of [
      [models.users, userRows(ids)],
      [models.friendships, friendshipRows(ids)],
      [models.memberships, membershipRows(ids)],
    ])
      counts.push(`${(await fill(model, rows)).toLocaleString('en')} ${model.collection.name}`);
  });
  say(`${name}: ${counts.join(', ')}; built in ${(ms / 1_000).toFixed(0)} s`);
  return {
    name,
    ids,
    suggestions: (userId) => friends.suggestions(userId, suggestionsAsked),
    db: connection.db,
    client: connection.getClient(),
    close: async () => {
      await connection.close();
      await stop();
    },
  };
};

/** Inserts all the rows, past the model: they are whole. Makes the next ones while the store takes the last. Resolves with how many. */
const fill = async ({ db, collection }, rows) => {
  const into = db.collection(collection.name);
  let count = 0;
  let running = Promise.resolve();
  for (let some = taken(rows); some.length > 0; some = taken(rows)) {
    await running;
    running = into.insertMany(some, { ordered: false });
    count += some.length;
  }
  await running;
  return count;
};

const taken = (rows) => {
  const some = [];
  while (some.length < rowsAtOnce) {
    const { value, done } = rows.next();
    if (done) break;
    some.push(value);
  }
  return some;
};
