import { Double, EJSON, Int32, Long } from 'bson';
import { type AcceptedDifference, FERRETDB, holds, isArrayInArray, isPlain, JAVA } from './kind.js';
import { pathsIn, write } from './sides.js';

/** Where updates of arrays, and of elements by their place, part ways with a witness. */
export const ACCEPTED_ARRAY_UPDATES: readonly AcceptedDifference[] = [
  write(
    'positions in arrays',
    'The witness takes $, $[] and $[name] in a path for names of fields.',
    (sides) => sides.isBy(FERRETDB) && /"[^"]*\.\$(\[[^"]*\])?(\.[^"]*)?":/.test(sides.text),
  ),
  write(
    '$rename and elements of arrays',
    'The manual of $rename says that it does not work on elements of arrays; MongoDB refuses both names there. The witness renames, or calls it a path that cannot be.',
    (sides) =>
      sides.storeCodes.includes(2) &&
      sides.uses('$rename', (names) =>
        Object.entries(names)
          .flat()
          .some((path) => /\./.test(path)),
      ),
  ),
  write(
    'positions at a path that cannot be',
    'Positions want an array in the document, whatever is to be done there; the witness tries to do it.',
    (sides) =>
      sides.isBy(JAVA) && sides.refuseOtherwise && sides.storeCodes.includes(2) && /\.\$\[/.test(sides.text),
  ),
  write(
    'array filters with $or',
    'An array filter may be any filter on one identifier; the witness takes conditions on fields only.',
    (sides) =>
      sides.isBy(JAVA) && sides.otherCodes.includes(2) && /"arrayFilters":\[\{"\$or"/.test(sides.text),
  ),
  write(
    'places in arrays in arrays',
    'A filter finds an element that is an array, or lies in one, and $ its place; the witness finds none.',
    (sides) =>
      sides.isBy(JAVA) &&
      (sides.other.reply.n === 0 || sides.otherCodes.includes(2)) &&
      /\.\$[."]/.test(sides.text) &&
      sides.difference.operation.documents.some((document) => holds(document, isArrayInArray)),
  ),

  write(
    '$elemMatch and what is no document',
    'Conditions on fields in $elemMatch hold for documents only, so $ is the place of one; the witness takes any element for one.',
    (sides) => sides.isBy(JAVA) && /"\$elemMatch":\{"[^$]/.test(sides.text) && /\.\$[."]/.test(sides.text),
  ),
  write(
    'the order of elements of several types',
    '$sort compares by the order of types, arrays after documents, and takes what an element lacks for null; the witness has another order.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.length + sides.otherCodes.length === 0 &&
      sides.uses('$push', (paths) =>
        Object.values(paths).some((operand) => isPlain(operand) && operand.$sort !== undefined),
      ) &&
      sides.store.documents.some((text) => holds(EJSON.parse(text, { relaxed: false }), isMixed)),
  ),

  write(
    'an empty document as an element',
    'A condition of {} finds an element that is an empty document, and its place; the witness takes it for no condition.',
    (sides) =>
      sides.isBy(JAVA) &&
      /\.\$[.["]/.test(sides.text) &&
      sides.statements.some(({ q, arrayFilters = [] }) => /:\{\}/.test(JSON.stringify([q, arrayFilters]))),
  ),

  write(
    'modifiers of $push',
    'The witness ignores $slice, $sort and $position.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.uses('$push', (paths) => Object.values(paths).some((operand) => pathsIn({ operand }) > 1)),
  ),
  write(
    'removing at a path that cannot be',
    '$pop, $pull and $pullAll refuse a path that leads through a scalar; the witness passes over it.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.includes(28) &&
      ['$pop', '$pull', '$pullAll'].some((operator) => sides.uses(operator)),
  ),
  write(
    'conditions of $pull',
    '$pull takes away what satisfies its condition; the witness takes away what is equal to it.',
    (sides) => sides.isBy(FERRETDB) && sides.uses('$pull', (paths) => Object.values(paths).some(isPlain)),
  ),
  write(
    'a position between two places',
    '$position must be a whole number; the witness rounds it.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.includes(2) &&
      /"\$position":\{"\$numberDouble":"\d+\.5"/.test(sides.text),
  ),
  write(
    'nothing to add',
    'Adding nothing to a field that is missing makes an empty array; the witness makes none.',
    (sides) => sides.isBy(FERRETDB) && /"\$each":\[\]/.test(sides.text),
  ),
  write(
    '$unset of an element',
    'The manual of $unset says that an element becomes null, so that the others keep their places; the witness takes it out.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.uses('$unset', (paths) => Object.keys(paths).some((path) => /\.\d+$/.test(path))),
  ),
  write(
    '$unset through an array',
    'A name leads nowhere in an array, so there is nothing to remove; the witness removes it from the documents there.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.store.reply.n === sides.other.reply.n &&
      sides.uses('$unset', (paths) => Object.keys(paths).some((path) => path.includes('.'))),
  ),
  write(
    'positions in what is inserted',
    'An upsert finds no element, so $ has no place in what it inserts; the witness passes over it.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.includes(2) &&
      /\.\$[."]/.test(sides.text) &&
      sides.statements.some(({ upsert }) => upsert),
  ),
];

/** An array whose elements an order of types, or of fields that some lack, tells apart. */
const isMixed = (value: unknown): boolean =>
  Array.isArray(value) && (value.some(isPlain) || new Set(value.map(kindOf)).size > 1);

const kindOf = (value: unknown): string =>
  value instanceof Int32 || value instanceof Long || value instanceof Double
    ? 'number'
    : Object.prototype.toString.call(value) + (isBsonValue(value) ? value._bsontype : '');

const isBsonValue = (value: unknown): value is { _bsontype: string } =>
  typeof value === 'object' && value !== null && '_bsontype' in value;
