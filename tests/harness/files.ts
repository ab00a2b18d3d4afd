// Files as tests put them up and look for what is left of them.
import type { UploadedFile } from '@parley/shared';
import { expect } from 'chai';
import type { Connection } from 'mongoose';
import type { TestPerson } from './api.js';
import { forgeToken } from './forge.js';
import { type RawAnswer, rawRequest } from './raw-call.js';
import { TEST_SECRET } from './test-server.js';

interface Server {
  readonly url: string;
}

/** Bytes of a small file. */
export const HELLO = Buffer.from('hello there, and good morning');

/** A file of a conversation that is to be put up. */
export interface FileDraft {
  readonly conversationId: string;
  readonly bytes: Uint8Array;
  readonly name?: string;
  readonly expiresInHours?: number;
}

export const ticketFor = async (person: TestPerson, { bytes, ...draft }: FileDraft) =>
  await person.api.files.ticket.mutate({ name: 'notes.bin', ...draft, size: bytes.length });

export const put = async (url: string, body: BodyInit, headers: HeadersInit = {}): Promise<RawAnswer> =>
  await rawRequest(url, { method: 'PUT', body, headers, duplex: 'half' } as RequestInit);

/** Bytes as a body of unknown length, in parts of so many. */
export const streamOf = (bytes: Uint8Array, partBytes = 64 * 1024): ReadableStream<Uint8Array> => {
  let from = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (from >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(from, from + partBytes));
      from += partBytes;
    },
  });
};

/** Puts a file up, whole. */
export const upload = async (server: Server, person: TestPerson, draft: FileDraft): Promise<UploadedFile> => {
  const { url } = await ticketFor(person, draft);
  const answer = await put(`${server.url}${url}`, Buffer.from(draft.bytes));
  expect(answer.status, answer.text).to.equal(201);
  return JSON.parse(answer.text) as UploadedFile;
};

/** What there is of files in the store. */
export const leftIn = async (
  database: Connection,
): Promise<{ rows: number; whole: number; chunks: number }> => {
  const count = (name: string) => database.collection(name).countDocuments();
  return {
    rows: await count('files'),
    whole: await count('file_bytes.files'),
    chunks: await count('file_bytes.chunks'),
  };
};

/** Fetches a file as whoever brings the headers. */
export const fetchFile = async (
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; headers: Headers; body: Buffer }> => {
  const response = await fetch(url, { method, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
};

/** What lets its bearer do something with a file, as only the server can make it. */
export const signedFile = (
  sub: string,
  { audience, seconds }: { audience: string; seconds: number },
): string =>
  forgeToken(
    { sub, aud: audience, iss: 'parley', exp: Math.floor(Date.now() / 1_000) + seconds },
    TEST_SECRET,
  );
