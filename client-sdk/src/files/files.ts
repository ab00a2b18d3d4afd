import { isErrorCode, type UploadedFile, uploadedFileSchema } from '@parley/shared';
import type { Api } from '../api/api.js';
import { ParleyError, toParleyError } from '../api/errors.js';
import type { Fetch } from '../api/fetch.js';

/** What is to be put up. Of a stream nobody knows how long it is: `size` says so, exactly. */
export type FileToUpload = {
  readonly name: string;
  /** It goes then, wherever it is. */
  readonly expiresInHours?: number;
} & (
  | { readonly data: Blob | Uint8Array }
  | { readonly data: ReadableStream<Uint8Array>; readonly size: number }
);

/** Files of messages. Every promise rejects with ParleyError. */
export interface Files {
  /**
   * Puts a file up for a message in that conversation, whole or not at all; it goes into one with `conversation.send(text, { files })`.
   * TOO_LARGE where it is, or does not fit into one's quota; ABORTED where the signal says so.
   */
  upload(
    conversationId: string,
    file: FileToUpload,
    options?: { readonly signal?: AbortSignal },
  ): Promise<UploadedFile>;
  /** What it is, with a link. */
  readonly get: Api['files']['get']['query'];
  /** Those in messages of a conversation, newest first, by page. */
  readonly list: Api['files']['list']['query'];
  /** One's own, while it is in no message. */
  readonly delete: Api['files']['delete']['mutate'];
  readonly usage: Api['files']['usage']['query'];
  /** A whole address that gives its bytes, for a few minutes, to whoever has it. */
  url(fileId: string): Promise<string>;
}

export const createFiles = (api: Api, url: string, doFetch: Fetch): Files => ({
  upload: async (conversationId, file, { signal } = {}) => {
    const { name, expiresInHours } = file;
    const size = sizeOf(file);
    const ticket = await api.files.ticket.mutate(
      { conversationId, name, size, ...(expiresInHours === undefined ? {} : { expiresInHours }) },
      signal === undefined ? {} : { signal },
    );
    return await put(doFetch, `${url}${ticket.url}`, file, signal);
  },
  get: (input, options) => api.files.get.query(input, options),
  list: (input, options) => api.files.list.query(input, options),
  delete: (input, options) => api.files.delete.mutate(input, options),
  usage: (input, options) => api.files.usage.query(input, options),
  url: async (fileId) => `${url}${(await api.files.get.query({ fileId })).url}`,
});

const sizeOf = (file: FileToUpload): number => {
  if ('size' in file) return file.size;
  return file.data instanceof Uint8Array ? file.data.byteLength : file.data.size;
};

const put = async (
  doFetch: Fetch,
  address: string,
  { data }: FileToUpload,
  signal: AbortSignal | undefined,
): Promise<UploadedFile> => {
  // A stream goes out as it comes, which platforms want to be told; types of `fetch` do not know of it everywhere.
  const init = { method: 'PUT', body: data, ...(data instanceof ReadableStream && { duplex: 'half' }) };
  let response: Response;
  let body: unknown;
  try {
    response = await doFetch(address, { ...init, ...(signal && { signal }) } as RequestInit);
    body = await response.json();
  } catch (error) {
    throw toParleyError(error);
  }
  if (!response.ok) throw refusalIn(body, response.headers);
  const { data: uploaded, error } = uploadedFileSchema.safeParse(body);
  if (uploaded === undefined) throw new ParleyError('INTERNAL', { cause: error });
  return uploaded;
};

/** The server's error as it stands in a plain answer. */
const refusalIn = (body: unknown, headers: Headers): ParleyError => {
  const error = fieldOf(body, 'error');
  const code = fieldOf(error, 'code');
  if (!isErrorCode(code)) return new ParleyError('NETWORK');
  const requestId = fieldOf(body, 'requestId');
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return new ParleyError(code, {
    fields: fieldsIn(fieldOf(error, 'fields')),
    ...(typeof requestId === 'string' && { requestId }),
    ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
  });
};

const fieldsIn = (fields: unknown): Record<string, readonly string[]> =>
  typeof fields === 'object' && fields !== null
    ? Object.fromEntries(
        Object.entries(fields).map(([name, messages]) => [
          name,
          Array.isArray(messages) ? messages.map(String) : [],
        ]),
      )
    : {};

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
