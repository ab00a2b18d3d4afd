import type { Document } from 'mongodb';
import type { Difference } from '../operation.js';
import { canonical } from '../outcome.js';
import { ACCEPTED_EXPRESSIONS } from './expressions.js';
import { type AcceptedDifference, commandText, FERRETDB, holds, isPlain, JAVA, walks } from './kind.js';
import { names, refuses, sameButNumbers, sameInAnyOrder, textOf } from './outcomes.js';

const by =
  (...accused: readonly string[]) =>
  (name: string, why: string, covers: AcceptedDifference['covers']): AcceptedDifference => ({
    name,
    why,
    covers: (difference) => accused.includes(difference.witness) && covers(difference),
  });
const java = by(JAVA);
const ferretdb = by(FERRETDB);
const both = by(JAVA, FERRETDB);

const says = ({ operation }: Difference, pattern: RegExp): boolean => pattern.test(commandText(operation));
const hold = ({ operation }: Difference, test: (value: unknown) => boolean): boolean =>
  operation.documents.some((document) => holds(document, test));

/** Where stages part ways with a witness; what their expressions do is judged after them. */
const ACCEPTED_STAGES: readonly AcceptedDifference[] = [
  both(
    'a dotted name is a path',
    'Stages that set a field go into the documents on its path, and into every document of an array, and put a document in the place of anything else; the witness makes a field with a dot in its name, or refuses.',
    (difference) =>
      says(difference, /"(o|q)\.(r|f|i)"/) &&
      (refuses(difference.other, 28) || /"[oq]\.[rfi]":/.test(textOf(difference.other))),
  ),
  both(
    'paths into documents of an array',
    'A path that meets an array goes into each document of it, and leaves out what is not there; the witness stops at the array or takes the values out.',
    (difference) =>
      says(difference, /"\$?q\.[xyr]"/) &&
      difference.other.kind === 'value' &&
      difference.operation.documents.some((document) => walks(document, 'q.x')),
  ),
  both(
    'a document in a projection is a projection',
    'true or 1 inside it keeps the field that is there; the witness takes the document for the new value.',
    (difference) => says(difference, /"\$project":\{"o":\{"x"/),
  ),
  java(
    'documents left empty',
    'A projection of a path keeps the document on the way, even when nothing is left in it.',
    (difference) =>
      names(difference, '$project') &&
      textOf(difference.other) === textOf(difference.store).replaceAll(',"o":{}', ''),
  ),
  java(
    'the order of fields',
    'A projection keeps the fields in the order of the document; the witness takes that of the projection.',
    (difference) => names(difference, '$project') && sameInAnyOrder(difference),
  ),
  java(
    'the order of what is joined, of sets and of groups',
    'Neither the rows of a $lookup, nor the members of a set, nor groups have an order.',
    (difference) => names(difference, '$lookup', '$addToSet', '$group') && sameInAnyOrder(difference),
  ),
  java(
    'null in a group',
    'It is a value to collect like any other; the witness leaves it out.',
    (difference) =>
      names(difference, '$push', '$addToSet') &&
      withoutNulls(textOf(difference.store)) === withoutNulls(textOf(difference.other)),
  ),
  java(
    'groups of arrays',
    'An array is a key like any other, equal to arrays with equal elements and to nothing else.',
    (difference) =>
      names(difference, '$group', '$sortByCount') && isKeyedByArrays(difference) && sameKind(difference),
  ),
  ferretdb(
    '$unwind keeps the other fields',
    'Only the unwound field changes in a row; the witness sends that and the _id alone.',
    (difference) => names(difference, '$unwind') && sameKind(difference),
  ),
  ferretdb(
    '$count in a group',
    'It counts the rows of the group; the witness answers zero.',
    (difference) =>
      says(difference, /"\$count":\{\}/) && sameButNumbers(difference, (_ours, theirs) => theirs === 0),
  ),
  ferretdb(
    'sums beside sums',
    'Each $sum of a group has its own rows; the witness gives the second nothing to add.',
    (difference) =>
      says(difference, /"\$sum":.*"\$sum":/) && sameButNumbers(difference, (_ours, theirs) => theirs === 0),
  ),
  java(
    'arrays come after numbers',
    'A $bucket compares an array as a whole, which is in no range of numbers; the witness looks at its elements.',
    (difference) =>
      refuses(difference.store, 40066) && says(difference, /"\$bucket":/) && hold(difference, Array.isArray),
  ),
  java(
    'nowhere to start',
    'A $graphLookup that starts with a missing value finds nothing; the witness starts with null.',
    (difference) => names(difference, '$graphLookup') && /"g":\[\]/.test(textOf(difference.store)),
  ),
  java(
    '$lookup by an empty document',
    'It is a value like any other; the witness takes it for no condition.',
    (difference) => names(difference, '$lookup') && hold(difference, isEmpty),
  ),
  java(
    '$lookup by fields and by a pipeline',
    'Since 5.0 a $lookup may have both.',
    ({ other }) => refuses(other, 9) && /unknown argument to \$lookup/.test(textOf(other)),
  ),
];

const isEmpty = (value: unknown): boolean => isPlain(value) && Object.keys(value).length === 0;

/** Whether a path in the key of a group leads to an array, or through one. */
function isKeyedByArrays({ operation }: Difference): boolean {
  const stages: Document[] = operation.command.pipeline;
  const keys = stages.map(({ $group, $sortByCount }) => canonical([$group?._id, $sortByCount]));
  const paths = keys.flatMap((key) => [...key.matchAll(/"\$([a-z][a-z.]*)"/g)].map(([, path = '']) => path));
  return paths.some((path) => operation.documents.some((document) => walks(document, `${path}.`)));
}

const withoutNulls = (text: string): string =>
  text.replace(/(?<=[[,])null,|,null(?=\])|(?<=\[)null(?=\])/g, '');

const sameKind = ({ store, other }: Difference): boolean => store.kind === 'value' && other.kind === 'value';

/** Where pipelines part ways with a witness. */
export const ACCEPTED_PIPELINES: readonly AcceptedDifference[] = [
  ...ACCEPTED_STAGES,
  ...ACCEPTED_EXPRESSIONS,
];
