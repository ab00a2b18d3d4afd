import type { Document } from 'mongodb';
import { decimal, double, long } from './numbers.js';
import { find } from './operations.js';
import { manual, type Row } from './table.js';

/** What one document, with `_id` 1, looks like through a projection. */
function shows(title: string, document: Document, projection: Document, result: Document): Row {
  return { title, given: [{ _id: 1, ...document }], when: find({}, { projection }), gives: [result] };
}

/** A projection that is refused with an error code. */
function refuses(title: string, projection: Document, refused: number): Row {
  return { title, given: [{ _id: 1, a: 1 }], when: find({}, { projection }), refused };
}

const nested = { a: { b: 1, c: { d: 2, e: 3 } }, x: 9 };
const list = { a: [{ b: 1, c: 2 }, { b: 3 }, 7, [{ b: 4, c: 5 }]], x: 9 };
const numbers = { a: [1, 2, 3, 4], x: 9 };

manual('projection: fields', [
  shows('gives the named fields and _id', { a: 1, b: 2, c: 3 }, { b: 1, a: true }, { _id: 1, a: 1, b: 2 }),
  shows('leaves _id out when asked to', { a: 1, b: 2 }, { a: 1, _id: 0 }, { a: 1 }),
  shows('gives _id alone', { a: 1 }, { _id: 1 }, { _id: 1 }),
  shows('leaves out the named fields', { a: 1, b: 2 }, { b: 0 }, { _id: 1, a: 1 }),
  shows('leaves out _id alone', { a: 1 }, { _id: 0 }, { a: 1 }),
  shows('takes any number but zero for yes', { a: 1, b: 2 }, { a: -1.5, _id: long(0) }, { a: 1 }),
  shows('gives everything for an empty projection', { a: 1 }, {}, { _id: 1, a: 1 }),
  shows('gives nothing for a field that is missing', { a: 1 }, { z: 1 }, { _id: 1 }),
  shows(
    'keeps the types of numbers',
    { a: long(1), b: double(1), c: decimal('1.0'), d: 0 },
    { d: 0 },
    { _id: 1, a: long(1), b: double(1), c: decimal('1.0') },
  ),
  shows('follows dotted paths', nested, { 'a.c.d': 1 }, { _id: 1, a: { c: { d: 2 } } }),
  shows(
    'takes nested documents for dotted paths',
    nested,
    { a: { c: { e: 1 } } },
    { _id: 1, a: { c: { e: 3 } } },
  ),
  shows('leaves out by dotted paths', nested, { 'a.c.d': 0, x: 0 }, { _id: 1, a: { b: 1, c: { e: 3 } } }),
  shows(
    'gives documents of arrays, nested ones too, without their scalars',
    list,
    { 'a.b': 1 },
    { _id: 1, a: [{ b: 1 }, { b: 3 }, [{ b: 4 }]] },
  ),
  shows(
    'leaves out fields in documents of arrays, and keeps scalars',
    list,
    { 'a.b': 0 },
    { _id: 1, a: [{ c: 2 }, {}, 7, [{ c: 5 }]], x: 9 },
  ),
  shows('gives nothing below a scalar', { a: 5 }, { 'a.b': 1 }, { _id: 1 }),
  shows('does not take a number for a position', numbers, { 'a.0': 1 }, { _id: 1, a: [] }),
  refuses('refuses to leave out a field among named ones', { a: 1, b: 0 }, 31254),
  refuses('refuses to name a field among those left out', { a: 0, b: 1 }, 31253),
  refuses('refuses a path below one that is named', { a: 1, 'a.b': 1 }, 31249),
  refuses('refuses a path above one that is named', { 'a.b': 1, a: 1 }, 31250),
  refuses('refuses an empty name in a path', { 'a..b': 1 }, 15998),
  refuses('refuses a field with a dollar sign', { $a: 1 }, 16410),
  refuses('refuses an empty nested projection', { a: {} }, 51270),
]);

const games = { name: 'p', games: [{ score: 8 }, { score: 5 }, { score: 9 }], joined: 1 };

manual('projection: arrays and computed fields', [
  shows(
    '$slice gives the first elements, and all other fields',
    numbers,
    { a: { $slice: 2 } },
    { _id: 1, a: [1, 2], x: 9 },
  ),
  shows(
    '$slice gives the last elements by a negative number',
    numbers,
    { a: { $slice: -1 } },
    { _id: 1, a: [4], x: 9 },
  ),
  shows('$slice skips from the start', numbers, { a: { $slice: [1, 2] } }, { _id: 1, a: [2, 3], x: 9 }),
  shows('$slice skips from the end', numbers, { a: { $slice: [-3, 2] } }, { _id: 1, a: [2, 3], x: 9 }),
  shows(
    '$slice starts at the beginning when it skips more than there is',
    numbers,
    { a: { $slice: [-9, 2] } },
    { _id: 1, a: [1, 2], x: 9 },
  ),
  shows(
    '$slice gives an empty array when it skips everything',
    numbers,
    { a: { $slice: [9, 2] } },
    { _id: 1, a: [], x: 9 },
  ),
  shows(
    '$slice among named fields gives those only',
    { x: 9, a: [1, 2], y: 0 },
    { a: { $slice: 1 }, x: 1 },
    { _id: 1, x: 9, a: [1] },
  ),
  shows(
    '$slice of a nested array among named fields leaves out its neighbours',
    { q: 1, d: { c: [1, 2], s: 3 } },
    { q: 1, 'd.c': { $slice: 1 } },
    { _id: 1, q: 1, d: { c: [1] } },
  ),
  shows(
    '$slice of a nested array keeps its neighbours otherwise',
    { q: 1, d: { c: [1, 2], s: 3 } },
    { _id: 0, 'd.c': { $slice: 1 } },
    { q: 1, d: { c: [1], s: 3 } },
  ),
  shows('$slice leaves alone what is no array', { a: 5 }, { a: { $slice: 1 } }, { _id: 1, a: 5 }),
  refuses('$slice refuses text', { a: { $slice: 'x' } }, 28667),
  shows(
    '$elemMatch gives the first element that matches, behind the other fields',
    games,
    { games: { $elemMatch: { score: { $gt: 8 } } }, joined: 1 },
    { _id: 1, joined: 1, games: [{ score: 9 }] },
  ),
  shows(
    '$elemMatch alone gives _id and the element',
    games,
    { games: { $elemMatch: { score: 5 } } },
    { _id: 1, games: [{ score: 5 }] },
  ),
  shows(
    '$elemMatch gives no field when nothing matches',
    games,
    { games: { $elemMatch: { score: 1 } }, name: 1 },
    { _id: 1, name: 'p' },
  ),
  shows(
    '$elemMatch takes conditions on the elements themselves',
    { a: [1, 5, 9] },
    { a: { $elemMatch: { $gt: 3 } } },
    { _id: 1, a: [5] },
  ),
  refuses('$elemMatch refuses what is no document', { a: { $elemMatch: 1 } }, 31274),
  refuses('$elemMatch refuses nested fields', { 'a.b': { $elemMatch: { c: 1 } } }, 31275),
  shows('computes a field from others', { a: 2, b: 3 }, { sum: { $add: ['$a', '$b'] } }, { _id: 1, sum: 5 }),
  shows('gives a field under another name', { a: 2, b: 3 }, { b: 1, c: '$a' }, { _id: 1, b: 3, c: 2 }),
  shows('gives a text as it is, as a field', { a: 2 }, { a: 'literal' }, { _id: 1, a: 'literal' }),
]);
