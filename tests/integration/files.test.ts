// Files in conversations, and who may have them.
import { createHash, randomBytes } from 'node:crypto';
import { newId, type UploadedFile } from '@parley/shared';
import { expect } from 'chai';
import { fetchFile, HELLO, put, signedFile, upload } from '../harness/files.js';
import { type FilesPlace, startFilesPlace } from '../harness/files-place.js';
import { refusalOf, type TestPerson, type TestServer } from '../harness/kit.js';

describe('files', () => {
  let place: FilesPlace;
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let eve: TestPerson;
  let conversationId: string;

  before(async () => {
    place = await startFilesPlace('files');
    ({ server, ada, bob, eve, conversationId } = place);
  });
  after(() => place.close());

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

  describe('from outside', () => {
    let file: UploadedFile;
    let unsent: UploadedFile;
    before(async () => {
      file = await place.sendFile(HELLO);
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
      expect(answer.headers.get('allow')).to.equal('GET, HEAD, PUT');
    });
  });
});
