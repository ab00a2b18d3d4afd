import type { Document } from 'mongodb';
import { canonical } from '../outcome.js';
import { type AcceptedDifference, FERRETDB, JAVA } from './kind.js';
import { changedErrors, pathsIn, type Sides, write } from './sides.js';

/** What an update may be refused with before any document is read. */
const JUDGED_EARLY = [2, 9, 14, 40, 52, 56];

/** Location numbers of old servers, and what they are called now. */
const OLD_CODES = new Map([
  [10141, 2],
  [10143, 14],
  [10147, 2],
  [10158, 9],
]);

/** Where updates and findAndModify part ways with a witness. */
export const ACCEPTED_UPDATES: readonly AcceptedDifference[] = [
  write(
    'a statement is judged before a document is looked for',
    'MongoDB parses the whole statement first, so a bad operand or a conflict is refused even when nothing matches; the witness judges it when it changes a document.',
    (sides) =>
      sides.storeCodes.length === 1 &&
      sides.storeCodes.every((code) => JUDGED_EARLY.includes(code)) &&
      sides.otherCodes.length === 0 &&
      !(sides.other.reply.n > 0) &&
      (sides.other.reply.value ?? null) === null &&
      sides.sameDocuments,
  ),
  write(
    'codes of old assertions',
    'The witness answers with the location numbers of old servers for what MongoDB now calls BadValue or FailedToParse.',
    (sides) => sides.isBy(JAVA) && sides.agreeWith({ reply: withCurrentCodes }),
  ),
  write(
    'a pattern does not fix a value',
    'An upsert takes from its filter what is compared by equality; a regular expression there is a pattern. The witness takes it for a value.',
    (sides) => sides.statements.some(({ upsert, q }) => upsert && Object.values(q ?? {}).some(isPattern)),
  ),
  write(
    'what a filter fixes',
    'An upsert takes every equality of its filter: of $eq beside others, $all, an $in of one, all of $and and an $or of one. A path fixed twice is refused, and so is an operator that cannot work on what is fixed. The witness takes plain values and lone $eq only.',
    (sides) =>
      sides.storeCodes.includes(54)
        ? sides.statements.some(({ upsert, q }) => upsert && namesTwice(q))
        : sides.statements.some(
            ({ upsert, q }) => upsert && /"\$(and|or|all|in|eq)":/.test(JSON.stringify(q)),
          ) &&
          (sides.otherCodes.length > 0 ||
            sides.storeCodes.some((code) => [2, 14, 28].includes(code)) ||
            sides.agreeWith({ document: withoutFiltered(sides), reply: withoutValue })),
  ),
  write(
    'conflicts with $rename',
    'Both names of a $rename are taken, so another operator on one of them conflicts; the witness looks at other operators only.',
    (sides) =>
      sides.storeCodes.includes(40) &&
      sides.uses('$rename') &&
      sides.statements.some(({ u }) => pathsIn(u) > 1),
  ),
  write(
    'one of two faults',
    'When two things are wrong with an update, any of them may be named.',
    (sides) =>
      sides.refuseOtherwise &&
      sides.statements.some(({ u, arrayFilters }) => pathsIn(u) > 1 || arrayFilters !== undefined),
  ),
  write(
    '$rename to a place on its own path',
    'MongoDB refuses a $rename whose names lie on one path; the witness passes over it when there is nothing to rename.',
    (sides) =>
      sides.storeCodes.includes(2) &&
      sides.uses('$rename', (names) =>
        Object.entries(names).some(
          ([from, to]) => from === to || from.startsWith(`${to}.`) || String(to).startsWith(`${from}.`),
        ),
      ),
  ),
  write(
    'a $rename that cannot be',
    'A $rename to a path that leads through a scalar is PathNotViable; the witness fails inside.',
    (sides) => sides.isBy(FERRETDB) && sides.otherCodes.includes(1) && sides.uses('$rename'),
  ),
  write(
    '$setOnInsert of nothing',
    'Any value may be set; the witness passes over null and empty arrays.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.upserts &&
      sides.uses('$setOnInsert', (paths) =>
        Object.values(paths).some(
          (operand) => operand === null || (Array.isArray(operand) && operand.length === 0),
        ),
      ),
  ),
  write(
    'what a path that cannot be is called',
    'A path through a scalar, or by a name into an array, is PathNotViable whatever the operator; the witness finds the value wrong.',
    (sides) => sides.isBy(JAVA) && sides.refuseOtherwise && sides.storeCodes.includes(28),
  ),
  write(
    'NaN in a comparison',
    'A filter finds NaN neither less nor greater than a number, and in the order of values it comes before all numbers; the witness finds it greater.',
    (sides) =>
      sides.isBy(JAVA) &&
      /"\$([gl]te?|min|max)":/.test(sides.text) &&
      /"NaN"/.test(canonical(sides.difference.operation.documents)),
  ),
  write(
    'empty names',
    'No part of the path of an update may be empty; the witness minds only some.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.includes(56) &&
      /"(|\.[^"]*|[^"]*\.\.[^"]*|[^"]*\.)"/.test(sides.text),
  ),

  write(
    'a reply without lastErrorObject',
    'findAndModify always says what it did; the witness leaves it out when it changes no document that was there.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.other.reply.lastErrorObject === undefined &&
      sides.agreeWith({ reply: (reply) => reported(sides, reply) }),
  ),
  write(
    'the order of new fields',
    'Operators add fields in the order of their names (of a $rename the new one), and so does the filter of an upsert; the witness adds them as they were written down.',
    (sides) =>
      (sides.isBy(JAVA) || sides.uses('$rename') || sides.statements.some(({ upsert }) => upsert)) &&
      sides.command.insert === undefined &&
      sides.agreeWith({
        document: withSortedFields,
        reply: (reply) => JSON.parse(withSortedFields(JSON.stringify(reported(sides, reply)))),
      }),
  ),
  write(
    '$currentDate at a dotted path',
    'Any path may be set to the current date; the witness refuses dotted ones.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.otherCodes.includes(2) &&
      sides.uses('$currentDate', (paths) => Object.keys(paths).some((path) => path.includes('.'))),
  ),
  write(
    'remove beside update',
    'findAndModify refuses remove together with an update, upsert or new; the witness does one of them.',
    (sides) => sides.isBy(JAVA) && sides.storeCodes.includes(9) && sides.command.remove === true,
  ),
  write(
    'where an update of many stops',
    'Documents are changed until one is refused; the witness takes them in another order.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.length === 1 &&
      JSON.stringify(withCurrentCodes(sides.other.reply)) === JSON.stringify(sides.store.reply) &&
      sides.statements.some(({ multi }) => multi),
  ),
  write(
    'an _id changed to what it is',
    'An operator on _id that leaves it as it is does nothing; one witness refuses it, the other counts it.',
    (sides) =>
      sides.storeCodes.length === 0 &&
      (sides.otherCodes.includes(66) || sides.sameDocuments) &&
      idsOf(sides.store.documents).join() ===
        idsOf(sides.difference.operation.documents.map((document) => canonical(document))).join() &&
      updatesOf(sides).some((operands) => Object.hasOwn(operands, '_id')),
  ),
  write(
    '$unset of an _id that is not there',
    'There is nothing to remove, and the new document gets an _id; the witness refuses it.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.upserts &&
      sides.otherCodes.includes(66) &&
      sides.uses('$unset', ({ _id }) => _id === ''),
  ),
  write(
    'what $pop takes',
    'Only 1 and -1; the witness takes anything when it inserts.',
    (sides) => sides.isBy(JAVA) && sides.storeCodes.includes(9) && /"\$pop":\{"[^"]+":"x"/.test(sides.text),
  ),
  write(
    'a number of another type',
    'A number of another type is another value to store, though equal; the witness leaves it or does not count it.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.store.reply.nModified > sides.other.reply.nModified &&
      sides.agreeWith({ document: withPlainNumbers, reply: (reply) => ({ ...reply, nModified: 0 }) }),
  ),

  write(
    '$bit with a long',
    'The mask and the value may be ints and longs; the witness takes ints only.',
    (sides) => sides.isBy(JAVA) && sides.otherCodes.includes(10147) && sides.uses('$bit'),
  ),
];

const isPattern = (condition: unknown): boolean =>
  typeof condition === 'object' &&
  condition !== null &&
  '_bsontype' in condition &&
  condition._bsontype === 'BSONRegExp';

/** Whether a filter names a path and the same again, or one below it, or several values for one. */
function namesTwice(q: Document): boolean {
  if (/"\$all":\[.*,.*\]/.test(JSON.stringify(q))) return true;
  const names = [...JSON.stringify(q).matchAll(/"([a-z_][\w.]*)":/g)].map(([, name = '']) => name);
  return names.some((name, at) =>
    names.some((other, place) => place !== at && `${other}.`.startsWith(`${name}.`)),
  );
}

const idsOf = (documents: readonly string[]): string[] =>
  documents.map((text) => JSON.stringify(JSON.parse(text)._id)).sort();

/** The operands of each operator of each update. */
const updatesOf = (sides: Sides): Document[] =>
  sides.statements.flatMap(({ u }) => Object.values(u ?? {}).map(Object));

/** A document without what a filter speaks of. */
function withoutFiltered(sides: Sides): (text: string) => string {
  const roots = sides.statements.flatMap(({ q }) => [...JSON.stringify(q).matchAll(/"([a-c])[."]/g)]);
  return (text) =>
    JSON.stringify(JSON.parse(text), (name, value: unknown) =>
      roots.some(([, root]) => root === name) ? undefined : value,
    );
}

const withoutValue = ({ value: _value, lastErrorObject: _reported, ...reply }: Document): Document => reply;

/** A reply as far as the witness gives one. */
function reported(sides: Sides, reply: Document): Document {
  const { lastErrorObject, ...rest } = reply;
  return sides.other.reply.lastErrorObject === undefined ? rest : { ...rest, lastErrorObject };
}

const withCurrentCodes = (reply: Document): Document =>
  changedErrors(reply, (error) => ({ ...error, code: OLD_CODES.get(error.code) ?? error.code }));

const withPlainNumbers = (text: string): string =>
  text.replace(/\{"\$number(Int|Long|Double)":"(-?\d+)(\.0)?"\}/g, '$2');

/** A document with the fields of each document in it in the order of their names. */
function withSortedFields(text: string): string {
  return JSON.stringify(JSON.parse(text), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
