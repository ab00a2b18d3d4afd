import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { newId } from '@parley/shared';
import { expect } from 'chai';
import {
  createApi,
  createDataDir,
  type DataDir,
  rawRequest,
  signUp,
  spawnTestServer,
  TEST_PASSWORD,
} from '../harness/kit.js';

const cli = createRequire(import.meta.url).resolve('@parley/server/internal/cli');

/** Runs the command with this environment and nothing else. */
const run = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...environment },
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, 'exit');
  return { out, err, code: child.exitCode };
};

describe('the process', () => {
  let dataDir: DataDir;
  beforeEach(async () => {
    dataDir = await createDataDir();
  });
  afterEach(() => dataDir.discard());

  it('says where it listens, where the data is and what to try, then stops on SIGTERM with exit code 0', async () => {
    await using server = await spawnTestServer(dataDir.path);
    expect(server.output).to.include(server.url);
    expect(server.output.trim().split('\n')).to.have.length(3);
    const command = /curl -s (\S+) -H '(\S+): (\S+)' -d '(.+)'/.exec(server.output) ?? [];
    const [, url = '', name = '', value = '', body = ''] = command;
    const tried = await rawRequest(url, { method: 'POST', headers: { [name]: value }, body });
    expect(tried.status, tried.text).to.equal(200);
    expect(await server.stop()).to.deep.equal({ code: 0, signal: null });
  });

  it('keeps accounts, sessions and messages over SIGKILL', async () => {
    await using first = await spawnTestServer(dataDir.path);
    const person = await signUp(first);
    const { room } = await person.api.rooms.joinOrCreate.mutate({ name: 'kept' });
    const sent = await person.api.messages.send.mutate({
      conversationId: room.id,
      id: newId(),
      text: 'on disk',
    });
    expect(await first.kill('SIGKILL')).to.deep.equal({ code: null, signal: 'SIGKILL' });

    await using second = await spawnTestServer(dataDir.path);
    const api = createApi(second.url, person.token);
    expect((await api.messages.list.query({ conversationId: room.id })).items).to.deep.equal([sent]);
    await api.auth.login.mutate({ login: person.username, password: TEST_PASSWORD });
  });

  it('refuses to start with a bad environment, and lists every fault at once', async () => {
    const { code, err, out } = await run(['start'], {
      NODE_ENV: 'production',
      PORT: 'http',
      BCRYPT_COST: '4',
    });
    expect(code).to.equal(1);
    expect(out).to.equal('');
    for (const name of ['PORT', 'BCRYPT_COST', 'JWT_SECRET']) expect(err).to.include(name);
    expect(err).not.to.match(/\n\s+at /);
  });

  it('says in words that a MongoDB cannot be reached', async () => {
    const { code, err } = await run(['start'], {
      DATA_DIR: dataDir.path,
      MONGODB_URI: 'mongodb://ada:hunter2@127.0.0.1:9/?serverSelectionTimeoutMS=200',
    });
    expect(code).to.equal(1);
    expect(err).to.match(/could not start: .*127\.0\.0\.1:9/);
    expect(err).not.to.include('hunter2');
  });

  it('writes JSON lines in production, without tokens or passwords', async () => {
    await using server = await spawnTestServer(dataDir.path, {
      NODE_ENV: 'production',
      JWT_SECRET: 'a secret that is long enough for it',
      RATE_LIMITS: 'on',
    });
    const { token, api } = await signUp(server);
    await api.auth.me.query();
    await rawRequest(`${server.url}/healthz?token=${token}`);
    await server.stop();
    const lines = server.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.some(({ msg }) => msg === 'answered')).to.equal(true);
    expect(server.output).not.to.include(token).and.not.to.include(TEST_PASSWORD);
  });
});

describe('the command', () => {
  it('helps, tells its version, and refuses what it does not know', async () => {
    expect((await run(['--help'])).out).to.include('parley <command>');
    expect((await run(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/);
    const unknown = await run(['stat']);
    expect([unknown.code, unknown.out]).to.deep.equal([2, '']);
    expect(unknown.err).to.include('stat');
  });
});
