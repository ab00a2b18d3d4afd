import type { Document } from 'mongodb';
import { double, long } from './numbers.js';
import { command, find, ids, steps } from './operations.js';
import { manual, type Operation, type Row } from './table.js';

const rows = [1, 2, 3, 4, 5].map((_id) => ({ _id, n: 6 - _id }));

/** What the shape of a cursor's first reply is, when its id is shown as "open" or "closed". */
function cursor(options: Document): Operation {
  return async (on) => {
    const { cursor } = await on.command({ find: on.name, sort: { _id: 1 }, ...options });
    const open = String(cursor.id) !== '0';
    return {
      ids: cursor.firstBatch.map((row: Document) => row._id),
      open,
      sameNamespace: cursor.ns === `${on.db.databaseName}.${on.name}`,
    };
  };
}

function pages(title: string, options: Document, found: number[], open: boolean): Row {
  return { title, given: rows, when: cursor(options), gives: { ids: found, open, sameNamespace: true } };
}

/** Opens a cursor that has given two rows, and runs a command with its id. */
function withCursor(
  next: (name: string, id: unknown) => Document,
  then?: (name: string, id: unknown) => Document,
): Operation {
  return async (on) => {
    const { cursor } = await on.command({ find: on.name, sort: { _id: 1 }, batchSize: 2 });
    const reply = await on.command(next(on.name, cursor.id));
    const last = then ? await on.command(then(on.name, cursor.id)) : reply;
    return last.cursor ? last.cursor.nextBatch.map((row: Document) => row._id) : last.cursorsKilled.length;
  };
}

const more = (collection: string, getMore: unknown): Document => ({ getMore, collection });

manual('reading: paging and cursors', [
  pages('gives everything without a limit', {}, [1, 2, 3, 4, 5], false),
  pages('takes a limit of 0 for none', { limit: 0 }, [1, 2, 3, 4, 5], false),
  pages('skips, then limits', { skip: 1, limit: 2 }, [2, 3], false),
  pages('gives nothing when it skips everything', { skip: 9 }, [], false),
  pages('leaves a cursor open when there is more', { batchSize: 2 }, [1, 2], true),
  pages('opens a cursor without reading by a batch size of 0', { batchSize: 0 }, [], true),
  pages('closes the cursor by singleBatch', { batchSize: 2, singleBatch: true }, [1, 2], false),
  pages('closes the cursor when the batch reaches the limit', { batchSize: 2, limit: 2 }, [1, 2], false),
  {
    title: 'takes a negative limit of the driver for a single batch',
    given: rows,
    when: async (on) => (await on.db.collection(on.name).find().sort({ _id: 1 }).limit(-2).toArray()).length,
    gives: 2,
  },
  { title: 'finds nothing in a collection that does not exist', when: find({ a: 1 }), gives: [] },
  { title: 'goes on where the first batch ended', given: rows, when: withCursor(more), gives: [3, 4, 5] },
  {
    title: 'gives as many as asked for',
    given: rows,
    when: withCursor((collection, getMore) => ({ getMore, collection, batchSize: 1 })),
    gives: [3],
  },
  { title: 'forgets a cursor that is exhausted', given: rows, when: withCursor(more, more), refused: 43 },
  {
    title: 'kills a cursor',
    given: rows,
    when: withCursor((name, id) => ({ killCursors: name, cursors: [id] })),
    gives: 1,
  },
  {
    title: 'forgets a killed cursor',
    given: rows,
    when: withCursor((name, id) => ({ killCursors: name, cursors: [id] }), more),
    refused: 43,
  },
  {
    title: 'refuses to go on in another collection',
    given: rows,
    when: withCursor((_name, getMore) => ({ getMore, collection: 'other' })),
    refused: 13,
  },
  {
    title: 'names cursors it does not know',
    when: command((name) => ({ killCursors: name, cursors: [long(77)] })),
    gives: {
      cursorsAlive: [],
      cursorsKilled: [],
      cursorsNotFound: [long(77)],
      cursorsUnknown: [],
    },
  },
  {
    title: 'refuses an unknown cursor',
    when: command((collection) => ({ getMore: long(77), collection })),
    refused: 43,
  },
  ...['limit', 'skip', 'batchSize'].map(
    (field): Row => ({
      title: `refuses a negative ${field}`,
      given: rows,
      when: find({}, { [field]: -1 }),
      refused: 51024,
    }),
  ),
  {
    title: 'refuses a filter that is no document',
    given: rows,
    when: command((name) => ({ find: name, filter: 1 })),
    refused: 14,
  },
  { title: 'refuses a limit that is no number', given: rows, when: find({}, { limit: 'x' }), refused: 14 },
]);

function sorts(title: string, sort: unknown, order: number[], options: Document = {}): Row {
  return { title, given: rows, when: ids({}, { sort, ...options }), gives: order };
}

function refusesSort(title: string, sort: unknown, refused: number): Row {
  return { title, given: [{ _id: 1, a: [1], b: [2] }], when: find({}, { sort }), refused };
}

manual('reading: sorting and hints', [
  sorts('sorts before it skips and limits', { n: 1 }, [4, 3], { skip: 1, limit: 2 }),
  sorts('gives the order of insertion backwards by $natural', { $natural: -1 }, [5, 4, 3, 2, 1]),
  sorts('takes any number type for a direction', { n: double(-1) }, [1, 2, 3, 4, 5]),
  sorts('sorts by a field no document has without losing any', { z: 1, _id: -1 }, [5, 4, 3, 2, 1]),
  refusesSort('refuses a direction other than 1 and -1', { a: 2 }, 15975),
  refusesSort('refuses a direction of 0', { a: 0 }, 15975),
  refusesSort('refuses a direction in words', { a: 'ascending' }, 15974),
  refusesSort('refuses a sort that is no document', 'a', 14),
  refusesSort('refuses an empty name in a path', { 'a..b': 1 }, 15998),
  refusesSort('refuses a field with a dollar sign', { $a: 1 }, 16410),
  refusesSort('refuses two arrays side by side', { a: 1, b: 1 }, 2),
  {
    title: 'refuses a hint at an index that does not exist',
    given: rows,
    when: find({}, { hint: 'nothing' }),
    refused: 2,
  },
  {
    title: 'uses an index by its keys or its name',
    given: rows,
    when: steps(
      command((name) => ({ createIndexes: name, indexes: [{ key: { n: 1 }, name: 'by_n' }] })),
      async (on) => [await ids({}, { hint: { n: 1 } })(on), await ids({}, { hint: 'by_n' })(on)],
    ),
    gives: [
      [5, 4, 3, 2, 1],
      [5, 4, 3, 2, 1],
    ],
  },
  ...['returnKey', 'showRecordId', 'tailable'].map(
    (option): Row => ({
      title: `refuses ${option}`,
      given: rows,
      when: find({}, { [option]: true }),
      refused: 2,
      embeddedOnly: true,
    }),
  ),
]);
