import { ObjectId } from 'bson';
import { at, evaluates, refuses } from './expression-rows.js';
import { decimal, long } from './numbers.js';
import { manual } from './table.js';

manual('expressions: dates', [
  evaluates(
    'gives the parts of a date in UTC',
    { at },
    [
      { $year: '$at' },
      { $month: '$at' },
      { $dayOfMonth: '$at' },
      { $hour: '$at' },
      { $minute: '$at' },
      { $second: '$at' },
      { $millisecond: '$at' },
    ],
    [2024, 2, 29, 13, 45, 30, 123],
  ),
  evaluates(
    'counts days of the week from Sunday, of the year from 1',
    { at },
    [
      { $dayOfWeek: '$at' },
      { $dayOfYear: '$at' },
      { $isoDayOfWeek: '$at' },
      { $isoWeek: '$at' },
      { $isoWeekYear: '$at' },
    ],
    [5, 60, 4, 9, long(2024)],
  ),
  evaluates(
    'gives parts in a time zone, by offset or name',
    { at },
    [
      { $hour: { date: '$at', timezone: '+02:00' } },
      { $hour: { date: '$at', timezone: 'America/New_York' } },
    ],
    [15, 8],
  ),
  evaluates(
    '$dateToString writes ISO 8601 unless told otherwise',
    { at },
    [
      { $dateToString: { date: '$at' } },
      { $dateToString: { date: '$at', format: '%d.%m.%Y %H:%M' } },
      { $dateToString: { date: '$zz', onNull: 'never' } },
    ],
    ['2024-02-29T13:45:30.123Z', '29.02.2024 13:45', 'never'],
  ),
  evaluates(
    '$dateToString writes in a time zone',
    { at },
    { $dateToString: { date: '$at', format: '%H:%M%z', timezone: 'Asia/Kolkata' } },
    '19:15+0530',
  ),
  evaluates(
    '$dateFromString reads',
    {},
    [
      { $dateFromString: { dateString: '2024-02-29' } },
      { $dateFromString: { dateString: 'x', onError: 'bad' } },
      { $dateFromString: { dateString: '29/02/2024', format: '%d/%m/%Y' } },
    ],
    [new Date('2024-02-29T00:00:00Z'), 'bad', new Date('2024-02-29T00:00:00Z')],
  ),
  evaluates(
    'a local time that a change of clocks skips is read by the offset before it, one it repeats is read once',
    {},
    [
      { $dateFromString: { dateString: '2024-03-10T02:30:00', timezone: 'America/New_York' } },
      { $dateFromString: { dateString: '2024-03-31T02:30:00', timezone: 'Europe/Berlin' } },
      { $dateFromString: { dateString: '2024-11-03T01:30:00', timezone: 'America/New_York' } },
      { $dateFromString: { dateString: '2024-11-03T02:30:00', timezone: 'America/New_York' } },
    ],
    [
      new Date('2024-03-10T07:30:00Z'),
      new Date('2024-03-31T01:30:00Z'),
      new Date('2024-11-03T05:30:00Z'),
      new Date('2024-11-03T07:30:00Z'),
    ],
  ),
  evaluates(
    '$dateFromParts and $dateToParts',
    { at },
    [{ $dateFromParts: { year: 2024, month: 14, day: 1 } }, { $dateToParts: { date: '$at' } }],
    [
      new Date('2025-02-01T00:00:00Z'),
      { year: 2024, month: 2, day: 29, hour: 13, minute: 45, second: 30, millisecond: 123 },
    ],
  ),
  evaluates(
    '$dateAdd keeps to the last day of a month',
    { at: new Date('2024-01-31T00:00:00Z') },
    [
      { $dateAdd: { startDate: '$at', unit: 'month', amount: 1 } },
      { $dateSubtract: { startDate: '$at', unit: 'hour', amount: 1 } },
    ],
    [new Date('2024-02-29T00:00:00Z'), new Date('2024-01-30T23:00:00Z')],
  ),
  evaluates(
    '$dateDiff counts boundaries',
    { at },
    [
      { $dateDiff: { startDate: new Date('2023-12-31T23:59:00Z'), endDate: '$at', unit: 'month' } },
      { $dateDiff: { startDate: new Date('2024-02-28T23:59:00Z'), endDate: '$at', unit: 'day' } },
    ],
    [long(2), long(1)],
  ),
  evaluates(
    '$dateTrunc cuts off',
    { at },
    [
      { $dateTrunc: { date: '$at', unit: 'hour' } },
      { $dateTrunc: { date: '$at', unit: 'month' } },
      { $dateTrunc: { date: '$at', unit: 'minute', binSize: 15 } },
    ],
    [new Date('2024-02-29T13:00:00Z'), new Date('2024-02-01T00:00:00Z'), new Date('2024-02-29T13:45:00Z')],
  ),
  refuses('refuses the year of a text', { $year: '$text' }, 16006),
]);

const id = new ObjectId('64b000000000000000000000');

manual('expressions: types', [
  evaluates(
    '$type names types, and missing fields',
    { a: 1, b: 1.5, c: long(1), d: null, e: [1], f: id, g: at },
    [
      { $type: '$a' },
      { $type: '$b' },
      { $type: '$c' },
      { $type: '$d' },
      { $type: '$e' },
      { $type: '$f' },
      { $type: '$g' },
      { $type: '$zz' },
    ],
    ['int', 'double', 'long', 'null', 'array', 'objectId', 'date', 'missing'],
  ),
  evaluates(
    '$toInt reads text and cuts off fractions',
    {},
    [{ $toInt: '5' }, { $toInt: -2.9 }, { $toInt: true }],
    [5, -2, 1],
  ),
  evaluates(
    '$toLong, $toDouble and $toDecimal',
    {},
    [{ $toLong: 5 }, { $toDouble: '1.50' }, { $toDecimal: '1.50' }],
    [long(5), 1.5, decimal('1.50')],
  ),
  evaluates(
    '$toString',
    { id, at },
    [{ $toString: 5 }, { $toString: 2.5 }, { $toString: true }, { $toString: '$id' }, { $toString: '$at' }],
    ['5', '2.5', 'true', '64b000000000000000000000', '2024-02-29T13:45:30.123Z'],
  ),
  evaluates(
    '$toBool takes any text for true',
    {},
    [{ $toBool: 0 }, { $toBool: 'false' }, { $toBool: 2 }],
    [false, true, true],
  ),
  evaluates(
    '$toObjectId and $toDate',
    { id },
    [
      { $toObjectId: '64b000000000000000000000' },
      { $toDate: long(0) },
      { $toDate: '2024-02-29T00:00:00Z' },
      { $toDate: '$id' },
    ],
    [id, new Date(0), new Date('2024-02-29T00:00:00Z'), id.getTimestamp()],
  ),
  evaluates(
    'converting null or a missing field gives null',
    { a: null },
    [{ $toInt: '$a' }, { $toDate: '$zz' }],
    [null, null],
  ),
  evaluates(
    '$convert falls back for errors and for null',
    { a: 'x' },
    [
      { $convert: { input: '$a', to: 'int', onError: -1 } },
      { $convert: { input: '$zz', to: 'int', onNull: 0 } },
      { $convert: { input: '7', to: 16 } },
    ],
    [-1, 0, 7],
  ),
  evaluates(
    '$isNumber',
    {},
    [{ $isNumber: 1 }, { $isNumber: decimal('1') }, { $isNumber: '1' }],
    [true, true, false],
  ),
  refuses('refuses to read a number from words', { $toInt: '$text' }, 241),
  refuses('refuses an int that is too large', { $toInt: 3e9 }, 241),
  refuses('refuses an ObjectId of the wrong length', { $toObjectId: 'abc' }, 241),
]);
