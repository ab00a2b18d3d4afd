import type { Difference } from '../operation.js';
import { ACCEPTED_EXPRESSIONS } from './expressions.js';
import { type AcceptedDifference, commandText, FERRETDB, holds, JAVA } from './kind.js';
import { names, refuses, sameInAnyOrder, sameShape, textOf } from './outcomes.js';

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
    (difference) => says(difference, /"\$?q\.[xyr]"/) && difference.other.kind === 'value',
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
    'the order of what is joined, and of sets',
    'Neither the rows of a $lookup nor the members of a set have an order.',
    (difference) => names(difference, '$lookup', '$addToSet') && sameInAnyOrder(difference),
  ),
  java(
    'groups of arrays',
    'An array is a key like any other, equal to arrays with equal elements and to nothing else.',
    (difference) =>
      names(difference, '$group', '$sortByCount') && hold(difference, Array.isArray) && sameKind(difference),
  ),
  ferretdb(
    '$unwind keeps the other fields',
    'Only the unwound field changes in a row; the witness sends that and the _id alone.',
    (difference) => names(difference, '$unwind') && sameKind(difference),
  ),
  ferretdb(
    '$count in a group',
    'It counts the rows of the group; the witness answers zero.',
    (difference) => says(difference, /"\$count":\{\}/) && sameShape(difference),
  ),
  java(
    'arrays come after numbers',
    'A $bucket compares an array as a whole, which is in no range of numbers; the witness looks at its elements.',
    (difference) => refuses(difference.store, 40066) && hold(difference, Array.isArray),
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

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const sameKind = ({ store, other }: Difference): boolean => store.kind === 'value' && other.kind === 'value';

/** Where pipelines part ways with a witness. */
export const ACCEPTED_PIPELINES: readonly AcceptedDifference[] = [
  ...ACCEPTED_STAGES,
  ...ACCEPTED_EXPRESSIONS,
];
