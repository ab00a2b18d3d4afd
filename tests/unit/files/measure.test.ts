import { createHash } from 'node:crypto';
import { Measure } from '@parley/server/internal/features/files/measure';
import { AppError } from '@parley/shared';
import { expect } from 'chai';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

const measure = async (bytes: Buffer, partBytes = 7) => {
  const measured = new Measure(bytes.length);
  for (let from = 0; from < bytes.length; from += partBytes)
    measured.add(bytes.subarray(from, from + partBytes));
  return await measured.finish();
};

describe('what bytes look like', () => {
  for (const [what, bytes, type] of [
    ['a picture', PNG, 'image/png'],
    ['half the beginning of a picture', PNG.subarray(0, 20), 'image/png'],
    ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), 'text/plain'],
    ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), 'text/plain'],
    ['the same as XML', Buffer.from('<?xml version="1.0"?><svg/>'), 'application/xml'],
    ['a PDF', Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'), 'application/pdf'],
    ['an archive that ends at once', Buffer.from('PK\x03\x04'), 'application/zip'],
    ['words', Buffer.from('Grüße, 你好'), 'text/plain'],
    ['words with a NUL', Buffer.from('words\0'), 'application/octet-stream'],
    ['words in another encoding', Buffer.from('Gr\xfc\xdfe', 'latin1'), 'application/octet-stream'],
    ['words cut in a letter', Buffer.from('Grü').subarray(0, 3), 'application/octet-stream'],
    ['a NUL after many words', Buffer.from(`${'words '.repeat(10_000)}\0`), 'application/octet-stream'],
    ['nothing but NULs', Buffer.alloc(1_000), 'application/octet-stream'],
  ] as const) {
    it(`is ${type} for ${what}, in whatever parts they come`, async () => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      for (const partBytes of [1, 7, 100_000])
        expect(await measure(bytes, partBytes)).to.deep.equal({ type, sha256 });
    });
  }

  it('is not asked of more or fewer than there are to be', async () => {
    const measured = new Measure(3);
    measured.add(Buffer.from('ab'));
    const error = await measured.finish().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(AppError).with.property('code', 'INVALID_INPUT');
    expect(() => measured.add(Buffer.from('cd')))
      .to.throw(AppError)
      .with.property('code', 'TOO_LARGE');
  });
});
