import { startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { expect } from 'chai';
import { createDataDir, rawRequest, refusalOf, signUp, startTestServer } from '../harness/kit.js';

describe('a store that goes away', () => {
  it('answers UNAVAILABLE and not ready while it is gone, stays alive, and goes on when it is back', async () => {
    await using dataDir = await createDataDir();
    let store = await startEmbeddedMongo({ dataDir: dataDir.path });
    const port = Number(new URL(store.uri).port);
    await using server = await startTestServer({ mongodbUri: `${store.uri}&serverSelectionTimeoutMS=300` });
    const person = await signUp(server);
    await store.close();
    try {
      expect(await refusalOf(person.api.auth.me.query())).to.include({
        code: 'UNAVAILABLE',
        httpStatus: 503,
      });
      const ready = await rawRequest(`${server.url}/readyz`);
      expect([ready.status, ready.code]).to.deep.equal([503, 'UNAVAILABLE']);
      expect((await rawRequest(`${server.url}/healthz`)).status).to.equal(200);
    } finally {
      store = await startEmbeddedMongo({ dataDir: dataDir.path, port });
    }
    try {
      expect((await person.api.auth.me.query()).user.id).to.equal(person.id);
      expect((await rawRequest(`${server.url}/readyz`)).status).to.equal(200);
      await server.close();
    } finally {
      await store.close();
    }
  });
});
