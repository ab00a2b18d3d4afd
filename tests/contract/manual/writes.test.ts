import { expect } from 'chai';
import type { Document } from 'mongodb';
import { command, find, ids, steps, update } from './operations.js';
import { manual, type Operation, type Row } from './table.js';

const rows = [1, 2, 3, 4].map((_id) => ({ _id, n: _id % 2 }));
const twice = [{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }];

/** The whole reply of a bulk, its write errors cut down to place, code and key. */
function bulkReply(make: (name: string) => Document): Operation {
  return async (on) => {
    const { n, nModified, writeErrors = [] } = await on.db.command(make(on.name));
    const errors = writeErrors.map(({ index, code, keyValue }: Document) => ({
      index,
      code,
      ...(keyValue ? { keyValue } : {}),
    }));
    return { n, ...(nModified === undefined ? {} : { nModified }), errors };
  };
}

function refuses(title: string, make: (name: string) => Document, refused: number): Row {
  return { title, given: rows, when: command(make), refused };
}

const duplicate = (index: number, _id: number): Document => ({ index, code: 11000, keyValue: { _id } });

manual('commands: inserting, updating and deleting in bulk', [
  {
    title: 'stops an ordered insert at the first refusal',
    when: bulkReply((insert) => ({ insert, documents: twice })),
    gives: { n: 1, errors: [duplicate(1, 1)] },
  },
  {
    title: 'goes on with an unordered insert',
    when: bulkReply((insert) => ({ insert, documents: twice, ordered: false })),
    gives: { n: 2, errors: [duplicate(1, 1), duplicate(3, 2)] },
  },
  {
    title: 'stops an ordered update at the first refusal, with what was done before',
    given: rows,
    when: bulkReply((name) => ({
      update: name,
      updates: [
        { q: { _id: 1 }, u: { $set: { n: 5 } } },
        { q: { _id: 2 }, u: { $plus: { n: 1 } } },
        { q: { _id: 3 }, u: { $set: { n: 5 } } },
      ],
    })),
    gives: { n: 1, nModified: 1, errors: [{ index: 1, code: 9 }] },
  },
  {
    title: 'goes on with an unordered update',
    given: rows,
    when: bulkReply((name) => ({
      update: name,
      ordered: false,
      updates: [
        { q: { _id: 1 }, u: { $set: { _id: 5 } } },
        { q: { n: 0 }, u: { $set: { n: 5 } }, multi: true },
        { q: { n: 1 }, u: { $inc: { 'n.x': 1 } } },
      ],
    })),
    gives: {
      n: 2,
      nModified: 2,
      errors: [
        { index: 0, code: 66 },
        { index: 2, code: 28 },
      ],
    },
  },
  {
    title: 'deletes one match or all of them',
    given: rows,
    when: steps(
      command((name) => ({
        delete: name,
        deletes: [
          { q: { n: 0 }, limit: 1 },
          { q: { n: 1 }, limit: 0 },
        ],
      })),
      ids({}),
    ),
    gives: [4],
  },
  {
    title: 'counts what it deleted',
    given: rows,
    when: command((name) => ({
      delete: name,
      deletes: [
        { q: { n: 1 }, limit: 0 },
        { q: { _id: 9 }, limit: 1 },
      ],
    })),
    gives: { n: 2 },
  },
  {
    title: 'deletes nothing from a collection that does not exist',
    when: command((name) => ({ delete: name, deletes: [{ q: {}, limit: 0 }] })),
    gives: { n: 0 },
  },
  {
    title: 'updates nothing in a collection that does not exist',
    when: command((name) => ({ update: name, updates: [{ q: {}, u: { $set: { a: 1 } } }] })),
    gives: { n: 0, nModified: 0 },
  },
  {
    title: 'does not answer an unacknowledged write, which happens all the same',
    when: async (on) => {
      const collection = on.db.collection(on.name);
      const { acknowledged } = await collection.insertOne({ a: 1 }, { writeConcern: { w: 0 } });
      expect(acknowledged).to.equal(false);
      for (let tries = 0; tries < 200 && (await collection.countDocuments({})) === 0; tries++);
      return find({}, { projection: { _id: 0 } })(on);
    },
    gives: [{ a: 1 }],
  },
  {
    title: 'keeps field names with dots and dollar signs',
    given: [{ _id: 1, 'a.b': 1, $c: 2, d: { $e: 3 } }],
    when: find({}),
    gives: [{ _id: 1, 'a.b': 1, $c: 2, d: { $e: 3 } }],
  },
  refuses('refuses an insert of nothing', (insert) => ({ insert, documents: [] }), 16),
  refuses('refuses an insert without documents', (insert) => ({ insert }), 40414),
  refuses('refuses an array as _id', (insert) => ({ insert, documents: [{ _id: [1] }] }), 53),
  refuses('refuses a pattern as _id', (insert) => ({ insert, documents: [{ _id: /a/ }] }), 53),
  refuses(
    'refuses names with a dollar sign in an _id',
    (insert) => ({ insert, documents: [{ _id: { $a: 1 } }] }),
    52,
  ),
  refuses('refuses an update of nothing', (name) => ({ update: name, updates: [] }), 16),
  refuses(
    'refuses a delete limit other than 0 and 1',
    (name) => ({ delete: name, deletes: [{ q: {}, limit: 2 }] }),
    9,
  ),
  refuses('refuses a delete without a limit', (name) => ({ delete: name, deletes: [{ q: {} }] }), 40414),
  refuses(
    'refuses a delete filter that is no document',
    (name) => ({ delete: name, deletes: [{ q: 1, limit: 1 }] }),
    14,
  ),
  refuses(
    'refuses a malformed filter of an update, even where there is nothing',
    (name) => ({ update: `${name}2`, updates: [{ q: { a: { $x: 1 } }, u: { $set: { a: 1 } } }] }),
    2,
  ),
]);

const nineMegabytes = 'x'.repeat(9 * 1024 * 1024);
/** As large as a command may bring it, and with a field more than a document may be. */
const almostSixteen = 'x'.repeat(16 * 1024 * 1024 - 20);

manual('commands: sizes', [
  {
    title: 'refuses a document over 16 MB',
    when: command((insert) => ({ insert, documents: [{ _id: 1, a: almostSixteen, b: 1 }] })),
    refused: 10334,
  },
  {
    title: 'refuses an update that makes a document too large',
    given: [{ _id: 1, a: nineMegabytes }],
    when: update({ $set: { b: nineMegabytes } }),
    refused: 17419,
  },
  {
    title: 'refuses an upsert of too large a document',
    when: update({ $set: { b: 1 } }, { q: { a: almostSixteen }, upsert: true }),
    refused: 17420,
  },
]);
