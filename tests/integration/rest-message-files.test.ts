// Messages with a file, as forms of the plain API: what arrives, what is refused, and that nothing of the latter is left.
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { deferred, limits, newId } from '@parley/shared';
import { expect } from 'chai';
import { fetchFile, leftIn, upload } from '../harness/files.js';
import { signUp, type TestPerson } from '../harness/kit.js';
import { createRestClient, type RestClient, type RestFault } from '../harness/rest.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const FILE_BYTES = 1_000_000;
const QUOTA = 3_000_000;

interface Sent {
  readonly id: string;
  readonly message: string;
  readonly file: {
    readonly id: string;
    readonly name: string;
    readonly size: number;
    readonly type: string;
  } | null;
}

interface Shown {
  readonly file_url: string;
  readonly sha256: string;
  readonly expires_at: string | null;
}

describe('message files over REST', () => {
  let place: ServerOnStore;
  let rest: RestClient;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let conversationId: string;
  let path: string;

  before(async () => {
    place = await startServerOnStore('restfiles', {
      ...{ fileBytes: FILE_BYTES, fileQuotaBytes: QUOTA, uploadStallMs: 1_500, collectFilesMs: 50 },
    });
    rest = await createRestClient(place.server);
  });
  after(() => place.close());
  beforeEach(async () => {
    const people = await Promise.all(['ada', 'bob', 'eve'].map((name) => signUp(place.server, name)));
    [ada, bob, eve] = people as [TestPerson, TestPerson, TestPerson];
    const started = await ada.api.conversations.start.mutate({ userId: bob.id });
    conversationId = started.conversation.id;
    path = `/api/messages/${conversationId}/send/`;
  });

  const form = (fields: Readonly<Record<string, string | Blob>>): FormData => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.append(name, value);
    return made;
  };
  const blob = (bytes: Buffer | string, name = 'notes.txt'): File =>
    new File([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)], name);
  const send = async (body: FormData, who = ada) =>
    await rest.call<Sent>('POST', path, { token: who.token, body });
  const refusal = async (body: unknown, who = ada, to = path) =>
    await rest.refusal('POST', to, { token: who.token, body });
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const spooled = () => readdir(join(place.server.dataDir, 'uploads')).catch(() => []);
  const count = async () => ({ ...(await leftIn(place.database)), spooled: (await spooled()).length });
  /** What is there once what was to go has gone. */
  const expectNothingLeft = async (before: Awaited<ReturnType<typeof count>>): Promise<void> => {
    await until(async () => JSON.stringify(await count()) === JSON.stringify(before));
    expect(
      (await rest.call<Sent[]>('GET', `/api/messages/${conversationId}/`, { token: ada.token })).body,
    ).to.deep.equal([]);
  };

  describe('are sent', () => {
    it('in a form, and fetched by the other, byte for byte, without anything else', async () => {
      const bytes = randomBytes(FILE_BYTES);
      const { status, body } = await send(
        form({ message: 'have a look', file: blob(bytes, 'holiday plans.bin') }),
      );
      expect(status).to.equal(201);
      expect(body.message).to.equal('have a look');
      const told = { name: 'holiday plans.bin', size: FILE_BYTES, type: 'application/octet-stream' };
      expect(body.file).to.deep.equal({ id: body.file?.id, ...told });
      const shown = await rest.call<Shown>('GET', `/api/messages/files/${body.file?.id}/`, {
        token: bob.token,
      });
      const { file_url, ...others } = shown.body;
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(others).to.deep.equal({ ...told, sha256, expires_at: null });
      expect(file_url).to.match(/^\/files\//);
      const got = await fetchFile(`${place.server.url}${file_url}`);
      expect(got.status).to.equal(200);
      expect(got.body.equals(bytes)).to.equal(true);
      expect(await spooled()).to.deep.equal([]);
      const [listed] = (await rest.call<Sent[]>('GET', `/api/messages/${ada.id}/`, { token: bob.token }))
        .body;
      expect(listed?.file).to.deep.equal(body.file);
      const bare = await fetchFile(`${place.server.url}/files/${body.file?.id}`);
      expect(bare.status).to.equal(401);
    });
    it('with their fields before and after them, without a text, and to a person', async () => {
      const id = newId();
      const body = form({ receiver_user: bob.id, file: blob('plain'), id, reply_to: id, more: 'ignored' });
      const answer = await rest.call<Sent>('POST', `/api/messages/${bob.id}/send`, {
        token: ada.token,
        body,
      });
      expect(answer.status).to.equal(201);
      expect(answer.body).to.deep.include({ id, message: '', reply_to: id });
      expect(answer.body.file).to.include({ name: 'notes.txt', size: 5, type: 'text/plain' });
    });
    it('as a message alone, where a form has none, or an empty one without a name', async () => {
      expect((await send(form({ message: 'no file' }))).body.file).to.equal(null);
      const boundary = 'xyz';
      const part = (head: string, text: string) =>
        `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
      const body = `${part('name="message"', 'chosen none')}${part('name="file"; filename=""', '')}--${boundary}--\r\n`;
      const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
      const answer = await rest.call<Sent>('POST', path, { token: ada.token, body, headers });
      expect(answer.body).to.include({ message: 'chosen none', file: null });
    });
    it('once under one id, whatever comes with it again; the file of the second goes', async () => {
      const before = await count();
      const id = newId();
      const first = await send(form({ id, file: blob('first') }));
      expect(first.status).to.equal(201);
      const once = { ...before, rows: before.rows + 1, whole: before.whole + 1, chunks: before.chunks + 1 };
      const again = await Promise.all(
        ['second', 'third', 'fourth'].map((text) => send(form({ file: blob(text), id, message: text }))),
      );
      for (const { status, body } of again) expect([status, body]).to.deep.equal([200, first.body]);
      await until(async () => JSON.stringify(await count()) === JSON.stringify(once));
      const raced = newId();
      const answers = await Promise.all(
        ['one', 'two', 'three'].map((text) => send(form({ id: raced, file: blob(text) }))),
      );
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 200, 201]);
      expect(new Set(answers.map(({ body }) => body.file?.id)).size).to.equal(1);
      const twice = { ...once, rows: once.rows + 1, whole: once.whole + 1, chunks: once.chunks + 1 };
      await until(async () => JSON.stringify(await count()) === JSON.stringify(twice));
      const others = await refusal(form({ id, file: blob('mine') }), bob);
      expect(others).to.deep.equal([409, 'MESSAGE_ID_TAKEN']);
      await until(async () => JSON.stringify(await count()) === JSON.stringify(twice));
    });
  });

  describe('are refused, and nothing is left', () => {
    it('where the form is not as it must be', async () => {
      const before = await count();
      const fields = (name: string, times: number) => {
        const made = form({ file: blob('x') });
        for (let at = 0; at < times; at += 1) made.append(`${name}${at}`, 'x');
        return made;
      };
      const two = form({ message: 'x', file: blob('one') });
      two.append('file', blob('two'));
      for (const [what, body, expected] of [
        ['too large', form({ file: blob(Buffer.alloc(FILE_BYTES + 1)) }), [413, 'TOO_LARGE']],
        ['far too large', form({ file: blob(Buffer.alloc(3 * FILE_BYTES)) }), [413, 'TOO_LARGE']],
        ['empty', form({ message: 'x', file: blob('') }), [400, 'INVALID_INPUT', 'file']],
        ['in another field', form({ message: 'x', picture: blob('x') }), [400, 'INVALID_INPUT', 'picture']],
        ['two', two, [400, 'INVALID_INPUT', 'file']],
        ['none, and no text', form({ id: newId() }), [400, 'INVALID_INPUT', 'message']],
        ['a text', form({ message: 'x', file: 'not a file' }), [400, 'INVALID_INPUT', 'file']],
        ['a bad name', form({ file: blob('x', 'a\u202eexe.txt') }), [400, 'INVALID_INPUT', 'file']],
        ['a long name', form({ file: blob('x', 'a'.repeat(300)) }), [400, 'INVALID_INPUT', 'file']],
        ['a bad id', form({ file: blob('x'), id: 'short' }), [400, 'INVALID_INPUT', 'id']],
        [
          'another receiver',
          form({ file: blob('x'), receiver_user: eve.id }),
          [400, 'INVALID_INPUT', 'receiver_user'],
        ],
        ['a long field', form({ file: blob('x'), message: 'x'.repeat(70_000) }), [413, 'TOO_LARGE']],
        [
          'a long text',
          form({ file: blob('x'), message: 'x'.repeat(8_001) }),
          [400, 'INVALID_INPUT', 'message'],
        ],
        ['many fields', fields('f', 30), [413, 'TOO_LARGE']],
      ] as const)
        expect(await refusal(body), what).to.deep.equal(expected);
      await expectNothingLeft(before);
    });
    it('where it is no form at all, or one that never ends', async () => {
      const before = await count();
      const typed = (type: string, body: string) => ({
        ...{ token: ada.token, body },
        headers: { 'content-type': type },
      });
      const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
      for (const [type, body] of [
        ['multipart/form-data', `${head}text\r\n--x--\r\n`],
        ['multipart/form-data; boundary=', `${head}text\r\n--x--\r\n`],
        ['multipart/form-data; boundary=x', 'nonsense'],
        ['multipart/form-data; boundary=x', ''],
        ['multipart/form-data; boundary=x', `${head}text`],
        ['multipart/form-data; boundary=x', `${head}text\r\n--x\r\n`],
        [
          'multipart/form-data; boundary=x',
          `--x\r\ncontent-disposition: form-data; name="message"\r\n\r\ntext`,
        ],
      ] as const)
        expect(
          (await rest.refusal('POST', path, typed(type, body))).slice(0, 2),
          `${type} ${body}`,
        ).to.deep.equal([400, 'INVALID_INPUT']);
      const other = await rest.refusal('POST', '/api/groups/create/', {
        token: ada.token,
        body: form({ name: 'x' }),
      });
      expect(other).to.deep.equal([415, 'UNSUPPORTED_MEDIA_TYPE']);
      await expectNothingLeft(before);
    });
    it('before a byte of it is taken, from whoever may not write there', async () => {
      const before = await count();
      const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: `room ${newId()}` });
      const group = await ada.api.groups.create.mutate({
        name: `g ${newId()}`,
        members: [bob.id],
        announces: false,
      });
      await ada.api.groups.silence.mutate({ conversationId: group.id, userId: bob.id });
      for (const [who, to, expected] of [
        [eve, conversationId, [404, 'NOT_FOUND']],
        [eve, 'a b', [404, 'NOT_FOUND']],
        [eve, room.id, [403, 'FORBIDDEN']],
        [bob, group.id, [403, 'FORBIDDEN']],
        [null, conversationId, [401, 'NOT_SIGNED_IN']],
      ] as const) {
        const answer = await sendHead(`${place.server.url}/api/messages/${to}/send/`, who?.token);
        expect([answer.status, answer.code], to).to.deep.equal(expected);
        expect(await spooled()).to.deep.equal([]);
      }
      await expectNothingLeft(before);
    });
    it('where it does not fit into the quota; what was sent stays, and is sent again without room', async () => {
      const body = (id: string) => form({ id, file: blob(Buffer.alloc(FILE_BYTES)) });
      const ids = [newId(), newId(), newId()];
      const sent = [];
      for (const id of ids) sent.push(await send(body(id)));
      const before = await count();
      expect(await refusal(form({ file: blob('one more') }))).to.deep.equal([413, 'TOO_LARGE', 'file']);
      const again = await send(body(ids[0] ?? ''));
      expect([again.status, again.body]).to.deep.equal([200, sent[0]?.body]);
      await until(async () => JSON.stringify(await count()) === JSON.stringify(before));
    });
    it('where its sender goes away in the middle of it', async () => {
      const before = await count();
      const half = await beginForm(`${place.server.url}${path}`, ada.token);
      await until(async () => (await spooled()).length > before.spooled);
      half.destroy();
      await expectNothingLeft(before);
    });
    it('where nothing more of it comes for too long', async () => {
      const before = await count();
      const half = await beginForm(`${place.server.url}${path}`, ada.token);
      const answer = await half.answer;
      expect([answer.status, answer.code]).to.deep.equal([410, 'EXPIRED']);
      half.destroy();
      await expectNothingLeft(before);
    });
    it('where so many of one person are on their way', async () => {
      const before = await count();
      const url = `${place.server.url}${path}`;
      const halves = await Promise.all(
        Array.from({ length: limits.uploadsPerPerson.value }, () => beginForm(url, ada.token)),
      );
      await until(async () => (await spooled()).length === before.spooled + halves.length);
      expect(await refusal(form({ file: blob('x') }))).to.deep.equal([429, 'TOO_MANY_REQUESTS']);
      for (const half of halves) half.destroy();
      await expectNothingLeft(before);
      expect((await send(form({ file: blob('x') }))).status).to.equal(201);
    });
    it('where slow mode holds their sender back', async () => {
      const group = await ada.api.groups.create.mutate({
        name: `g ${newId()}`,
        members: [bob.id],
        announces: false,
      });
      await ada.api.groups.update.mutate({ conversationId: group.id, slowModeMs: 60_000 });
      const to = `/api/messages/${group.id}/send/`;
      expect(
        (await rest.call('POST', to, { token: bob.token, body: form({ file: blob('x') }) })).status,
      ).to.equal(201);
      const before = await count();
      expect((await refusal(form({ file: blob('y') }), bob, to))[0]).to.equal(429);
      await until(async () => JSON.stringify(await count()) === JSON.stringify(before));
    });
  });

  describe('are shown', () => {
    it('to those who see their message alone', async () => {
      const { body } = await send(form({ file: blob('x') }));
      const unsent = await upload(place.server, ada, { conversationId, bytes: Buffer.from('x') });
      const get = (id: string | undefined, who?: TestPerson) =>
        rest.refusal('GET', `/api/messages/files/${id}/`, who === undefined ? {} : { token: who.token });
      expect(await get(body.file?.id, eve)).to.deep.equal([404, 'NOT_FOUND']);
      expect(await get(body.file?.id)).to.deep.equal([401, 'NOT_SIGNED_IN']);
      expect(await get(unsent.id, bob)).to.deep.equal([404, 'NOT_FOUND']);
      for (const id of [newId(), '%00', '..', 'x'.repeat(65)])
        expect((await get(id, ada))[0], id).to.equal(404);
      const bare = await rest.call<Shown>('GET', `/api/messages/files/${body.file?.id}`, {
        token: ada.token,
      });
      expect(bare.status).to.equal(200);
    });
    it('until their time is over', async () => {
      const file = await upload(place.server, ada, {
        conversationId,
        bytes: Buffer.from('x'),
        expiresInHours: 1,
      });
      await ada.api.messages.send.mutate({ conversationId, text: 'for now', files: [file.id] });
      const at = `/api/messages/files/${file.id}/`;
      const { body } = await rest.call<Shown>('GET', at, { token: bob.token });
      expect(new Date(body.expires_at ?? 0).getTime()).to.be.within(Date.now(), Date.now() + 3_600_000);
      const files = place.database.collection<{ _id: string; state: string }>('files');
      await files.updateOne({ _id: file.id }, { $set: { expiresAt: new Date(), dueAt: new Date() } });
      expect(await rest.refusal('GET', at, { token: bob.token })).to.deep.equal([410, 'EXPIRED']);
      await until(async () => (await files.findOne({ _id: file.id }))?.state === 'expired');
      expect(await rest.refusal('GET', at, { token: bob.token })).to.deep.equal([410, 'EXPIRED']);
      expect(await rest.refusal('GET', at, { token: eve.token })).to.deep.equal([404, 'NOT_FOUND']);
      const [said] = (
        await rest.call<Sent[]>('GET', `/api/messages/${conversationId}/`, { token: bob.token })
      ).body;
      expect(said?.file).to.deep.equal({ id: file.id, name: 'notes.bin', size: 1, type: 'text/plain' });
    });
    it('no more once their message is deleted', async () => {
      const before = await count();
      const { body } = await send(form({ file: blob('x') }));
      await rest.call('DELETE', `/api/messages/${conversationId}/${body.id}/`, { token: ada.token });
      const gone = await rest.refusal('GET', `/api/messages/files/${body.file?.id}/`, { token: bob.token });
      expect(gone).to.deep.equal([404, 'NOT_FOUND']);
      await until(async () => JSON.stringify(await count()) === JSON.stringify(before));
    });
  });
});

interface Heard {
  readonly status: number;
  readonly code: string;
}

/** A form whose file has begun, and does not go on. */
const beginForm = async (
  url: string,
  token: string | undefined,
): Promise<{ readonly answer: Promise<Heard>; destroy(): void }> => {
  const answer = deferred<Heard>();
  answer.promise.catch(() => undefined);
  const outgoing = request(url, {
    method: 'POST',
    headers: {
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': '500000',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  });
  outgoing.on('error', (error) => answer.reject(error));
  outgoing.on('response', (incoming) => {
    let text = '';
    incoming.on('data', (part: Buffer) => {
      text += part.toString();
    });
    incoming.on('end', () => {
      const { error } = JSON.parse(text) as RestFault;
      answer.resolve({ status: incoming.statusCode ?? 0, code: error.code });
    });
  });
  const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
  await new Promise((resolve) => outgoing.write(`${head}${'a'.repeat(100_000)}`, resolve));
  return { answer: answer.promise, destroy: () => outgoing.destroy() };
};

/** The same, given up once it is answered. */
const sendHead = async (url: string, token: string | undefined): Promise<Heard> => {
  const half = await beginForm(url, token);
  const heard = await half.answer;
  half.destroy();
  return heard;
};
