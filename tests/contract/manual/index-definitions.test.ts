import type { Document } from 'mongodb';
import { a1, createIndexes, indexNames, listIndexes, partialIndex, uniqueA } from './index-operations.js';
import { command, steps } from './operations.js';
import { manual, type Row } from './table.js';

function refusesIndex(title: string, index: Document, refused = 67): Row {
  return { title, given: [{ _id: 1, a: 1 }], when: createIndexes(index), refused };
}

const ttl = (expireAfterSeconds: unknown): Document => ({ ...a1, expireAfterSeconds });

manual('indexes: specifications that are refused', [
  refusesIndex('refuses an empty key', { key: {}, name: 'x' }),
  refusesIndex('refuses a direction of 0', { key: { a: 0 }, name: 'x' }),
  refusesIndex('refuses a direction that is no number or word', { key: { a: true }, name: 'x' }),
  refusesIndex('refuses an unknown kind of index', { key: { a: 'tree' }, name: 'x' }),
  refusesIndex('refuses an empty name in a path', { key: { 'a..b': 1 }, name: 'x' }),
  refusesIndex('refuses a path that ends in a dot', { key: { 'a.': 1 }, name: 'x' }),
  refusesIndex('refuses a field with a dollar sign', { key: { $a: 1 }, name: 'x' }),
  refusesIndex('refuses the name *', { key: { a: 1 }, name: '*' }, 2),
  refusesIndex('refuses a key that is no document', { key: 'a', name: 'x' }, 14),
  refusesIndex('refuses an index without a key', { name: 'x' }, 9),
  refusesIndex('refuses an index without a name', { key: { a: 1 } }, 9),
  refusesIndex('refuses options it does not know', { ...a1, colour: 'red' }, 197),
  refusesIndex('refuses a negative time to live', ttl(-1)),
  refusesIndex('refuses a time to live beyond 68 years', ttl(2147483648)),
  refusesIndex('refuses a time to live that is no number', ttl('1h'), 14),
  refusesIndex('refuses a time to live on several fields', {
    key: { a: 1, b: 1 },
    name: 'x',
    expireAfterSeconds: 1,
  }),
  refusesIndex('refuses sparse together with a partial filter', {
    ...a1,
    sparse: true,
    partialFilterExpression: { a: 1 },
  }),
  refusesIndex('refuses $exists false in a partial filter', {
    ...a1,
    partialFilterExpression: { b: { $exists: false } },
  }),
  refusesIndex('refuses negations in a partial filter', {
    ...a1,
    partialFilterExpression: { b: { $ne: 1 } },
  }),
  refusesIndex('refuses patterns in a partial filter', {
    ...a1,
    partialFilterExpression: { b: { $regex: 'x' } },
  }),
  refusesIndex('refuses a partial filter that is no document', { ...a1, partialFilterExpression: 1 }, 14),
  { title: 'refuses an empty list of indexes', when: createIndexes(), refused: 2 },
  ...['text', '2dsphere', 'hashed'].map(
    (kind): Row => ({
      ...refusesIndex(`refuses ${kind} indexes`, { key: { a: kind }, name: 'x' }),
      embeddedOnly: true,
    }),
  ),
  { ...refusesIndex('refuses wildcard indexes', { key: { '$**': 1 }, name: 'x' }), embeddedOnly: true },
  { ...refusesIndex('refuses hidden indexes', { ...a1, hidden: true }), embeddedOnly: true },
]);

function again(
  title: string,
  first: Document,
  second: Document,
  outcome: { gives: unknown } | { refused: number },
): Row {
  return {
    title,
    given: [{ _id: 1 }],
    when: steps(createIndexes(first), createIndexes(second), indexNames),
    ...outcome,
  };
}

const added = (name: string): { gives: string[] } => ({ gives: ['_id_', 'a_1', name] });

manual('indexes: the same again, and dropping', [
  {
    title: 'tells how many indexes there were and are',
    given: [{ _id: 1 }],
    when: createIndexes(a1, { key: { b: 1 }, name: 'b_1' }),
    gives: { createdCollectionAutomatically: false, numIndexesAfter: 3, numIndexesBefore: 1 },
  },
  {
    title: 'makes the collection for an index',
    when: createIndexes(a1),
    gives: { createdCollectionAutomatically: true, numIndexesAfter: 2, numIndexesBefore: 1 },
  },
  {
    title: 'says so when all indexes are there',
    given: [{ _id: 1 }],
    when: steps(createIndexes(a1), createIndexes(a1)),
    gives: {
      createdCollectionAutomatically: false,
      note: 'all indexes already exist',
      numIndexesAfter: 2,
      numIndexesBefore: 2,
    },
  },
  again('keeps one of two equal indexes', uniqueA, uniqueA, { gives: ['_id_', 'a_1'] }),
  again('refuses an equal index under another name', a1, { ...a1, name: 'other' }, { refused: 85 }),
  again('refuses another key under the same name', a1, { key: { b: 1 }, name: 'a_1' }, { refused: 86 }),
  again('refuses the same name with unique', a1, uniqueA, { refused: 86 }),
  again('refuses the same name with another time to live', ttl(1), ttl(2), { refused: 85 }),
  again(
    'refuses another name for the same key with another time to live',
    ttl(1),
    { ...ttl(2), name: 'other' },
    { refused: 85 },
  ),
  again(
    'allows a plain and a unique index on the same key',
    a1,
    { ...uniqueA, name: 'other' },
    added('other'),
  ),
  again(
    'allows a plain and a sparse index on the same key',
    a1,
    { ...a1, sparse: true, name: 'other' },
    added('other'),
  ),
  again(
    'allows partial indexes with different filters on the same key',
    partialIndex,
    { ...partialIndex, name: 'other', partialFilterExpression: { n: 1 } },
    added('other'),
  ),
  again('takes the other direction for another index', a1, { key: { a: -1 }, name: 'other' }, added('other')),
  {
    title: 'lists indexes as they were asked for, the one on _id first',
    given: [{ _id: 1 }],
    when: steps(
      createIndexes(
        { ...uniqueA, sparse: true },
        { key: { b: -1, c: 1 }, name: 'p', partialFilterExpression: { d: { $gt: 1 } } },
        { key: { t: 1 }, name: 't', expireAfterSeconds: 60 },
      ),
      listIndexes,
    ),
    gives: [
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { a: 1 }, name: 'a_1', unique: true, sparse: true },
      { v: 2, key: { b: -1, c: 1 }, name: 'p', partialFilterExpression: { d: { $gt: 1 } } },
      { v: 2, key: { t: 1 }, name: 't', expireAfterSeconds: 60 },
    ],
  },
  { title: 'refuses to list the indexes of no collection', when: listIndexes, refused: 26 },
  ...(
    [
      ['by its name', 'a_1', ['_id_', 'b_1']],
      ['by its key', { a: 1 }, ['_id_', 'b_1']],
      ['by a list of names', ['a_1', 'b_1'], ['_id_']],
      ['by * with all but the one on _id', '*', ['_id_']],
    ] as const
  ).map(
    ([how, index, left]): Row => ({
      title: `drops an index ${how}`,
      given: [{ _id: 1 }],
      when: steps(
        createIndexes(a1, { key: { b: 1 }, name: 'b_1' }),
        command((name) => ({ dropIndexes: name, index })),
        indexNames,
      ),
      gives: left,
    }),
  ),
  ...(
    [
      ['an unknown name', 'nothing', 27],
      ['an unknown key', { z: 1 }, 27],
      ['the index on _id by name', '_id_', 72],
      ['the index on _id by key', { _id: 1 }, 72],
    ] as const
  ).map(
    ([what, index, refused]): Row => ({
      title: `refuses to drop ${what}`,
      given: [{ _id: 1 }],
      when: command((name) => ({ dropIndexes: name, index })),
      refused,
    }),
  ),
  {
    title: 'refuses to drop an index of no collection',
    when: command((name) => ({ dropIndexes: name, index: 'a_1' })),
    refused: 26,
  },
  {
    title: 'tells how many indexes there were before a drop',
    given: [{ _id: 1 }],
    when: steps(
      createIndexes(a1),
      command((name) => ({ dropIndexes: name, index: 'a_1' })),
    ),
    gives: { nIndexesWas: 2 },
  },
]);
