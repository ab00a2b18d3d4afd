// Forms with a file that are damaged in every way: each is read or refused, none is waited for for ever, and nothing of any is left.
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createFileForms, type FileForm } from '@parley/server/internal/http/rest/file-forms';
import { AppError } from '@parley/shared';
import { expect } from 'chai';
import { createDataDir, type DataDir } from '../harness/kit.js';
import { Random } from '../harness/random.js';

const RUNS = Number(process.env.PARLEY_FUZZ_FORMS ?? 400);
const SEED = BigInt(process.env.PARLEY_FUZZ_SEED ?? `0x${randomBytes(8).toString('hex')}`);
const FILE_BYTES = 1_000;

const part = (head: string, text: string): string =>
  `--x\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
const WHOLE = `${part('name="message"', 'hey')}${part('name="file"; filename="a"', 'a'.repeat(300))}--x--\r\n`;
const PIECES = [
  ...['--x', '--x--', '\r\n', '\r\n\r\n', '\r', '\n', '-', ':', '"', ';', '\0', '\u20ac', 'hello'],
  ...['a'.repeat(400), 'content-type: text/plain', 'content-transfer-encoding: base64'],
  ...['content-disposition: form-data', 'content-disposition: attachment', 'name=""', "filename*=UTF-8''x"],
  part('name="file"; filename="b"', 'b'),
  part('name="message"', 'again'),
];

const damaged = (random: Random): string => {
  if (random.chance(30)) return Array.from({ length: random.below(15) }, () => random.pick(PIECES)).join('');
  let text = WHOLE;
  for (let times = random.below(4); times >= 0; times -= 1) {
    const at = random.below(text.length);
    const put = random.chance(50) ? random.pick(PIECES) : '';
    text = `${text.slice(0, at)}${put}${text.slice(at + random.below(30))}`;
  }
  return text;
};

/** The text as it arrives, in parts of any size. */
const arrivingAs = (text: string, random: Random): IncomingMessage => {
  const message = new IncomingMessage(new Socket());
  message.headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(80);
    message.push(bytes.subarray(at, at + length));
    at += length;
  }
  message.push(null);
  return message;
};

describe('forms with a file, damaged', () => {
  let dir: DataDir;
  before(async () => {
    dir = await createDataDir();
  });
  after(() => dir.discard());

  it(`are read or refused, ${RUNS} of them from seed ${SEED}`, async () => {
    const random = new Random(SEED);
    const directory = join(dir.path, 'forms');
    const forms = await createFileForms({ directory, fileBytes: FILE_BYTES, uploadStallMs: 5_000 });
    const expected = { field: 'file', userId: 'somebody' };
    const read = (text: string): Promise<FileForm> =>
      forms.read({ raw: arrivingAs(text, random) }, expected, async (form) => form);
    expect(await read(WHOLE)).to.deep.include({ fields: { message: 'hey' } });
    for (let run = 0; run < RUNS; run += 1) {
      const text = damaged(random);
      try {
        const { fields, file } = await read(text);
        expect(Object.values(fields).flat(), text).to.satisfy((values: unknown[]) =>
          values.every((value) => typeof value === 'string'),
        );
        expect(file?.size ?? 0, text).to.be.at.most(FILE_BYTES);
      } catch (error) {
        expect(error, text).to.be.instanceOf(AppError);
        expect((error as AppError).code, text).to.be.oneOf(['INVALID_INPUT', 'TOO_LARGE']);
      }
    }
    expect(await readdir(directory)).to.deep.equal([]);
  });
});
