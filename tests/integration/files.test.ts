import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { deferred, limits, newId, type UploadedFile } from '@parley/shared';
import { expect } from 'chai';
import { fetchFile, leftIn, put, streamOf, ticketFor, upload } from '../harness/files.js';
import { forgeToken, refusalOf, signUp, TEST_SECRET, type TestPerson } from '../harness/kit.js';
import { type ServerOnStore, startServerOnStore } from '../harness/server-on-store.js';

const QUOTA = 2_000_000;
const HELLO = Buffer.from('hello there, and good morning');

describe('files', function () {
  this.timeout(20_000);
  let place: ServerOnStore;
  let server: { readonly url: string };
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let conversationId: string;

  before(async () => {
    place = await startServerOnStore('files', {
      fileBytes: 1_000_000,
      fileQuotaBytes: QUOTA,
      uploadStallMs: 2_000,
      collectFilesMs: 50,
    });
    ({ server } = place);
    [ada, bob, eve] = await Promise.all([
      signUp(server, 'ada'),
      signUp(server, 'bob'),
      signUp(server, 'eve'),
    ]);
    ({
      conversation: { id: conversationId },
    } = await ada.api.conversations.start.mutate({ userId: bob.id }));
  });
  after(() => place.close());

  /** A message of ada's with a file of those bytes. */
  const sendFile = async (bytes: Uint8Array, name = 'notes.txt'): Promise<UploadedFile> => {
    const file = await upload(server, ada, { conversationId, bytes, name });
    await ada.api.messages.send.mutate({ conversationId, text: '', files: [file.id] });
    return file;
  };
  const files = () =>
    place.database.collection<{ _id: string; state: string; expiresAt: Date; dueAt: Date }>('files');
  const rowOf = (id: string) => files().findOne({ _id: id });
  /** Waits for the collector, which runs again and again. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('are put up, sent with a message without text, and fetched by whoever is in the conversation', async () => {
    const bytes = randomBytes(700_000);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = await upload(server, ada, { conversationId, bytes, name: 'holiday plans.bin' });
    const said = { id: file.id, name: 'holiday plans.bin', size: 700_000, type: 'application/octet-stream' };
    expect(file).to.deep.equal({ ...said, sha256, image: null });
    const id = newId();
    const message = await ada.api.messages.send.mutate({ conversationId, id, text: '', files: [file.id] });
    expect(message.files).to.deep.equal([{ ...said, image: null, gone: false }]);
    expect(
      await ada.api.messages.send.mutate({ conversationId, id, text: '', files: [file.id] }),
    ).to.deep.equal(message);
    const seen = await bob.api.files.get.query({ fileId: file.id });
    expect(seen).to.deep.include({ ...file, conversationId, messageId: message.id, thumbnailUrl: null });
    expect(seen.owner.id).to.equal(ada.id);
    for (const [url, headers] of [
      [`${server.url}${seen.url}`, {}],
      [`${server.url}/files/${file.id}`, { authorization: `Bearer ${bob.token}` }],
    ] as const) {
      const got = await fetchFile(url, headers);
      expect(got.status).to.equal(200);
      expect(got.body.equals(bytes)).to.equal(true);
      expect(Object.fromEntries(got.headers)).to.include({
        'content-type': 'application/octet-stream',
        'content-length': '700000',
        etag: `"${sha256}"`,
        'accept-ranges': 'bytes',
        'cache-control': 'private, no-cache',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        'content-disposition': `attachment; filename="holiday plans.bin"; filename*=UTF-8''holiday%20plans.bin`,
      });
    }
  });

  it('are given from the middle, over the edges of what the store keeps together', async () => {
    const bytes = randomBytes(600_000);
    const { id } = await upload(server, ada, { conversationId, bytes });
    const { url } = await ada.api.files.get.query({ fileId: id });
    for (const [first, last] of [
      [0, 599_999],
      [261_119, 261_120],
      [261_120, 522_239],
      [200_000, 599_998],
    ] as const) {
      const got = await fetchFile(`${server.url}${url}`, { range: `bytes=${first}-${last}` });
      expect(got.status).to.equal(206);
      expect(got.body.equals(bytes.subarray(first, last + 1))).to.equal(true);
    }
    await ada.api.files.delete.mutate({ fileId: id });
  });

  it('are listed by conversation, newest first, page by page', async () => {
    const { room } = await ada.api.rooms.joinOrCreate.mutate({ name: 'A gallery' });
    const there = { conversationId: room.id };
    const sent: string[] = [];
    for (const names of [['one'], ['two', 'three'], ['four']]) {
      const files = await Promise.all(
        names.map((name) => upload(server, ada, { ...there, bytes: HELLO, name })),
      );
      const ids = files.map(({ id }) => id);
      await ada.api.messages.send.mutate({ ...there, text: names.join(), files: ids });
      sent.unshift(...ids.sort().reverse());
    }
    await upload(server, ada, { ...there, bytes: HELLO });
    const listed: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await ada.api.files.list.query({ ...there, limit: 1, ...(cursor && { cursor }) });
      listed.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(listed).to.deep.equal(sent);
  });

  it('are shown by browsers only where their bytes are harmless, whatever is claimed', async () => {
    const page = Buffer.from('<!doctype html><script>alert(1)</script>');
    const draft = { conversationId, name: 'cat.png', size: page.length, type: 'image/png' };
    const ticket = await ada.api.files.ticket.mutate(draft);
    const answer = await put(`${server.url}${ticket.url}`, page, { 'content-type': 'image/png' });
    expect(JSON.parse(answer.text)).to.include({ type: 'text/plain' });
    const { url } = await ada.api.files.get.query({ fileId: ticket.fileId });
    const got = await fetchFile(`${server.url}${url}`);
    expect(got.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
    expect(got.headers.get('content-disposition')).to.match(/^attachment; /);
    await ada.api.files.delete.mutate({ fileId: ticket.fileId });
  });

  it('keep names that mean something in a header from meaning it there', async () => {
    const name = `a"; filename=b.exe; x='100%' €(1)\u00e9.txt`;
    const file = await upload(server, ada, { conversationId, bytes: HELLO, name });
    const { url } = await ada.api.files.get.query({ fileId: file.id });
    const got = await fetchFile(`${server.url}${url}`);
    expect(got.headers.get('content-disposition')).to.equal(
      `attachment; filename="a__ filename=b.exe_ x=_100__ _(1)_.txt"; filename*=UTF-8''a%22%3B%20filename%3Db.exe%3B%20x%3D%27100%25%27%20%E2%82%AC%281%29%C3%A9.txt`,
    );
    await ada.api.files.delete.mutate({ fileId: file.id });
  });

  describe('in parts', () => {
    let url: string;
    let tag: string;
    before(async () => {
      const file = await sendFile(Buffer.from('0123456789'));
      url = `${server.url}${(await bob.api.files.get.query({ fileId: file.id })).url}`;
      tag = `"${file.sha256}"`;
    });
    for (const [headers, status, body, contentRange] of [
      [{ range: 'bytes=0-3' }, 206, '0123', 'bytes 0-3/10'],
      [{ range: 'bytes=7-' }, 206, '789', 'bytes 7-9/10'],
      [{ range: 'bytes=-4' }, 206, '6789', 'bytes 6-9/10'],
      [{ range: 'bytes=-40' }, 206, '0123456789', 'bytes 0-9/10'],
      [{ range: 'bytes=8-400' }, 206, '89', 'bytes 8-9/10'],
      [{ range: 'bytes=10-' }, 416, '', 'bytes */10'],
      [{ range: 'bytes=-0' }, 416, '', 'bytes */10'],
      [{ range: 'bytes=99999999999999999999-' }, 416, '', 'bytes */10'],
      [{ range: 'bytes=0-1,3-4' }, 200, '0123456789', null],
      [{ range: 'bytes=5-2' }, 200, '0123456789', null],
      [{ range: 'bytes=-' }, 200, '0123456789', null],
      [{ range: 'lines=1-2' }, 200, '0123456789', null],
      [{ range: 'bytes=2-2', 'if-range': 'TAG' }, 206, '2', 'bytes 2-2/10'],
      [{ range: 'bytes=2-2', 'if-range': '"other"' }, 200, '0123456789', null],
      [{ range: 'bytes=2-2', 'if-range': 'W/TAG' }, 200, '0123456789', null],
      [{ 'if-none-match': 'TAG' }, 304, '', null],
      [{ 'if-none-match': '"other", W/TAG' }, 304, '', null],
      [{ 'if-none-match': '*' }, 304, '', null],
      [{ 'if-none-match': '"other"' }, 200, '0123456789', null],
    ] as const) {
      it(`answer ${JSON.stringify(headers)} with ${status}`, async () => {
        const asked = Object.entries(headers).map(([name, value]) => [name, value.replace('TAG', tag)]);
        const got = await fetchFile(url, Object.fromEntries(asked));
        expect(got).to.include({ status });
        expect(got.body.toString()).to.equal(body);
        expect(got.headers.get('content-range')).to.equal(contentRange);
        expect(got.headers.get('etag')).to.equal(tag);
      });
    }
    it('answer HEAD with all that is said of it, and no bytes', async () => {
      const got = await fetchFile(url, { range: 'bytes=0-3' }, 'HEAD');
      expect(got).to.include({ status: 200 });
      expect(got.headers.get('content-length')).to.equal('10');
      expect(got.body.length).to.equal(0);
    });
  });

  describe('from outside', () => {
    let file: UploadedFile;
    let unsent: UploadedFile;
    before(async () => {
      file = await sendFile(HELLO);
      unsent = await upload(server, ada, { conversationId, bytes: HELLO });
    });
    const statusOf = async (path: string, headers: Record<string, string> = {}) => {
      const { status, body } = await fetchFile(`${server.url}${path}`, headers);
      return [status, (JSON.parse(body.toString()) as { error: { code: string } }).error.code];
    };
    const as = ({ token }: TestPerson) => ({ authorization: `Bearer ${token}` });

    it('are not there for a stranger who guessed the id, whichever way they ask', async () => {
      for (const fileId of [file.id, newId()]) {
        expect(await refusalOf(eve.api.files.get.query({ fileId }))).to.include({ code: 'NOT_FOUND' });
        expect(await refusalOf(eve.api.files.delete.mutate({ fileId }))).to.include({ code: 'NOT_FOUND' });
        expect(await statusOf(`/files/${fileId}`, as(eve))).to.deep.equal([404, 'NOT_FOUND']);
        expect(await statusOf(`/files/${fileId}/thumbnail`, as(eve))).to.deep.equal([404, 'NOT_FOUND']);
      }
    });
    it('are not there for others before they are in a message', async () => {
      expect(await refusalOf(bob.api.files.get.query({ fileId: unsent.id }))).to.include({
        code: 'NOT_FOUND',
      });
      expect(await statusOf(`/files/${unsent.id}`, as(bob))).to.deep.equal([404, 'NOT_FOUND']);
      expect(await refusalOf(bob.api.files.delete.mutate({ fileId: unsent.id }))).to.include({
        code: 'NOT_FOUND',
      });
      expect((await fetchFile(`${server.url}/files/${unsent.id}`, as(ada))).status).to.equal(200);
    });
    it('want a signature of their own or a token', async () => {
      const other = await ada.api.files.get.query({ fileId: unsent.id });
      const signature = new URL(other.url, server.url).searchParams.get('signature') ?? '';
      const path = `/files/${file.id}`;
      const over = signedFile(file.id, { audience: 'parley:file-download', seconds: -1 });
      const upload = signedFile(file.id, { audience: 'parley:file-upload', seconds: 60 });
      expect(await statusOf(path)).to.deep.equal([401, 'NOT_SIGNED_IN']);
      expect(await statusOf(path, { authorization: 'Bearer x' })).to.deep.equal([401, 'TOKEN_INVALID']);
      expect(await statusOf(`${path}?signature=${signature}`)).to.deep.equal([401, 'TOKEN_INVALID']);
      expect(await statusOf(`${path}?signature=${upload}`)).to.deep.equal([401, 'TOKEN_INVALID']);
      expect(await statusOf(`${path}?signature=a&signature=b`)).to.deep.equal([401, 'TOKEN_INVALID']);
      expect(await statusOf(`${path}?signature=${over}`)).to.deep.equal([410, 'EXPIRED']);
      expect(await statusOf(`${path}?signature=${bob.token}`)).to.deep.equal([401, 'TOKEN_INVALID']);
    });
    it('are not there for somebody from whose time their message is not', async () => {
      const mine = { conversation: conversationId, user: bob.id };
      const memberships = place.database.collection('memberships');
      await memberships.updateOne(mine, { $set: { sinceSeq: 1_000 } });
      try {
        expect(await refusalOf(bob.api.files.get.query({ fileId: file.id }))).to.include({
          code: 'NOT_FOUND',
        });
        expect(await statusOf(`/files/${file.id}`, as(bob))).to.deep.equal([404, 'NOT_FOUND']);
        expect((await bob.api.files.list.query({ conversationId })).items).to.deep.equal([]);
      } finally {
        await memberships.updateOne(mine, { $set: { sinceSeq: 0 } });
      }
    });
    it('answer nonsense as what it is, and go on', async () => {
      const long = 'a'.repeat(4_900);
      for (const path of [long, '%00', 'a%2fb', '__proto__', `${file.id}?signature[x]=1`, 'x/thumbnail'])
        expect((await fetchFile(`${server.url}/files/${path}`, as(ada))).status, path).to.be.oneOf([
          401, 404, 200,
        ]);
      expect((await fetchFile(`${server.url}/files/${long}${long}`, as(ada))).status).to.equal(400);
      for (const type of [
        '',
        'garbage;;;',
        'text/html',
        'multipart/form-data; boundary=x',
        'a/b; charset="x',
      ])
        expect(
          (await put(`${server.url}/files/${long}`, HELLO, { 'content-type': type })).status,
          type,
        ).to.be.oneOf([401, 415]);
      for (const range of [
        `bytes=${'0-1,'.repeat(500)}`,
        `bytes=${'9'.repeat(400)}-`,
        `bytes=-${'9'.repeat(400)}`,
      ])
        expect((await fetchFile(`${server.url}/files/${file.id}`, { ...as(ada), range })).status).to.be.oneOf(
          [200, 206, 416],
        );
    });
    it('are of other methods than others', async () => {
      const answer = await fetch(`${server.url}/files/${file.id}`, { method: 'DELETE' });
      expect(answer.status).to.equal(405);
      expect(answer.headers.get('allow')).to.equal('GET, PUT');
    });
  });

  describe('on their way', () => {
    it('use a ticket once', async () => {
      const { url } = await ticketFor(ada, { conversationId, bytes: HELLO });
      const [one, other] = await Promise.all([
        put(`${server.url}${url}`, HELLO),
        put(`${server.url}${url}`, HELLO),
      ]);
      expect([one.status, other.status].sort()).to.deep.equal([201, 409]);
      expect(await put(`${server.url}${url}`, HELLO)).to.include({ status: 409, code: 'CONFLICT' });
    });
    it('need a ticket that is one, and that still is', async () => {
      const answerTo = async (ticket: string) => {
        const { status, code } = await put(`${server.url}/files/${ticket}`, HELLO);
        return [status, code];
      };
      const { fileId } = await ticketFor(ada, { conversationId, bytes: HELLO });
      expect(await answerTo('guessed')).to.deep.equal([401, 'TOKEN_INVALID']);
      expect(await answerTo(fileId)).to.deep.equal([401, 'TOKEN_INVALID']);
      const wrong = signedFile(fileId, { audience: 'parley:file-download', seconds: 60 });
      expect(await answerTo(wrong)).to.deep.equal([401, 'TOKEN_INVALID']);
      const over = signedFile(fileId, { audience: 'parley:file-upload', seconds: -1 });
      expect(await answerTo(over)).to.deep.equal([410, 'EXPIRED']);
      const nobodys = signedFile(newId(), { audience: 'parley:file-upload', seconds: 60 });
      expect(await answerTo(nobodys)).to.deep.equal([410, 'EXPIRED']);
    });

    const bytes = Buffer.alloc(400_000, 'a');
    for (const [what, body, answered] of [
      ['one byte more than was said', () => Buffer.concat([bytes, HELLO.subarray(0, 1)]), [413, 'TOO_LARGE']],
      ['one byte less', () => bytes.subarray(1), [400, 'INVALID_INPUT']],
      ['nothing at all', () => Buffer.alloc(0), [400, 'INVALID_INPUT']],
      ['more, of unknown length', () => streamOf(Buffer.concat([bytes, bytes])), [413, 'TOO_LARGE']],
      ['less, of unknown length', () => streamOf(bytes.subarray(1)), [400, 'INVALID_INPUT']],
    ] as const) {
      it(`leave nothing of ${what}`, async () => {
        const before = await leftIn(place.database);
        const { url, fileId } = await ticketFor(ada, { conversationId, bytes });
        const answer = await put(`${server.url}${url}`, body());
        expect([answer.status, answer.code]).to.deep.equal(answered);
        // What is refused by its length alone does not use the ticket up.
        if ((await rowOf(fileId)) !== null) await ada.api.files.delete.mutate({ fileId });
        expect(await leftIn(place.database)).to.deep.equal(before);
      });
    }
    it('leave nothing of what their client broke off half-way', async () => {
      const before = await leftIn(place.database);
      const { url } = await ticketFor(ada, { conversationId, bytes });
      await breakOff(`${server.url}${url}`, bytes, async () => {
        await until(async () => (await leftIn(place.database)).chunks > before.chunks);
      });
      await until(async () => (await leftIn(place.database)).rows === before.rows);
      expect(await leftIn(place.database)).to.deep.equal(before);
    });
    it('leave nothing when they are deleted half-way', async () => {
      const before = await leftIn(place.database);
      const { url, fileId } = await ticketFor(ada, { conversationId, bytes });
      const half = deferred<void>();
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytes.subarray(0, 300_000)),
        pull: async (controller) => {
          await half.promise;
          controller.enqueue(bytes.subarray(300_000));
          controller.close();
        },
      });
      const answer = put(`${server.url}${url}`, body);
      await until(async () => (await leftIn(place.database)).chunks > before.chunks);
      await ada.api.files.delete.mutate({ fileId });
      half.resolve();
      expect(await answer).to.include({ status: 410, code: 'EXPIRED' });
      expect(await leftIn(place.database)).to.deep.equal(before);
    });
    it('are over when nothing arrives for too long', async () => {
      const before = await leftIn(place.database);
      const { url } = await ticketFor(ada, { conversationId, bytes });
      const stuck = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytes.subarray(0, 300_000)),
      });
      const answer = await put(`${server.url}${url}`, stuck);
      expect([answer.status, answer.code]).to.deep.equal([410, 'EXPIRED']);
      expect(await leftIn(place.database)).to.deep.equal(before);
    });
    it('may be put up from a page of an allowed origin', async () => {
      const preflight = await fetch(`${server.url}/files/x`, {
        method: 'OPTIONS',
        headers: { origin: 'https://app.example', 'access-control-request-method': 'PUT' },
      });
      expect(preflight.headers.get('access-control-allow-methods')).to.include('PUT');
    });
  });

  describe('are bounded', () => {
    it('by size, before a place is kept', async () => {
      const draft = { conversationId, name: 'film.bin', size: 1_000_001 };
      expect(await refusalOf(ada.api.files.ticket.mutate(draft))).to.include({ code: 'TOO_LARGE' });
    });
    it('by the quota of a person: of many that are asked for at once exactly as many are let in as fit', async () => {
      const dan = await signUp(server, 'dan');
      const { conversation } = await dan.api.conversations.start.mutate({ userId: ada.id });
      const ask = () =>
        dan.api.files.ticket
          .mutate({ conversationId: conversation.id, name: 'part.bin', size: QUOTA / 4 - 1 })
          .catch(async (error: unknown) => (await refusalOf(Promise.reject(error))).code);
      const answers = await Promise.all(Array.from({ length: 10 }, ask));
      expect(answers.filter((answer) => answer === 'TOO_LARGE')).to.have.length(6);
      const kept = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer.fileId]));
      expect(await dan.api.files.usage.query()).to.deep.equal({
        ...{ usedBytes: QUOTA - 4, quotaBytes: QUOTA, fileBytesMax: 1_000_000, files: 4, waiting: 4 },
      });
      await dan.api.files.delete.mutate({ fileId: kept[0] ?? '' });
      expect(await ask()).to.have.property('fileId');
      expect(await ask()).to.equal('TOO_LARGE');
    });
    it('by how many wait', async () => {
      const dan = await signUp(server, 'dan');
      const { conversation } = await dan.api.conversations.start.mutate({ userId: ada.id });
      const draft = { conversationId: conversation.id, name: 'part.bin', size: 1 };
      const { fileId } = await dan.api.files.ticket.mutate(draft);
      const first = await rowOf(fileId);
      if (first === null) throw new Error('there is no row');
      const others = Array.from({ length: limits.filesWaiting.value - 3 }, () => ({
        ...first,
        _id: newId(),
      }));
      await files().insertMany(others);
      const ask = () =>
        dan.api.files.ticket.mutate(draft).then(
          () => 'kept',
          async (error: unknown) => (await refusalOf(Promise.reject(error))).code,
        );
      const answers = await Promise.all([ask(), ask(), ask(), ask()]);
      expect(answers.filter((answer) => answer === 'TOO_MANY_REQUESTS')).to.have.length(2);
    });
  });

  describe('end', () => {
    it('with their message, bytes and all', async () => {
      const before = await leftIn(place.database);
      const file = await upload(server, ada, { conversationId, bytes: HELLO });
      const { id } = await ada.api.messages.send.mutate({ conversationId, text: 'look', files: [file.id] });
      const { url } = await bob.api.files.get.query({ fileId: file.id });
      expect((await ada.api.messages.delete.mutate({ conversationId, id })).files).to.deep.equal([]);
      expect(await refusalOf(bob.api.files.get.query({ fileId: file.id }))).to.include({ code: 'NOT_FOUND' });
      expect((await fetchFile(`${server.url}${url}`)).status).to.equal(404);
      await until(async () => (await leftIn(place.database)).rows === before.rows);
      expect(await leftIn(place.database)).to.deep.equal(before);
    });
    it('never were, where a message says nothing and has none', async () => {
      for (const files of [undefined, []]) {
        const nothing = ada.api.messages.send.mutate({
          conversationId,
          text: ' \n',
          ...(files && { files }),
        });
        expect((await refusalOf(nothing)).fields).to.have.key('text');
      }
    });
    it('when they are deleted before they are sent, and not after', async () => {
      const before = await leftIn(place.database);
      const unsent = await upload(server, ada, { conversationId, bytes: HELLO });
      await ada.api.files.delete.mutate({ fileId: unsent.id });
      expect(await leftIn(place.database)).to.deep.equal(before);
      expect(
        await refusalOf(ada.api.messages.send.mutate({ conversationId, text: 'x', files: [unsent.id] })),
      ).to.include({ code: 'UPDATE_REFUSED' });
      const file = await sendFile(HELLO);
      expect(await refusalOf(ada.api.files.delete.mutate({ fileId: file.id }))).to.include({
        code: 'CONFLICT',
      });
      expect(await refusalOf(bob.api.files.delete.mutate({ fileId: file.id }))).to.include({
        code: 'FORBIDDEN',
      });
    });
    it('when their time is over; their message says so', async () => {
      const file = await upload(server, ada, { conversationId, bytes: HELLO, expiresInHours: 1 });
      const text = 'for now';
      const { id } = await ada.api.messages.send.mutate({ conversationId, text, files: [file.id] });
      const row = await rowOf(file.id);
      expect(row?.dueAt).to.deep.equal(row?.expiresAt);
      expect(row?.expiresAt.getTime()).to.be.within(Date.now() + 3_500_000, Date.now() + 3_600_000);
      const now = new Date();
      await files().updateOne({ _id: file.id }, { $set: { expiresAt: now, dueAt: now } });
      await until(async () => (await rowOf(file.id))?.state === 'expired');
      expect(await refusalOf(bob.api.files.get.query({ fileId: file.id }))).to.include({ code: 'EXPIRED' });
      const bare = await fetchFile(`${server.url}/files/${file.id}`, {
        authorization: `Bearer ${bob.token}`,
      });
      expect(bare.status).to.equal(410);
      const { items } = await bob.api.messages.list.query({ conversationId });
      expect(items.find((message) => message.id === id)?.files).to.deep.equal([
        { id: file.id, name: 'notes.bin', size: HELLO.length, type: 'text/plain', image: null, gone: true },
      ]);
    });
    it('when nobody has sent them, or used their ticket', async () => {
      const before = await leftIn(place.database);
      const [file, ticket] = await Promise.all([
        upload(server, ada, { conversationId, bytes: HELLO }),
        ticketFor(ada, { conversationId, bytes: HELLO }),
      ]);
      const both = { _id: { $in: [file.id, ticket.fileId] } };
      await files().updateMany(both, { $set: { dueAt: new Date() } });
      await until(async () => (await files().countDocuments(both)) === 0);
      expect(await leftIn(place.database)).to.deep.equal(before);
      expect((await put(`${server.url}${ticket.url}`, HELLO)).code).to.equal('EXPIRED');
    });
  });
});

/** What lets its bearer do something with a file, as only the server can make it. */
const signedFile = (sub: string, { audience, seconds }: { audience: string; seconds: number }): string =>
  forgeToken(
    { sub, aud: audience, iss: 'parley', exp: Math.floor(Date.now() / 1_000) + seconds },
    TEST_SECRET,
  );

/** Sends half of a body, waits, and goes away. */
const breakOff = async (url: string, bytes: Buffer, halfWay: () => Promise<void>): Promise<void> => {
  const going = request(url, { method: 'PUT', headers: { 'content-length': bytes.length } });
  going.on('error', () => undefined);
  going.write(bytes.subarray(0, bytes.length - 10_000));
  await halfWay();
  going.destroy();
};
