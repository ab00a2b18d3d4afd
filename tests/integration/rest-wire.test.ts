// Requests as few clients write them: what is right about them is served, and what is not is said in the form of every other error.
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { rawRequest, signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { createRestClient, type RestClient, type RestFault } from '../harness/rest.js';
import { speak } from '../harness/speak.js';

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

  describe('programs that would rather speak HTTP/2', () => {
    const WISH = 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
    const head = (line: string, more: string) =>
      `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\n${more}\r\n`;
    const wishing = (line: string, more: string, connection = 'Upgrade, HTTP2-Settings') =>
      head(line, `Connection: ${connection}\r\n${WISH}${more}`);

    it('are answered in HTTP/1.1, one request after the other', async () => {
      const body = JSON.stringify({ name: 'by h2c' });
      const said = await speak(
        server,
        wishing(
          'POST /api/projects/',
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`,
        ) +
          body +
          wishing('GET /api/users/protected/', '') +
          wishing('GET /api/nothing/at/all/here', '', 'close, Upgrade, HTTP2-Settings'),
      );
      expect(said.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 201', 'HTTP/1.1 200', 'HTTP/1.1 404']);
      expect(said).to.include('"name":"by h2c"').and.include('"code":"NOT_FOUND"');
    });

    it('may take their time with the body, and wait for the word to send it', async () => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      const more = 'Expect: 100-continue\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n';
      socket.write(wishing('POST /api/projects/', more, 'Upgrade, close'));
      const [first] = await once(socket, 'data');
      expect(String(first)).to.match(/^HTTP\/1\.1 100 /);
      socket.write('7\r\n{"name"\r\n');
      await setImmediate();
      socket.write('7\r\n:"late"\r\n1\r\n}\r\n0\r\n\r\n');
      expect(await text(socket))
        .to.match(/^HTTP\/1\.1 201 /)
        .and.include('"name":"late"');
    });

    it('may be gone before what they asked first has an end', async () => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      socket.write(head('GET /api/v1/events', ''));
      await once(socket, 'data');
      socket.write(wishing('GET /api/users/protected/', ''));
      await setImmediate();
      socket.resetAndDestroy();
      await once(socket, 'close');
      expect((await rest.call('GET', '/api/users/protected/', { token: ada.token })).status).to.equal(200);
    });

    it('bring files, and are refused as others are', async () => {
      const bob = await signUp(server, 'bob');
      const form =
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n';
      const line = `POST /api/messages/${bob.id}/send/`;
      const about = `Content-Type: multipart/form-data; boundary=x\r\nContent-Length: ${form.length}\r\n`;
      expect(await speak(server, wishing(line, about, 'upgrade, close') + form))
        .to.match(/^HTTP\/1\.1 201 /)
        .and.include('"size":5');
      const unsigned = wishing(line, about, 'upgrade, close').replace(ada.token, 'x');
      expect(await speak(server, unsigned + form)).to.match(/^HTTP\/1\.1 401 /);
    });
  });

  describe('what is hardly a request', () => {
    const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

    it('is refused in the form of every other error', async () => {
      for (const [bytes, status, code] of [
        ['nonsense\r\n\r\n', 400, 'INVALID_INPUT'],
        ['\u0000\u0001\r\n\r\n', 400, 'INVALID_INPUT'],
        [get('/api/projects/', 'Bad Header: x\r\n'), 400, 'INVALID_INPUT'],
        [get('/api/projects/', 'Content-Length: -1\r\n'), 400, 'INVALID_INPUT'],
        [get('/api/projects/', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), 400, 'INVALID_INPUT'],
        ['GET /api/projects/ HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'INVALID_INPUT'],
        [get('/api/projects/', `X: ${'x'.repeat(20_000)}\r\n`), 431, 'TOO_LARGE'],
        [get(`/api/projects/?x=${'x'.repeat(20_000)}`), 431, 'TOO_LARGE'],
      ] as const) {
        const [head = '', body = ''] = (await speak(server, bytes)).split('\r\n\r\n');
        expect(head, bytes.slice(0, 100)).to.match(new RegExp(`^HTTP/1\\.1 ${status} `));
        expect(head).to.match(/\r\ncontent-type: application\/json; charset=utf-8\r\n/);
        const { error, detail, requestId }: RestFault = JSON.parse(body);
        expect(error.code).to.equal(code);
        expect(detail).to.equal(error.message);
        expect(head).to.include(`\r\nx-request-id: ${requestId}`);
      }
    });

    it('is served where all that is odd may be passed over', async () => {
      const closing = `Authorization: Bearer ${ada.token}\r\nConnection: close\r\n`;
      for (const [bytes, answer] of [
        ['GET /healthz HTTP/1.0\r\n\r\n', '{"status":"ok"}'],
        [`GET /api/users/protected/ HTTP/1.0\r\n${closing}\r\n`, 'You are signed in.'],
        [`GET /trpc/auth.me HTTP/1.0\r\n${closing}\r\n`, ada.id],
        [get('/api/users/protected/', `${closing}Expect: tea\r\n`), 'You are signed in.'],
      ] as const) {
        const said = await speak(server, bytes);
        expect(said, bytes)
          .to.match(/^HTTP\/1\.1 200 /)
          .and.include(answer);
      }
    });
  });

  it('names the fields beside the error wherever they are wrong, however the path is written', async () => {
    const headers = `Host: x\r\nAuthorization: Bearer ${ada.token}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    for (const path of ['/api/projects/', '/%61pi/projects', 'http://parley.example/api/projects/']) {
      const said = await speak(server, `POST ${path} HTTP/1.1\r\n${headers}`);
      expect(said, path).to.match(/^HTTP\/1\.1 400 /);
      const body: object = JSON.parse(said.split('\r\n\r\n')[1] ?? '');
      expect(body, path).to.have.property('name');
    }
  });

  it('says how to sign in with every 401', async () => {
    const body = { username: 'ada', password: 'not the password' };
    for (const [path, request, challenge] of [
      ['/api/projects/', {}, 'Bearer realm="parley"'],
      ['/api/projects/', { token: 'x' }, 'Bearer realm="parley", error="invalid_token"'],
      ['/api/login/', { body }, 'Bearer realm="parley"'],
    ] as const) {
      const { status, headers } = await rest.call('POST', path, request);
      expect([status, headers.get('www-authenticate')], path).to.deep.equal([401, challenge]);
    }
    const file = await rawRequest(`${server.url}/files/x`);
    expect([file.status, file.headers.get('www-authenticate')]).to.deep.equal([401, 'Bearer realm="parley"']);
    const mine = await rest.call('GET', '/api/projects/', { token: ada.token });
    expect(mine.headers.get('www-authenticate')).to.equal(null);
  });

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

    it('are none of a body that holds nothing', async () => {
      const { token } = ada;
      for (const type of ['text/plain;charset=UTF-8', 'multipart/form-data; boundary=x', FORM, 'nonsense']) {
        const empty = { token, body: '', headers: { 'content-type': type } };
        expect((await rest.call('POST', '/api/room/nothing/', empty)).status, type).to.be.oneOf([201, 200]);
        expect(await rest.refusal('POST', `/api/messages/${ada.id}/send/`, empty), type).to.deep.equal([
          400,
          'INVALID_INPUT',
          'message',
        ]);
        expect(await rest.refusal('POST', '/api/v1/projects', empty), type).to.deep.equal([
          400,
          'INVALID_INPUT',
          'name',
        ]);
      }
    });

    it('say nothing of how JSON is written, which is UTF-8', async () => {
      const authorization = `Bearer ${ada.token}`;
      const send = (path: string, type: string, body: Uint8Array) =>
        rawRequest(`${server.url}${path}`, {
          method: 'POST',
          headers: { authorization, 'content-type': `application/json${type}` },
          body: Buffer.from(body),
        });
      for (const [path, text] of [
        ['/api/projects/', '{"name":"café"}'],
        ['/api/v1/projects', '{"name":"café"}'],
        ['/trpc/projects.create', '{"json":{"name":"café"}}'],
      ] as const) {
        for (const type of ['', '; charset=utf-8', '; charset=iso-8859-1']) {
          const made = await send(path, type, Buffer.from(`\ufeff${text}`));
          expect(made.text, path + type).to.include('"café"');
          const refused = await send(path, type, Buffer.from(text, 'latin1'));
          expect([refused.status, refused.code, refused.fields], path + type).to.deep.equal([
            400,
            'INVALID_INPUT',
            { body: ['is not UTF-8'] },
          ]);
        }
      }
    });
  });
});
