// The log tells everything it can, at level debug, and nothing of what people send.
import { randomBytes } from 'node:crypto';
import { createAppRouter } from '@parley/server/internal/app-router';
import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { createUserModel } from '@parley/server/internal/features/users/index';
import { connectMongo } from '@parley/server/internal/platform/mongo';
import { expect } from 'chai';
import {
  createApi,
  createDataDir,
  type DataDir,
  rawCall,
  rawRequest,
  refusalOf,
  type ServerProcess,
  spawnTestServer,
} from '../harness/kit.js';
import { PostOffice } from '../harness/post-office.js';
import { RawClient } from '../harness/raw-client.js';
import { StockClient } from '../harness/stock-client.js';

/** Stands in everything that is sent below. */
const MARK = `zq${randomBytes(6).toString('hex')}`;
const PASSWORD = `${MARK}-password`;

const fields = [
  ...[
    'username',
    'email',
    'password',
    'firstName',
    'lastName',
    'device',
    'login',
    'refreshToken',
    'sessionId',
    'token',
  ],
  ...[
    'currentPassword',
    'newPassword',
    'keepThis',
    'userId',
    'search',
    'cursor',
    'limit',
    'bio',
    'interests',
    'lastSeen',
  ],
  ...[
    'isListed',
    'state',
    'role',
    'suspended',
    'reason',
    'name',
    'topic',
    'members',
    'conversationId',
    'direction',
    'fromSeq',
    'id',
  ],
  ...['text', 'replyTo', 'mentions', 'emoji', 'title', MARK],
];

/** Each procedure is given the mark in every field there is, as text and as something else. */
const sendNonsense = async (url: string, token: string): Promise<void> => {
  for (const [path, procedure] of Object.entries(createAppRouter({} as never)._def.procedures)) {
    const { type } = Reflect.get(procedure, '_def');
    if (type === 'subscription') continue;
    for (const value of [MARK, `${MARK}\u0000`, { $gt: MARK }, { [MARK]: MARK }, [[MARK]]]) {
      const json = Object.fromEntries(fields.map((name) => [name, value]));
      const { status } = await rawCall({ url, path, type, token, payload: { json } });
      expect(status, path).to.be.within(400, 499);
    }
    for (const payload of [MARK, { json: MARK }, { json: {}, meta: { values: { [MARK]: [MARK] } } }])
      await rawCall({ url, path, type, token, payload });
  }
  const json = { 'content-type': 'application/json' };
  const post = (body: string, headers: Record<string, string> = json) =>
    rawRequest(`${url}/trpc/auth.login`, { method: 'POST', headers, body });
  await post(`{"json":{"password":"${MARK}`);
  await post(JSON.stringify({ json: { password: MARK.repeat(30_000) } }));
  await post(MARK, { 'content-type': `text/${MARK}` });
  await post('{}', { ...json, authorization: `Bearer ${MARK}.${MARK}.${MARK}` });
  await post('{}', { ...json, authorization: `${MARK}`, cookie: `a=${MARK}` });
};

const tokenIn = (raw: string): string =>
  /[?&]token=([\w-]+)/.exec(raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='))?.[1] ?? '';

describe('the log', () => {
  let server: ServerProcess;
  /** One that can be taken away. */
  let store: Awaited<ReturnType<typeof startEmbeddedMongo>>;
  let place: DataDir;
  let office: PostOffice;
  before(async () => {
    place = await createDataDir();
    office = await PostOffice.open();
    store = await startEmbeddedMongo({ dataDir: place.path });
    server = await spawnTestServer(place.path, {
      LOG_LEVEL: 'debug',
      MONGODB_URI: `${store.uri}&serverSelectionTimeoutMS=300`,
      SMTP_URL: office.url,
    });
  });
  after(async () => {
    await server.kill('SIGKILL');
    await store.close();
    await office[Symbol.asyncDispose]();
    await place.discard();
  });

  it('holds no password, token, name, address or text, whatever becomes of them', async () => {
    const secrets = [MARK];
    const anyone = createApi(server.url);
    const email = `${MARK}@example.org`;
    const { user, tokens } = await anyone.auth.register.mutate({
      ...{ username: MARK, email, password: PASSWORD, firstName: MARK, device: MARK },
    });
    const connection = await connectMongo(store.uri);
    await createUserModel(connection).updateOne({ _id: user.id }, { $set: { role: 'admin' } });
    await connection.close();
    secrets.push(tokens.accessToken, tokens.refreshToken);
    const api = createApi(server.url, tokens.accessToken);

    // What is right.
    await api.users.update.mutate({ bio: MARK, interests: [MARK] });
    await api.users.list.query({ search: MARK });
    await api.admin.users.list.query({ search: email });
    const { room } = await api.rooms.joinOrCreate.mutate({ name: MARK });
    const conversationId = room.id;
    const { id } = await api.messages.send.mutate({ conversationId, text: MARK });
    await api.messages.edit.mutate({ conversationId, id, text: `${MARK} again` });
    await api.pads.create.mutate({ conversationId, title: MARK });
    await api.admin.users.restore.mutate({ userId: user.id, reason: MARK });
    const next = await anyone.auth.refresh.mutate({ refreshToken: tokens.refreshToken });
    secrets.push(next.accessToken, next.refreshToken);
    {
      using client = new StockClient({
        ...{ wsUrl: server.wsUrl, conversationId, userId: user.id, token: tokens.accessToken },
      });
      await client.synced();
      client.provider.awareness.setLocalState({ typing: MARK });
      client.say(MARK);
      await client.until(() => client.texts.length === 2);
    }

    // What is not.
    await sendNonsense(server.url, next.accessToken);
    const { api: again, ...other } = await anyone.auth.login
      .mutate({ login: MARK, password: PASSWORD })
      .then((signedIn) => ({ ...signedIn.tokens, api: createApi(server.url, signedIn.tokens.accessToken) }));
    secrets.push(other.accessToken, other.refreshToken);
    await refusalOf(anyone.auth.login.mutate({ login: MARK, password: `${MARK}-wrong` }));
    await refusalOf(anyone.auth.register.mutate({ username: MARK, email, password: PASSWORD }));
    await refusalOf(again.users.delete.mutate({ password: `${MARK}-wrong` }));
    await refusalOf(again.auth.changePassword.mutate({ currentPassword: PASSWORD, newPassword: MARK }));
    const raw = new RawClient({ url: server.url, conversationId, token: other.accessToken });
    await raw.synced();
    raw.sendText(MARK);
    await raw.closed;
    const stranger = new RawClient({ url: server.url, conversationId: MARK, token: `${MARK}.${MARK}` });
    await stranger.closed;

    // Letters, and a store that goes away.
    await anyone.auth.requestPasswordReset.mutate({ email });
    const token = tokenIn((await office.mail(1)).raw);
    expect(token).to.have.length(43);
    secrets.push(token);
    await again.users.update.mutate({ email: `other.${email}` });
    await refusalOf(anyone.auth.resetPassword.mutate({ token, newPassword: PASSWORD }));
    await store.close();
    const gone = await Promise.all([
      refusalOf(anyone.auth.login.mutate({ login: MARK, password: PASSWORD })),
      refusalOf(anyone.auth.register.mutate({ username: `${MARK}2`, password: PASSWORD })),
      refusalOf(again.users.list.query({ search: MARK })),
    ]);
    expect(gone.map(({ code }) => code)).to.deep.equal(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);

    const { output } = server;
    for (const told of ['a procedure refused', 'a procedure failed', 'answered'])
      expect(output).to.include(told);
    const lines = output.split('\n');
    for (const secret of secrets) expect(lines.filter((line) => line.includes(secret))).to.deep.equal([]);
  });
});
