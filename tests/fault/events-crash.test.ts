// The stream of events over the death of its server: what was answered is told, once; and that something may be missing is said.
import { expect } from 'chai';
import { streamOverSocket } from '../harness/event-stream.js';
import {
  createApi,
  createDataDir,
  type DataDir,
  type ServerProcess,
  signUp,
  spawnTestServer,
} from '../harness/kit.js';

const ROUNDS = Number(process.env.PARLEY_CRASH_ROUNDS ?? 3);
const settings = { port: 0, bcryptCost: 4, rateLimits: false, logLevel: 'silent', nodeBeatMs: 200 };

describe('a stream whose server is killed', () => {
  let dataDir: DataDir;
  let server: ServerProcess;
  const start = async (): Promise<void> => {
    server = await spawnTestServer(dataDir.path, { PARLEY_TEST_OPTIONS: JSON.stringify(settings) });
  };
  before(async () => {
    dataDir = await createDataDir();
    await start();
  });
  after(async () => {
    await server.kill('SIGKILL');
    await dataDir.discard();
  });

  it(`tells everything that was answered, once, and then of a gap, ${ROUNDS} times over`, async function () {
    this.timeout(60_000 + ROUNDS * 20_000);
    const [ada, bob] = await Promise.all([signUp(server), signUp(server)]);
    const { id: projectId } = await ada.api.projects.create.mutate({ name: 'the bridge' });
    await ada.api.projects.members.add.mutate({ projectId, userId: bob.id });
    const answered: string[] = [];
    const told: string[] = [];
    let lastEventId: string | undefined;
    for (let round = 0; round < ROUNDS; round += 1) {
      const stream = streamOverSocket(server, () => bob.token, { lastEventId });
      await stream.until(({ heard }) => heard.length > 0);
      const { tasks } = createApi(server.url, ada.token);
      const making = (async () => {
        for (let count = 0; count < 1_000; count += 1)
          answered.push((await tasks.create.mutate({ projectId, title: `${round}/${count}` })).id);
      })().catch(() => undefined);
      await stream.until((it) => it.of('task.created').length > 5 + (round % 5) * 3);
      await server.kill('SIGKILL');
      await making;
      stream[Symbol.dispose]();
      told.push(...stream.of('task.created').map(({ taskId }) => taskId));
      lastEventId = stream.lastId ?? lastEventId;
      await start();
      using again = streamOverSocket(server, () => bob.token, { lastEventId });
      // The lease of the one that died has to run out first.
      await again.until((it) => it.of('stream.gap').length > 0);
      told.push(...again.of('task.created').map(({ taskId }) => taskId));
      lastEventId = again.lastId;
      expect(new Set(told).size, 'nothing is told twice').to.equal(told.length);
      expect(told, `round ${round}`).to.include.members(answered);
    }
    expect(answered.length).to.be.greaterThan(ROUNDS * 5);
  });
});
