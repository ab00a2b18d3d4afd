import type { Document } from 'mongodb';
import { command, find, steps, update, updateReply } from './operations.js';
import { manual, type Operation, type Row } from './table.js';

type Change = Document | Document[];

/** Runs an upsert that finds nothing; what it inserts must be exactly `_id` and the fields given. */
function inserts(title: string, q: Document, u: Change, fields: Document): Row {
  const when: Operation = async (on) => {
    await updateReply(u, { q, upsert: true })(on);
    return find({}, { projection: '_id' in fields ? {} : { _id: 0 } })(on);
  };
  return { title, when, gives: [fields] };
}

function refuses(title: string, q: Document, u: Change, refused: number): Row {
  return { title, when: update(u, { q, upsert: true }), refused };
}

const change = { $set: { z: 1 } };

manual('upserts: what the filter gives the new document', [
  inserts('takes equality conditions', { a: 1, b: { $eq: 'x' } }, change, { a: 1, b: 'x', z: 1 }),
  inserts('takes documents, arrays and null', { a: { x: 1 }, b: [1, 2], c: null }, change, {
    a: { x: 1 },
    b: [1, 2],
    c: null,
    z: 1,
  }),
  inserts(
    'leaves out ranges, negations and $exists',
    { a: { $gt: 1 }, b: { $ne: 1 }, c: { $exists: false }, d: { $not: { $eq: 1 } } },
    change,
    { z: 1 },
  ),
  inserts('takes what $and wants', { $and: [{ a: 1 }, { b: { $eq: 2 } }] }, change, { a: 1, b: 2, z: 1 }),
  inserts('takes an $or of one clause', { $or: [{ a: 1 }] }, change, { a: 1, z: 1 }),
  inserts(
    'leaves out an $or of several clauses, and $nor',
    { $or: [{ a: 1 }, { a: 2 }], $nor: [{ b: 1 }] },
    change,
    { z: 1 },
  ),
  inserts('takes the only value of $in and of $all', { a: { $in: [1] }, b: { $all: [2] } }, change, {
    a: 1,
    b: 2,
    z: 1,
  }),
  inserts('leaves out $in of several values', { a: { $in: [1, 2] } }, change, { z: 1 }),
  inserts('leaves out $elemMatch', { a: { $elemMatch: { x: 1 } } }, change, { z: 1 }),
  inserts('leaves out a pattern, but takes one it shall equal', { a: /x/, b: { $eq: /y/ } }, change, {
    b: /y/,
    z: 1,
  }),
  inserts('makes documents of dotted paths', { 'a.b': 1, 'a.c.d': 2 }, change, {
    a: { b: 1, c: { d: 2 } },
    z: 1,
  }),
  inserts('takes the _id', { _id: 5, a: 1 }, change, { _id: 5, a: 1, z: 1 }),
  inserts('takes an _id that is a document', { _id: { x: 1, y: 2 } }, change, { _id: { x: 1, y: 2 }, z: 1 }),
  inserts('puts an _id together from dotted paths', { '_id.x': 1, '_id.y': 2 }, change, {
    _id: { x: 1, y: 2 },
    z: 1,
  }),
  refuses('refuses a field that is fixed twice', { $and: [{ a: 1 }, { a: 2 }] }, change, 54),
  refuses('refuses a field that is fixed together with its part', { a: { b: 1 }, 'a.c': 1 }, change, 54),
  refuses('refuses $all of several values', { a: { $all: [1, 2] } }, change, 54),
  refuses('refuses an array as _id', { _id: [1] }, change, 53),
  refuses('refuses another _id than the filter', { _id: 1 }, { $set: { _id: 2 } }, 66),
  refuses('refuses $ without a match', { a: 1 }, { $set: { 'a.$': 1 } }, 2),
]);

manual('upserts: what the change gives the new document', [
  inserts(
    'applies operators to what the filter gave',
    { a: 1, l: [1] },
    { $inc: { a: 5 }, $push: { l: 2 } },
    { a: 6, l: [1, 2] },
  ),
  inserts(
    'adds fields by $setOnInsert',
    { a: 1 },
    { $set: { b: 2 }, $setOnInsert: { c: 3 } },
    { a: 1, b: 2, c: 3 },
  ),
  inserts('takes an _id from $setOnInsert', { a: 1 }, { $setOnInsert: { _id: 7 } }, { _id: 7, a: 1 }),
  inserts('takes an _id from $set', { a: 1 }, { $set: { _id: 7 } }, { _id: 7, a: 1 }),
  inserts('takes only the _id of the filter for a replacement', { _id: 5, a: 1 }, { b: 2 }, { _id: 5, b: 2 }),
  inserts('takes the _id of a replacement', { a: 1 }, { _id: 7, b: 2 }, { _id: 7, b: 2 }),
  inserts(
    'lets a replacement ignore contradictions of the filter',
    { $and: [{ a: 1 }, { a: 2 }] },
    { b: 2 },
    { b: 2 },
  ),
  refuses('refuses a replacement with another _id than the filter', { _id: 5 }, { _id: 6 }, 66),
  inserts('starts a pipeline from what the filter gave', { a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }], {
    a: 1,
    b: 2,
  }),
]);

const one = [{ _id: 1, a: 1, n: 0 }];

manual('upserts: replies and races', [
  {
    title: 'inserts one document when it was to change many',
    when: steps(
      updateReply(change, { q: { a: 1 }, upsert: true, multi: true }),
      find({}, { projection: { _id: 0 } }),
    ),
    gives: [{ a: 1, z: 1 }],
  },
  {
    title: 'names the _id it inserted and counts nothing as modified',
    when: updateReply({ $set: { a: 1 } }, { q: { _id: 9 }, upsert: true }),
    gives: { n: 1, nModified: 0, upserted: [{ index: 0, _id: 9 }] },
  },
  {
    title: 'changes what it finds and names no _id',
    given: one,
    when: updateReply({ $set: { n: 1 } }, { q: { a: 1 }, upsert: true }),
    gives: { n: 1, nModified: 1 },
  },
  {
    title: 'numbers the upserts of a bulk by their statements',
    given: one,
    when: command((name) => ({
      update: name,
      updates: [
        { q: { _id: 1 }, u: { $set: { n: 5 } }, upsert: true },
        { q: { _id: 2 }, u: { $set: { n: 5 } }, upsert: true },
        { q: { _id: 3 }, u: { n: 5 }, upsert: true },
      ],
    })),
    gives: {
      n: 3,
      nModified: 1,
      upserted: [
        { index: 1, _id: 2 },
        { index: 2, _id: 3 },
      ],
    },
  },
  {
    title: 'refuses an insert that a unique index contradicts',
    given: one,
    when: steps(
      command((name) => ({ createIndexes: name, indexes: [{ key: { a: 1 }, name: 'a', unique: true }] })),
      update({ $set: { a: 1 } }, { q: { b: 'none' }, upsert: true }),
    ),
    refused: 11000,
  },
  {
    title: 'inserts one document when twenty upserts race for a unique key, and applies every change',
    when: steps(
      command((name) => ({ createIndexes: name, indexes: [{ key: { k: 1 }, name: 'k', unique: true }] })),
      async (on) => {
        const upsert = updateReply({ $inc: { n: 1 } }, { q: { k: 'x' }, upsert: true });
        await Promise.all(Array.from({ length: 20 }, () => upsert(on)));
      },
      find({}, { projection: { _id: 0 } }),
    ),
    gives: [{ k: 'x', n: 20 }],
  },
]);
