import type { Document } from 'mongodb';
import { update, updateReply } from './operations.js';
import type { Row } from './table.js';

type Change = Document | Document[];

/** Beside the update itself; without a filter it means the only document. */
interface Options {
  readonly q?: Document;
  readonly multi?: boolean;
  readonly arrayFilters?: Document[];
}

/** One document before and after an update; `_id` 1 is put in front of both. */
export function becomes(
  title: string,
  before: Document,
  change: Change,
  after: Document,
  options: Options = {},
): Row {
  return {
    title,
    given: [{ _id: 1, ...before }],
    when: update(change, options),
    gives: [{ _id: 1, ...after }],
  };
}

/** An update that is refused with an error code. */
export function refuses(
  title: string,
  before: Document,
  change: Change,
  refused: number,
  options: Options = {},
): Row {
  return { title, given: [{ _id: 1, ...before }], when: update(change, options), refused };
}

/** How many documents the update matched and modified. */
export function counts(title: string, before: Document, change: Change, nModified: number): Row {
  return { title, given: [{ _id: 1, ...before }], when: updateReply(change), gives: { n: 1, nModified } };
}
