import { expect } from 'chai';
import type { Document } from 'mongodb';
import type { Operation } from './table.js';

/** The documents a filter finds. */
export function find(filter: Document, options: Document = {}): Operation {
  return async (on) => (await on.command({ find: on.name, filter, ...options })).cursor.firstBatch;
}

/** The `_id`s of what a filter finds, in the order of insertion unless sorted. */
export function ids(filter: Document, options: Document = {}): Operation {
  return async (on) => {
    const rows: Document[] = (await on.command({ find: on.name, filter, projection: { _id: 1 }, ...options }))
      .cursor.firstBatch;
    return rows.map((row) => row._id);
  };
}

/**
 * The `_id`s of what a filter finds, in their own order. The filter is asked again with an index on each field it names: an
 * index must never change what is found.
 */
export function found(filter: Document): Operation {
  const sorted = { sort: { _id: 1 } };
  return async (on) => {
    const withoutIndex = await ids(filter, sorted)(on);
    for (const path of Object.keys(filter)) {
      if (path.startsWith('$') || path === '_id') continue;
      const index = { key: { [path]: 1 }, name: path };
      await on.command({ createIndexes: on.name, indexes: [index] });
      const byIndex = await ids(filter, { ...sorted, hint: path })(on);
      expect(byIndex, `through an index on ${path}`).to.deep.equal(withoutIndex);
    }
    return withoutIndex;
  };
}

/** Runs an update of one document and gives everything the collection holds afterwards. */
export function update(u: Document | Document[], options: Document = {}): Operation {
  return async (on) => {
    await updateReply(u, options)(on);
    return find({}, { sort: { _id: 1 } })(on);
  };
}

/** What the update command itself answers, without the fields every reply has. */
export function updateReply(u: Document | Document[], options: Document = {}): Operation {
  return async (on) => {
    const { q = {}, ...rest } = options;
    return replyOf(await on.command({ update: on.name, updates: [{ q, u, ...rest }] }));
  };
}

/** What findAndModify did and which document it gives back. */
export function findAndModify(options: Document): Operation {
  return async (on) => {
    const { lastErrorObject, value } = await on.command({ findAndModify: on.name, ...options });
    return { lastErrorObject: byName(lastErrorObject), value };
  };
}

/** The rows of a pipeline. */
export function aggregate(pipeline: unknown, options: Document = {}): Operation {
  return async (on) =>
    (await on.command({ aggregate: on.name, pipeline, cursor: {}, ...options })).cursor.firstBatch;
}

/** Any command; `make` sees the name of the row's collection. */
export function command(make: (name: string) => Document): Operation {
  return async (on) => replyOf(await on.command(make(on.name)));
}

/** Runs operations one after the other and gives what the last one gives. */
export function steps(...operations: Operation[]): Operation {
  return async (on) => {
    let last: unknown;
    for (const operation of operations) last = await operation(on);
    return last;
  };
}

/** A reply without the fields every reply has; the order of the others says nothing, so it is the one of their names. */
function replyOf(reply: Document): Document {
  const { ok: _ok, $clusterTime: _time, operationTime: _operation, ...rest } = reply;
  return byName(rest);
}

function byName(document: Document): Document {
  return Object.fromEntries(Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1)));
}
