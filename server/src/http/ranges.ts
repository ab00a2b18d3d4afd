// Owns what of some bytes a request asks for (RFC 9110, chapters 13 and 14): all of them, a part, or nothing new. Pure.
import type { IncomingHttpHeaders } from 'node:http';

interface Asked {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** At least one byte. */
  readonly size: number;
  /** A strong one, with its quotes. */
  readonly tag: string;
}

/** From `start` to before `end`. */
interface Part {
  readonly start: number;
  readonly end: number;
}

export type RangeAnswer =
  | { readonly status: 200; readonly range: Part }
  | { readonly status: 206; readonly range: Part; readonly contentRange: string }
  | { readonly status: 304 }
  | { readonly status: 416; readonly contentRange: string };

/** Several parts at once are answered with all of it, as what is no range at all. */
export const answerTo = ({ method, headers, size, tag }: Asked): RangeAnswer => {
  if (isKnown(headers['if-none-match'], tag)) return { status: 304 };
  const all = { status: 200, range: { start: 0, end: size } } as const;
  const ifRange = headers['if-range'];
  if (method !== 'GET' || (ifRange !== undefined && ifRange !== tag)) return all;
  const wanted = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(headers.range ?? '');
  if (wanted === null) return all;
  const [, first = '', last = ''] = wanted;
  if (first === '' && last === '') return all;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return all;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) return { status: 416, contentRange: `bytes */${size}` };
  return { status: 206, range: { start, end }, contentRange: `bytes ${start}-${end - 1}/${size}` };
};

/** Weak comparison, as this header wants it. */
const isKnown = (ifNoneMatch: string | undefined, tag: string): boolean => {
  if (ifNoneMatch === undefined) return false;
  const known = ifNoneMatch.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(tag);
};
