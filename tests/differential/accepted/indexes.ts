import type { Document } from 'mongodb';
import { canonical } from '../outcome.js';
import { type AcceptedDifference, FERRETDB, JAVA } from './kind.js';
import { write } from './sides.js';

/** Where making, dropping and minding indexes part ways with a witness. */
export const ACCEPTED_INDEXES: readonly AcceptedDifference[] = [
  write(
    'absent values under a unique index',
    'A missing field counts as null, which a unique index holds once; the witness allows any number.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.storeCodes.includes(11000) &&
      sides.otherCodes.length === 0 &&
      /: null[ ,]/.test(JSON.stringify(sides.store.reply)),
  ),
  write(
    'arrays side by side',
    'A document may have an array in only one field of a compound index; the witness does not mind.',
    (sides) =>
      sides.storeCodes.includes(171) &&
      !sides.otherCodes.includes(171) &&
      sides.indexes.some(({ key }) => Object.keys(key).length > 1),
  ),
  write(
    'an empty array on the way',
    'Below an empty array a field is missing, which counts as null under a unique index; the witness does not count it.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.includes(11000) &&
      !sides.otherCodes.includes(11000) &&
      /: null[ ,]/.test(JSON.stringify(sides.store.reply)) &&
      /":\[\]/.test(`${sides.text}${canonical(sides.difference.operation.documents)}`),
  ),
  write(
    'what keeps an index from being made',
    'MongoDB says which key is there twice; the witness fails inside.',
    (sides) => sides.isBy(FERRETDB) && sides.storeCodes.includes(11000) && sides.otherCodes.includes(1),
  ),
  write(
    'indexes of one name or one key',
    'MongoDB refuses an index that differs from one of the same name, or is the same under another name; the witness knows names only, and passes over what is there.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.storeCodes.some((code) => [68, 85, 86].includes(code)) &&
      sides.otherCodes.length === 0 &&
      sides.command.createIndexes !== undefined,
  ),
  write(
    'several indexes at once',
    'Either all indexes of a command are made or none; the witness keeps those it made before it refused one.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.sameReply &&
      sides.storeCodes.length === 1 &&
      sides.command.createIndexes !== undefined &&
      sides.store.documents.every((spec) => sides.other.documents.includes(spec)),
  ),
  write(
    'a number in an indexed path',
    'A number in an indexed path is a place in an array, too; the witness takes it for the name of a field.',
    (sides) =>
      sides.isBy(JAVA) &&
      [...sides.storeCodes, ...sides.otherCodes].includes(11000) &&
      sides.indexes.some(({ key, unique }) => unique && Object.hasOwn(key, 'b.0')),
  ),

  write(
    'indexes told apart by unique and sparse',
    'Since MongoDB 5 indexes on one key that differ in unique or sparse are different ones; the witness looks at keys only.',
    (sides) =>
      sides.isBy(FERRETDB) &&
      sides.command.createIndexes !== undefined &&
      (sides.otherCodes.some((code) => [68, 85].includes(code)) || sides.storeCodes.includes(86)),
  ),
  write(
    'sparse indexes',
    'The witness makes a plain index of a sparse one.',
    (sides) => sides.isBy(FERRETDB) && sides.agreeWith({ document: withoutSparse }),
  ),
  write(
    'dropIndexes without nIndexesWas',
    'MongoDB says how many indexes there were; the witness does not.',
    (sides) =>
      sides.isBy(JAVA) &&
      sides.command.dropIndexes !== undefined &&
      sides.agreeWith({ reply: ({ was: _without, ...reply }: Document) => reply }),
  ),
  write(
    'the index on _id',
    'It cannot be dropped and stays when all others are; the witness drops it.',
    (sides) =>
      sides.isBy(JAVA) &&
      ['*', '_id_'].includes(sides.command.dropIndexes !== undefined ? sides.command.index : '') &&
      !sides.other.documents.some((spec) => spec.includes('"_id_"')),
  ),
];

const withoutSparse = (spec: string): string => spec.replace(/"sparse":(true|null)/, '"sparse":null');
