import { type ErrorCode, errorCatalogue, isErrorCode } from '@parley/shared';

/** What came back for a request made by hand. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The code of the catalogue, from either form of error body; null where there is none. */
  readonly code: ErrorCode | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RawCall {
  readonly url: string;
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly token?: string;
  /** What goes where a client puts superjson's `{ json, meta }`. */
  readonly payload: unknown;
}

/** Calls a procedure without a client that would keep it from sending nonsense. */
export const rawCall = async ({ url, path, type, token, payload }: RawCall): Promise<RawAnswer> => {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify(payload);
  const query = type !== 'mutation' && body !== undefined ? `?input=${encodeURIComponent(body)}` : '';
  const address = `${url}/trpc/${path}${query}`;
  if (type === 'subscription') return await firstOf(address, headers);
  return await rawRequest(address, {
    method: type === 'query' ? 'GET' : 'POST',
    headers,
    ...(type === 'query' ? {} : { body: body ?? '' }),
  });
};

export const rawRequest = async (url: string, init: RequestInit = {}): Promise<RawAnswer> => {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, ...readError(text) };
};

/** The first a subscription says, as if it were an answer; then it is left. */
const firstOf = async (address: string, headers: Record<string, string>): Promise<RawAnswer> => {
  const leave = new AbortController();
  const response = await fetch(address, { headers, signal: leave.signal });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const said = /event: serialized-error\ndata: (.*)\n\n/.exec(text) ?? /\n\ndata: (.*)\n/.exec(text);
    if (said === null) continue;
    leave.abort();
    const isError = said[0].startsWith('event');
    const body = isError ? JSON.stringify({ error: parse(said[1] ?? '') }) : (said[1] ?? '');
    const error = readError(body);
    const status = error.code === null ? response.status : errorCatalogue[error.code].http;
    return { status, headers: response.headers, text: body, ...error };
  }
  return { status: response.status, headers: response.headers, text, ...readError(text) };
};

const readError = (text: string): Pick<RawAnswer, 'code' | 'fields'> => {
  const error = field(parse(text), 'error');
  const data = field(field(error, 'json'), 'data') ?? error;
  const code = field(data, 'code');
  const fields = field(field(data, 'details'), 'fields') ?? field(data, 'fields');
  return {
    code: isErrorCode(code) ? code : null,
    fields: typeof fields === 'object' && fields !== null ? { ...fields } : {},
  };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
