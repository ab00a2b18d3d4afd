import type { Document } from 'mongodb';
import { double, long } from './numbers.js';
import { command, find, steps } from './operations.js';
import { manual, type Operation, type Row } from './table.js';

const rows = [1, 2, 3, 4].map((_id) => ({ _id, n: _id % 2 }));

function refuses(title: string, make: (name: string) => Document, refused: number): Row {
  return { title, given: rows, when: command(make), refused };
}

const names: Operation = async (on) => {
  const { cursor } = await on.command({ listCollections: 1, nameOnly: true });
  return cursor.firstBatch.map(({ name }: Document) => name).sort();
};

/** Runs renameCollection, which is a command of the database admin, between collections of the row's database. */
function rename(from: string, to: string, options: Document = {}): Operation {
  return async (on) => {
    const { databaseName } = on.db;
    await on.admin({ renameCollection: `${databaseName}.${from}`, to: `${databaseName}.${to}`, ...options });
  };
}

const insertInto = (insert: string): Operation => command(() => ({ insert, documents: [{ _id: insert }] }));
const b1 = command((name) => ({ createIndexes: name, indexes: [{ key: { b: 1 }, name: 'b_1' }] }));

manual('commands: collections and databases', [
  {
    title: 'makes a collection',
    when: steps(
      command(() => ({ create: 'fresh' })),
      names,
    ),
    gives: ['fresh'],
  },
  {
    title: 'makes a collection for the first insert',
    when: steps(insertInto('fresh'), names),
    gives: ['fresh'],
  },
  ...['a$b', '.a', ''].map((create) => refuses(`refuses the name '${create}'`, () => ({ create }), 73)),
  refuses('refuses a name of more than 255 bytes with its database', () => ({ create: 'x'.repeat(250) }), 73),
  refuses('refuses a name that is no text', () => ({ find: 1 }), 73),
  {
    title: 'lists collections with their type and the index on _id',
    given: rows,
    when: async (on) => {
      const [{ name, type, options, idIndex, info } = {} as Document] = (
        await on.command({ listCollections: 1 })
      ).cursor.firstBatch;
      return { name, type, options, idIndex, readOnly: info.readOnly };
    },
    gives: {
      name: 'things',
      type: 'collection',
      options: {},
      idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
      readOnly: false,
    },
  },
  {
    title: 'lists the collections a filter matches',
    when: steps(insertInto('aa'), insertInto('ab'), insertInto('b'), async (on) => {
      const { cursor } = await on.command({
        listCollections: 1,
        nameOnly: true,
        filter: { name: /^a/, type: 'collection' },
      });
      return cursor.firstBatch.map(({ name, type }: Document) => [name, type]).sort();
    }),
    gives: [
      ['aa', 'collection'],
      ['ab', 'collection'],
    ],
  },
  {
    title: 'lists a database once it holds something, and no longer when it is dropped',
    when: async (on) => {
      const listed = async (): Promise<number> =>
        (await on.admin({ listDatabases: 1, nameOnly: true, filter: { name: on.db.databaseName } })).databases
          .length;
      const before = await listed();
      await insertInto('a')(on);
      const between = await listed();
      await on.command({ dropDatabase: 1 });
      return [before, between, await listed()];
    },
    gives: [0, 1, 0],
  },
  {
    title: 'drops a collection with its indexes',
    given: rows,
    when: steps(b1, async (on) => {
      const { ns, nIndexesWas } = await on.command({ drop: on.name });
      return [ns === `${on.db.databaseName}.${on.name}`, nIndexesWas, await names(on)];
    }),
    gives: [true, 2, []],
  },
  {
    title: 'drops what is not there without complaint',
    when: steps(
      command((drop) => ({ drop })),
      names,
    ),
    gives: [],
  },
  {
    title: 'starts anew after a drop',
    given: rows,
    when: steps(
      command((drop) => ({ drop })),
      insertInto('things'),
      find({}),
    ),
    gives: [{ _id: 'things' }],
  },
  {
    title: 'renames a collection with its documents and indexes',
    given: [{ _id: 1 }],
    when: steps(b1, rename('things', 'other'), async (on) => {
      const indexes = (await on.command({ listIndexes: 'other' })).cursor.firstBatch;
      return [await names(on), indexes.length, (await on.command({ find: 'other' })).cursor.firstBatch];
    }),
    gives: [['other'], 2, [{ _id: 1 }]],
  },
  {
    title: 'replaces the target of a rename by dropTarget',
    given: [{ _id: 1 }],
    when: steps(
      insertInto('other'),
      rename('things', 'other', { dropTarget: true }),
      async (on) => (await on.command({ find: 'other' })).cursor.firstBatch,
    ),
    gives: [{ _id: 1 }],
  },
  {
    title: 'refuses a rename onto a collection',
    given: rows,
    when: steps(insertInto('other'), rename('things', 'other')),
    refused: 48,
  },
  { title: 'refuses to rename what is not there', when: rename('none', 'other'), refused: 26 },
  {
    title: 'refuses to rename a collection to itself',
    given: rows,
    when: rename('things', 'things'),
    refused: 20,
  },
  {
    title: 'refuses to rename to a name that is none',
    given: rows,
    when: rename('things', 'a$b'),
    refused: 73,
  },
  refuses('refuses an unknown command', () => ({ fetchAll: 1 }), 59),
]);

const mixed = [
  { _id: 1, a: 1, l: [1, 2], d: [{ x: 1 }, { x: 2 }] },
  { _id: 2, a: double(1), l: [2, [3]], d: { x: 3 } },
  { _id: 3, a: null, l: 4 },
  { _id: 4 },
];

function counts(title: string, options: Document, n: number): Row {
  return { title, given: rows, when: command((count) => ({ count, ...options })), gives: { n } };
}

function distinct(title: string, key: string, values: unknown[], query: Document = {}): Row {
  return {
    title,
    given: mixed,
    when: command((name) => ({ distinct: name, key, query })),
    gives: { values },
  };
}

manual('commands: count and distinct', [
  counts('counts everything', {}, 4),
  counts('counts what a query matches', { query: { n: 1 } }, 2),
  counts('counts behind what it skips, up to the limit', { skip: 1, limit: 2 }, 2),
  counts('counts no further than there is', { query: { n: 1 }, skip: 1, limit: 9 }, 1),
  counts('takes a limit of 0 for none', { limit: 0 }, 4),
  { title: 'counts nothing where there is nothing', when: command((count) => ({ count })), gives: { n: 0 } },
  refuses('refuses to skip a negative number', (count) => ({ count, skip: -1 }), 51024),
  refuses('refuses a query that is no document', (count) => ({ count, query: 1 }), 14),
  refuses('refuses an unknown operator in a query', (count) => ({ count, query: { a: { $x: 1 } } }), 2),
  distinct('finds each value once, across number types, null but not missing', 'a', [null, 1]),
  distinct('takes the elements of arrays, one level deep', 'l', [1, 2, 4, [3]]),
  distinct('takes fields in documents of arrays', 'd.x', [1, 2, 3]),
  distinct('takes a position in an array', 'l.0', [1, 2]),
  distinct('looks only where the query matches', 'a', [1], { _id: 1 }),
  distinct('finds nothing in a missing field', 'z', []),
  {
    title: 'finds nothing where there is nothing',
    when: command((name) => ({ distinct: name, key: 'a' })),
    gives: { values: [] },
  },
  refuses('refuses a key that is no text', (name) => ({ distinct: name, key: 1 }), 14),
  refuses('refuses distinct without a key', (name) => ({ distinct: name }), 40414),
]);

const refusedByDesign = (title: string, make: (name: string) => Document, refused: number): Row => ({
  ...refuses(title, make, refused),
  embeddedOnly: true,
});

manual('commands: the server', [
  {
    title: 'names the limits drivers keep to',
    when: async (on) => {
      const { isWritablePrimary, readOnly, maxBsonObjectSize, maxMessageSizeBytes, maxWriteBatchSize } =
        await on.command({ hello: 1 });
      return { isWritablePrimary, readOnly, maxBsonObjectSize, maxMessageSizeBytes, maxWriteBatchSize };
    },
    gives: {
      isWritablePrimary: true,
      readOnly: false,
      maxBsonObjectSize: 16777216,
      maxMessageSizeBytes: 48000000,
      maxWriteBatchSize: 100000,
    },
  },
  { title: 'answers a ping', when: command(() => ({ ping: 1 })), gives: {} },
  refusedByDesign('refuses validators', (name) => ({ create: `${name}2`, validator: { a: 1 } }), 72),
  refusedByDesign('refuses views', (name) => ({ create: `${name}2`, viewOn: name, pipeline: [] }), 72),
  refusedByDesign(
    'refuses capped collections',
    (name) => ({ create: `${name}2`, capped: true, size: 4096 }),
    72,
  ),
  refusedByDesign(
    'refuses change streams',
    (aggregate) => ({ aggregate, pipeline: [{ $changeStream: {} }], cursor: {} }),
    40573,
  ),
  refusedByDesign(
    'refuses transactions',
    (insert) => ({
      insert,
      documents: [{ a: 1 }],
      txnNumber: long(1),
      startTransaction: true,
      autocommit: false,
    }),
    20,
  ),
]);
