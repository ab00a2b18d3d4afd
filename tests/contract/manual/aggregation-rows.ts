import type { Document } from 'mongodb';
import { aggregate } from './operations.js';
import type { Row } from './table.js';

/** The documents of most rows about aggregation. */
export const sales = [
  { _id: 1, item: 'a', n: 2, tags: ['x', 'y'] },
  { _id: 2, item: 'b', n: 5, tags: ['y'] },
  { _id: 3, item: 'a', n: 3, tags: [] },
  { _id: 4, n: null },
];

/** The rows a pipeline makes of documents. */
export function yields(title: string, pipeline: Document[], rows: unknown[], given: Document[] = sales): Row {
  return { title, given, when: aggregate(pipeline), gives: rows };
}

/** A pipeline that is refused with an error code. */
export function refuses(title: string, pipeline: unknown, refused: number): Row {
  return { title, given: sales, when: aggregate(pipeline), refused };
}

/** Stages that many rows end in. */
export const byId = { $sort: { _id: 1 } };
export const idOnly = { $project: { _id: 1 } };
