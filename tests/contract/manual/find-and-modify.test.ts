import type { Document } from 'mongodb';
import { command, findAndModify, steps } from './operations.js';
import { manual, type Row } from './table.js';

const three = [
  { _id: 1, g: 'x', n: 3 },
  { _id: 2, g: 'x', n: 1 },
  { _id: 3, g: 'y', n: 2 },
];

function modifies(title: string, options: Document, lastErrorObject: Document, value: unknown): Row {
  return { title, given: three, when: findAndModify(options), gives: { lastErrorObject, value } };
}

function refusesModify(title: string, options: Document, refused = 9): Row {
  return { title, given: three, when: findAndModify(options), refused };
}

const updated = { n: 1, updatedExisting: true };
const bump = { $inc: { n: 10 } };

manual('findAndModify', [
  modifies('gives the document as it was', { query: { _id: 1 }, update: bump }, updated, three[0]),
  modifies(
    'gives the document as it became by new',
    { query: { _id: 1 }, update: bump, new: true },
    updated,
    { _id: 1, g: 'x', n: 13 },
  ),
  modifies(
    'changes the first by sort',
    { query: { g: 'x' }, sort: { n: 1 }, update: bump },
    updated,
    three[1],
  ),
  modifies(
    'cuts down what it gives by fields',
    { query: { _id: 1 }, update: bump, fields: { n: 1, _id: 0 } },
    updated,
    { n: 3 },
  ),
  modifies('replaces a document', { query: { _id: 1 }, update: { z: 1 }, new: true }, updated, {
    _id: 1,
    z: 1,
  }),
  modifies('runs a pipeline', { query: { _id: 1 }, update: [{ $set: { g: 'z' } }], new: true }, updated, {
    _id: 1,
    g: 'z',
    n: 3,
  }),
  modifies(
    'gives nothing when it finds nothing',
    { query: { _id: 9 }, update: bump },
    { n: 0, updatedExisting: false },
    null,
  ),
  modifies(
    'gives nothing old for an upsert',
    { query: { _id: 9 }, update: bump, upsert: true },
    { n: 1, updatedExisting: false, upserted: 9 },
    null,
  ),
  modifies(
    'gives the inserted document by new',
    { query: { _id: 9 }, update: bump, upsert: true, new: true },
    { n: 1, updatedExisting: false, upserted: 9 },
    { _id: 9, n: 10 },
  ),
  modifies(
    'changes instead of inserting when it finds one',
    { query: { _id: 3 }, update: bump, upsert: true, new: true },
    updated,
    { _id: 3, g: 'y', n: 12 },
  ),
  modifies(
    'gives the removed document',
    { query: { g: 'x' }, sort: { n: -1 }, remove: true },
    { n: 1 },
    three[0],
  ),
  modifies(
    'gives nothing when there is nothing to remove',
    { query: { _id: 9 }, remove: true },
    { n: 0 },
    null,
  ),
  refusesModify('refuses neither an update nor remove', { query: { _id: 1 } }),
  refusesModify('refuses an update together with remove', { query: { _id: 1 }, update: bump, remove: true }),
  refusesModify('refuses upsert together with remove', { query: { _id: 1 }, upsert: true, remove: true }),
  refusesModify('refuses new together with remove', { query: { _id: 1 }, new: true, remove: true }),
  refusesModify('refuses a query that is no document', { query: 1, update: bump }, 14),
  refusesModify('refuses unknown operators', { query: { _id: 1 }, update: { $plus: { n: 1 } } }),
  refusesModify('refuses to change an _id', { query: { _id: 1 }, update: { $set: { _id: 2 } } }, 66),
  {
    title: 'refuses a change that a unique index contradicts',
    given: three,
    when: steps(
      command((name) => ({ createIndexes: name, indexes: [{ key: { n: 1 }, name: 'n', unique: true }] })),
      findAndModify({ query: { _id: 1 }, update: { $set: { n: 2 } } }),
    ),
    refused: 11000,
  },
]);
