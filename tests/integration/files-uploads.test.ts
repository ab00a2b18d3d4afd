// The way of files into the store, and what is left of those that do not get there.
import { request } from 'node:http';
import { deferred, limits, newId } from '@parley/shared';
import { expect } from 'chai';
import { HELLO, leftIn, put, signedFile, streamOf, ticketFor } from '../harness/files.js';
import { FILE_QUOTA_BYTES, type FilesPlace, startFilesPlace } from '../harness/files-place.js';
import { refusalOf, signUp, type TestPerson, type TestServer } from '../harness/kit.js';
import { until } from '../harness/until.js';

describe('files', () => {
  let place: FilesPlace;
  let server: TestServer;
  let ada: TestPerson;
  let conversationId: string;

  before(async () => {
    place = await startFilesPlace('files-uploads');
    ({ server, ada, conversationId } = place);
  });
  after(() => place.close());

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
        if ((await place.rowOf(fileId)) !== null) await ada.api.files.delete.mutate({ fileId });
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
          .mutate({ conversationId: conversation.id, name: 'part.bin', size: FILE_QUOTA_BYTES / 4 - 1 })
          .catch(async (error: unknown) => (await refusalOf(Promise.reject(error))).code);
      const answers = await Promise.all(Array.from({ length: 10 }, ask));
      expect(answers.filter((answer) => answer === 'TOO_LARGE')).to.have.length(6);
      const kept = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer.fileId]));
      expect(await dan.api.files.usage.query()).to.deep.equal({
        ...{
          usedBytes: FILE_QUOTA_BYTES - 4,
          quotaBytes: FILE_QUOTA_BYTES,
          fileBytesMax: 1_000_000,
          files: 4,
          waiting: 4,
        },
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
      const first = await place.rowOf(fileId);
      if (first === null) throw new Error('there is no row');
      const others = Array.from({ length: limits.filesWaiting.value - 3 }, () => ({
        ...first,
        _id: newId(),
      }));
      await place.files.insertMany(others);
      const ask = () =>
        dan.api.files.ticket.mutate(draft).then(
          () => 'kept',
          async (error: unknown) => (await refusalOf(Promise.reject(error))).code,
        );
      const answers = await Promise.all([ask(), ask(), ask(), ask()]);
      expect(answers.filter((answer) => answer === 'TOO_MANY_REQUESTS')).to.have.length(2);
    });
  });
});

/** Sends half of a body, waits, and goes away. */
const breakOff = async (url: string, bytes: Buffer, halfWay: () => Promise<void>): Promise<void> => {
  const going = request(url, { method: 'PUT', headers: { 'content-length': bytes.length } });
  going.on('error', () => undefined);
  going.write(bytes.subarray(0, bytes.length - 10_000));
  await halfWay();
  going.destroy();
};
