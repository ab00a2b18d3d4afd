import type { Document } from 'mongodb';
import { ACCEPTED_ARRAY_UPDATES } from './array-updates.js';
import { ACCEPTED_INDEXES } from './indexes.js';
import { type AcceptedDifference, FERRETDB, holds, isArrayInArray, JAVA } from './kind.js';
import { changedErrors, write } from './sides.js';
import { ACCEPTED_UPDATES } from './updates.js';

/** Where writes part ways with a witness. */
export const ACCEPTED_WRITES: readonly AcceptedDifference[] = [
  ...ACCEPTED_UPDATES,
  ...ACCEPTED_ARRAY_UPDATES,
  ...ACCEPTED_INDEXES,
  write(
    '_id in front',
    'MongoDB stores _id as the first field; the witness stores it where it stands.',
    (sides) => sides.isBy(JAVA) && sides.agreeWith({ document: withIdFirst }),
  ),
  write(
    'a duplicate key without its index',
    'MongoDB says which index and key; the witness does not.',
    (sides) => sides.isBy(FERRETDB) && sides.agreeWith({ reply: withoutIndex }),
  ),
  write(
    'refused documents counted',
    'n counts what was stored; the witness counts what it was given.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.command.insert !== undefined &&
      sides.otherCodes.length > 0 &&
      sides.agreeWith({ reply: (reply) => ({ ...reply, n: 0 }) }),
  ),
  write(
    'field names with dots and dollars',
    'MongoDB stores them since version 5; the witness refuses them.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.otherCodes.includes(2) &&
      sides.storeCodes.length === 0 &&
      sides.command.documents?.some((document: Document) =>
        Object.keys(document).some((name) => /[.$]/.test(name)),
      ),
  ),
  write(
    'a limit of neither 0 nor 1',
    'A delete takes one document or all; the witness takes another limit for all.',
    (sides) =>
      sides.isBy(JAVA) && sides.storeCodes.includes(9) && /"limit":\{"\$numberInt":"2"/.test(sides.text),
  ),
  write(
    'numbers that are not finite',
    'NaN and the infinities are doubles like others; the witness refuses to store them.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.otherCodes.some((code) => code === 1 || code === 2) &&
      /"(NaN|-?Infinity)"/.test(sides.text),
  ),
  write(
    'arrays in arrays',
    'An array may hold arrays; the witness refuses to store them, or leaves them out.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      (holds(sides.command, isArrayInArray) || sides.store.documents.some(holdsArrayInArray)) &&
      !sides.other.documents.some(holdsArrayInArray),
  ),
];

const withoutIndex = (reply: Document): Document =>
  changedErrors(reply, ({ duplicate: _index, ...error }) => error);

const holdsArrayInArray = (text: string): boolean => holds(JSON.parse(text), isArrayInArray);

function withIdFirst(text: string): string {
  const { _id, ...rest } = JSON.parse(text);
  return JSON.stringify({ _id, ...rest });
}
