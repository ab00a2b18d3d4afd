import { once } from 'node:events';
import { request } from 'node:http';
import { expect } from 'chai';
import type { Connection } from 'mongoose';
import { leftIn, ticketFor, upload } from '../harness/files.js';
import { createDataDir, type ServerProcess, signUp, spawnTestServer } from '../harness/kit.js';
import { startTestStore, type TestStore } from '../harness/test-store.js';
import { until } from '../harness/until.js';

const options = { port: 0, bcryptCost: 4, rateLimits: false, uploadStallMs: 1_000, collectFilesMs: 50 };

describe('an upload whose server is killed', () => {
  let store: TestStore;
  let database: Connection;

  before(async () => {
    store = await startTestStore();
    database = store.connection.useDb('files-kill');
  });
  after(async () => {
    await database.dropDatabase();
    await store.close();
  });

  const start = async (dataDir: string): Promise<ServerProcess> => {
    const uri = new URL(store.uri);
    uri.pathname = '/files-kill';
    return await spawnTestServer(dataDir, {
      MONGODB_URI: uri.href,
      PARLEY_TEST_OPTIONS: JSON.stringify(options),
    });
  };

  it('leaves nothing behind once another has started, and takes nothing of what was whole', async () => {
    await using dataDir = await createDataDir();
    let server = await start(dataDir.path);
    const ada = await signUp(server, 'ada');
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'Files' });
    const kept = await upload(server, ada, { conversationId: room.id, bytes: Buffer.from('whole') });
    await ada.api.messages.send.mutate({ conversationId: room.id, text: '', files: [kept.id] });
    const before = await leftIn(database);
    const bytes = Buffer.alloc(2_000_000, 'a');
    const ticket = await ticketFor(ada, { conversationId: room.id, bytes });
    const going = request(`${server.url}${ticket.url}`, {
      method: 'PUT',
      headers: { 'content-length': bytes.length },
    });
    const broken = once(going, 'error');
    going.write(bytes.subarray(0, 1_000_000));
    await until(async () => (await leftIn(database)).chunks >= before.chunks + 3);
    await server.kill('SIGKILL');
    await broken;
    expect((await leftIn(database)).chunks).to.be.greaterThan(before.chunks);
    server = await start(dataDir.path);
    try {
      await until(async () => (await leftIn(database)).rows === before.rows);
      expect(await leftIn(database)).to.deep.equal(before);
    } finally {
      await server.kill('SIGKILL');
    }
  });
});
