import type { Document } from 'mongodb';
import { find, found } from './operations.js';
import type { Row } from './table.js';

/** Documents named 0, 1, 2, …, and which of them, by name, the filter finds. */
export function finds(title: string, documents: Document[], filter: Document, names: number[]): Row {
  return {
    title,
    given: documents.map((document, _id) => ({ _id, ...document })),
    when: found(filter),
    gives: names,
  };
}

/** A filter that is refused with an error code. */
export function refuses(title: string, filter: Document, refused = 2): Row {
  return { title, given: [{ _id: 1, a: 1 }], when: find(filter), refused };
}
