import { loadConfig } from '../config/index.js';
import { createAuditModel, grantAdmin } from '../features/admin/index.js';
import { createUserModel, createUsersService } from '../features/users/index.js';
import { connectMongo, ensureIndexes } from '../platform/mongo.js';
import { CommandError, messageOf, UsageError } from './problems.js';
import { tellProblems } from './problems-told.js';
import { openStore } from './store-folder.js';

/** Runs `parley admin grant <user>` on the store that the environment names, and answers with the exit code. */
export const runAdmin = (args: readonly string[], help: string): Promise<number> =>
  tellProblems(help, async () => {
    const [name, login, ...rest] = args;
    if (name !== 'grant' || login === undefined || login === '' || rest.length > 0)
      throw new UsageError('admin is followed by grant and a username or an e-mail address.');
    const { mongodbUri, dataDir } = loadConfig();
    if (mongodbUri !== undefined) return await grant(mongodbUri, login);
    const store = await openStore(dataDir, {});
    try {
      return await grant(store.uri, login);
    } finally {
      await store.close();
    }
  });

const grant = async (uri: string, login: string): Promise<number> => {
  const connection = await connectMongo(uri).catch((error: unknown) => {
    throw new CommandError(`The store does not answer: ${messageOf(error)}`);
  });
  try {
    const models = { users: createUserModel(connection), audit: createAuditModel(connection) };
    await ensureIndexes(connection);
    const users = createUsersService({
      users: models.users,
      hiddenFrom: async () => new Set(),
      onChanged: () => undefined,
      sendLetter: () => undefined,
      rateLimits: false,
    });
    const user = await grantAdmin({ users, audit: models.audit }, login);
    if (user === null) throw new CommandError('Nobody has that username or e-mail address.');
    process.stdout.write(`${user.username ?? user.email ?? user._id} is an admin now.\n`);
    return 0;
  } finally {
    await connection.close();
  }
};
