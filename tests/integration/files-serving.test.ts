// The bytes of a file and what goes with them, as they are given to whoever may have them.
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { fetchFile, HELLO, put, upload } from '../harness/files.js';
import { type FilesPlace, startFilesPlace } from '../harness/files-place.js';
import type { TestPerson, TestServer } from '../harness/kit.js';

describe('files', () => {
  let place: FilesPlace;
  let server: TestServer;
  let ada: TestPerson;
  let bob: TestPerson;
  let conversationId: string;

  before(async () => {
    place = await startFilesPlace('files-serving');
    ({ server, ada, bob, conversationId } = place);
  });
  after(() => place.close());

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
      const file = await place.sendFile(Buffer.from('0123456789'));
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
});
