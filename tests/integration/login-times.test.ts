// How long a login takes does not tell whether somebody has that name. Compared coarsely: the machine is busy with other things.
import { expect } from 'chai';
import { rawCall, signUp, startTestServer, TEST_PASSWORD, type TestServer } from '../harness/kit.js';

/** What production hashes with. */
const BCRYPT_COST = 10;
const SAMPLES = 15;

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

describe('the time a login takes', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ bcryptCost: BCRYPT_COST });
  });
  after(() => server.close());

  const failToSignIn = async (login: string, password: string): Promise<{ ms: number; answer: string }> => {
    const from = performance.now();
    const { status, text } = await rawCall({
      url: server.url,
      path: 'auth.login',
      type: 'mutation',
      payload: { json: { login, password } },
    });
    const ms = performance.now() - from;
    const own = /"requestId":"[^"]*"/;
    expect(text).to.match(own);
    return { ms, answer: `${status} ${text.replace(own, '')}` };
  };

  it('is about the same for a name that nobody has as for a wrong password, and so is the answer', async () => {
    const { username } = await signUp(server);
    const ways = {
      wrong: () => failToSignIn(username, 'not the password'),
      unknown: () => failToSignIn(`${username}-nobody`, TEST_PASSWORD),
      unknownAddress: () => failToSignIn(`${username}@example.org`, TEST_PASSWORD),
    };
    // Whatever is made at first use is made now.
    for (const way of Object.values(ways)) await way();
    const times: Record<keyof typeof ways, number[]> = { wrong: [], unknown: [], unknownAddress: [] };
    const answers = new Set<string>();
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      for (const name of ['wrong', 'unknown', 'unknownAddress'] as const) {
        const { ms, answer } = await ways[name]();
        times[name].push(ms);
        answers.add(answer);
      }
    }
    expect([...answers]).to.have.length(1);
    expect([...answers][0]).to.match(/^401 .*BAD_CREDENTIALS/);
    for (const name of ['unknown', 'unknownAddress'] as const) {
      const ratio = median(times[name]) / median(times.wrong);
      expect(ratio, `${name}, of ${median(times.wrong).toFixed(0)} ms`).to.be.within(0.5, 2);
    }
  });
});
