import { expect } from 'chai';
import {
  createApi,
  createDataDir,
  type DataDir,
  type ServerProcess,
  signUp,
  spawnTestServer,
} from '../harness/kit.js';
import { Line } from '../harness/line.js';
import { Random } from '../harness/random.js';
import { Ledger } from '../model/ledger.js';
import type { Tab } from '../model/person.js';
import { SdkTab } from '../model/sdk-tab.js';
import { SETTINGS } from '../model/servers.js';
import { StockTab } from '../model/stock-tab.js';
import { type Member, pause } from '../model/world.js';
import { type Restable, settle } from '../model/world-checks.js';

const ROUNDS = Number(process.env.PARLEY_LOAD_CRASHES ?? 6);
const SEED = BigInt(process.env.PARLEY_LOAD_SEED ?? '1');
const ROOMS = ['One', 'Two', 'Three'];
const OPTIONS = {
  ...SETTINGS,
  ...{
    port: 0,
    host: '127.0.0.1',
    bcryptCost: 4,
    rateLimits: false,
    logLevel: 'silent',
    generationClients: 14,
  },
};

describe('a server that is killed again and again while many write in several rooms', () => {
  let dataDir: DataDir;
  let server: ServerProcess;
  const lines: Line[] = [];

  const spawn = (): Promise<ServerProcess> =>
    spawnTestServer(dataDir.path, { PARLEY_TEST_OPTIONS: JSON.stringify(OPTIONS) });

  const line = async (): Promise<Line> => {
    const opened = await Line.open();
    opened.leadTo(server.url);
    lines.push(opened);
    return opened;
  };

  before(async () => {
    dataDir = await createDataDir();
    server = await spawn();
  });

  after(async () => {
    for (const each of lines) await each[Symbol.asyncDispose]();
    await server.kill('SIGKILL');
    await dataDir.discard();
  });

  /** A room with two people on stock clients and two on the SDK's. */
  const furnish = async (name: string): Promise<Restable> => {
    const faults: string[] = [];
    const [tabs, members]: [Tab[], Member[]] = [[], []];
    const world = {
      ...{ room: '', ledger: new Ledger('nobody'), faults, tabs, members },
      servers: {
        get url() {
          return server.url;
        },
      },
      calm: () => Promise.resolve(),
      fault: (text: string) => faults.push(text),
    };
    for (const each of ['eve', 'ada', 'bob', 'cat']) {
      const own = await line();
      const { id, username, token } = await signUp(own, each);
      const api = createApi(own.url, token);
      const { room, created } = await api.rooms.joinOrCreate.mutate({ name });
      world.room = room.id;
      const limits = { isOut: false, isMuted: false, isChanging: false, wasLimited: false };
      const person: Member = { ...{ world, id, name: each, username, api, isAdmin: created }, ...limits };
      members.push(person);
      if (each === 'eve' || each === 'bob') {
        const tab = new SdkTab(person, own);
        await tab.signIn();
        tabs.push(tab);
      } else tabs.push(new StockTab(person, own, token));
    }
    return world;
  };

  it(`[O7] [O8] [O9] has what it acknowledged once, and everybody comes back to it, ${ROUNDS} times`, async function () {
    this.timeout(60_000 + ROUNDS * 10_000);
    const random = new Random(SEED);
    const rooms = await Promise.all(ROOMS.map(furnish));
    const tabs = rooms.flatMap((room) => room.tabs);
    try {
      for (let round = 1; round <= ROUNDS; round += 1) {
        for (let turn = 40 + random.below(60); turn > 0; turn -= 1) {
          random.pick(tabs).say(`${round}.${turn}`);
          if (random.chance(4)) await random.pick(tabs).reload();
          await pause(random.below(12));
        }
        await server.kill('SIGKILL');
        server = await spawn();
        for (const each of lines) each.leadTo(server.url);
      }
      for (const room of rooms) expect(await settle(room), `seed ${SEED}`).to.deep.equal([]);
    } finally {
      for (const tab of tabs) tab.close();
    }
  });
});
