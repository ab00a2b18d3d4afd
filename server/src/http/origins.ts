import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a socket may be opened from where this request comes. Browsers always say where; a program that says nothing is
 * no web page acting behind somebody's back. The server's own pages may, and those of the allow-list.
 */
export const isAllowedOrigin = (headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): boolean => {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (allowed.has(origin)) return true;
  // A scheme of ours is not known behind a proxy: the same host and port is the same origin here.
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
};
