// The stream of events as a client without tRPC hears it.
import { expect } from 'chai';
import { signUp, startTestServer, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient } from '../harness/rest.js';

/** What server-sent events said, until `isEnough` or the end. */
const listen = async (
  url: string,
  { token, headers = {} }: { readonly token: string; readonly headers?: Readonly<Record<string, string>> },
  isEnough: (text: string) => boolean,
): Promise<string> => {
  const leave = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: leave.signal,
  });
  expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (!isEnough(text)) continue;
    leave.abort();
    break;
  }
  return text;
};

describe('events over REST', () => {
  let server: TestServer;
  let rest: RestClient;
  before(async () => {
    server = await startTestServer();
    rest = await createRestClient(server);
  });
  after(() => server.close());

  it('tell what happens, and go on after the last that was heard', async () => {
    const ada = await signUp(server, 'ada');
    const url = `${server.url}/api/v1/events`;
    let isReady = (): void => undefined;
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    const first = listen(url, ada, (text) => {
      if (text.includes('stream.ready')) isReady();
      return text.includes('project.created');
    });
    await ready;
    const one = await ada.api.projects.create.mutate({ name: 'one' });
    const heard = await first;
    expect(heard).to.include(one.id);
    const lastId =
      heard
        .match(/id: (\d+)/g)
        ?.at(-1)
        ?.slice('id: '.length) ?? '';
    const two = await ada.api.projects.create.mutate({ name: 'two' });
    for (const [where, headers] of [
      [url, { 'last-event-id': lastId }],
      // As of a client that began in the middle, and comes back to the same address.
      [`${url}?lastEventId=0`, { 'last-event-id': lastId }],
      [`${url}?lastEventId=${lastId}`, {}],
    ] as const) {
      const again = await listen(where, { token: ada.token, headers }, (text) =>
        text.includes('project.created'),
      );
      expect(again).to.include(two.id).and.not.include(one.id);
    }
  });

  it('end with the session, and say so', async () => {
    const bob = await signUp(server, 'bob');
    const whole = listen(`${server.url}/api/v1/events`, bob, (text) => {
      if (text.includes('stream.ready') && !text.includes('error')) void bob.api.auth.logout.mutate();
      return false;
    });
    expect(await whole).to.match(/event: error\ndata: \{"error":\{"code":"SESSION_ENDED"/);
  });

  it('are for whoever is signed in, and begin where they can', async () => {
    const eve = await signUp(server, 'eve');
    expect(await rest.refusal('GET', '/api/v1/events')).to.deep.equal([401, 'NOT_SIGNED_IN']);
    const wrong = await rest.refusal('GET', '/api/v1/events?lastEventId=x', { token: eve.token });
    expect(wrong).to.deep.equal([400, 'INVALID_INPUT', 'lastEventId']);
    const twice = await rest.refusal('GET', '/api/v1/events?lastEventId=1&lastEventId=2', {
      token: eve.token,
    });
    expect(twice).to.deep.equal([400, 'INVALID_INPUT', 'lastEventId']);
    const head = await fetch(`${server.url}/api/v1/events`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${eve.token}` },
    });
    expect([head.status, await head.text()]).to.deep.equal([200, '']);
  });
});
