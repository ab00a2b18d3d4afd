// Requests as few clients write them: what is right about them is served, and what is not is said in the form of every other error.
import { expect } from 'chai';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';

const FORM = 'application/x-www-form-urlencoded';

describe('the REST surface, by the wire', () => {
  let server: TestServer;
  let rest: RestClient;
  let ada: TestPerson;
  before(async () => {
    server = await startTestServer();
    rest = await createRestClient(server);
    ada = await signUp(server, 'ada');
  });
  after(() => server.close());

  describe('content types', () => {
    it('are the same in capitals', async () => {
      const { token } = ada;
      const bob = await signUp(server, 'bob');
      const headers = { 'content-type': `${FORM.toUpperCase()}; Charset=UTF-8` };
      const made = await rest.call<{ members: { id: string }[] }>('POST', '/api/groups/create/', {
        ...{ token, headers },
        body: `name=capitals&members=${bob.id}`,
      });
      expect([made.status, made.body.members.map(({ id }) => id).sort()]).to.deep.equal([
        201,
        [ada.id, bob.id].sort(),
      ]);
      expect(
        await rest.refusal('POST', '/api/v1/projects', { token, headers, body: 'name=x' }),
      ).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE']);
    });
  });
});
