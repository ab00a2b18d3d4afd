import { expect } from 'chai';
import { fetchFile, upload } from '../harness/files.js';
import { signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { solidPng } from '../harness/pictures.js';

describe('pictures', () => {
  let server: TestServer;
  let ada: TestPerson;
  let conversationId: string;

  before(async () => {
    server = await startTestServer();
    ada = await signUp(server, 'ada');
    ({ id: conversationId } = (await ada.api.rooms.joinOrCreate.mutate({ name: 'Pictures' })).room);
  });
  after(() => server.close());

  const put = (bytes: Uint8Array) => upload(server, ada, { conversationId, bytes, name: 'a.png' });

  it('have dimensions as they are to be shown, and a small one beside them, without what they say of themselves', async () => {
    const turned = solidPng({ width: 800, height: 400, orientation: 6 });
    const { id, type, image } = await put(turned);
    expect({ type, image }).to.deep.equal({
      type: 'image/png',
      image: { width: 400, height: 800, thumbnail: true },
    });
    const { thumbnailUrl } = await ada.api.files.get.query({ fileId: id });
    for (const [url, headers] of [
      [thumbnailUrl ?? '', {}],
      [`/files/${id}/thumbnail`, { authorization: `Bearer ${ada.token}` }],
    ] as const) {
      const small = await fetchFile(`${server.url}${url}`, headers);
      expect(small.status).to.equal(200);
      expect(small.headers.get('content-type')).to.equal('image/webp');
      expect(small.headers.get('content-length')).to.equal(String(small.body.length));
      expect(small.body.subarray(8, 12).toString()).to.equal('WEBP');
      expect(webpSize(small.body)).to.deep.equal({ width: 160, height: 320 });
      expect(small.body.includes('EXIF')).to.equal(false);
    }
    const { files } = await ada.api.messages.send.mutate({ conversationId, text: '', files: [id] });
    expect(files[0]?.image).to.deep.equal(image);
  });

  for (const [what, bytes] of [
    ['is broken', Buffer.concat([solidPng({ width: 8, height: 8 }).subarray(0, 45), Buffer.alloc(300, 7)])],
    ['ends in the middle', solidPng({ width: 300, height: 300 }).subarray(0, 100)],
    ['unfolds into more than anybody looks at', solidPng({ width: 8_000, height: 8_000 })],
    ['has no pixels', solidPng({ width: 0, height: 0 })],
  ] as const) {
    it(`are files without dimensions where the picture ${what}`, async () => {
      const { id, type, image } = await put(bytes);
      expect({ type, image }).to.deep.equal({ type: 'image/png', image: null });
      const bare = await fetchFile(`${server.url}/files/${id}/thumbnail`, {
        authorization: `Bearer ${ada.token}`,
      });
      expect(bare.status).to.equal(404);
    });
  }
});

/** Of a simple lossy one, or of one with an extended header. */
const webpSize = (bytes: Buffer): { width: number; height: number } =>
  bytes.subarray(12, 16).toString() === 'VP8X'
    ? { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    : { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
