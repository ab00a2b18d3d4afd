import type { Operation } from '../operation.js';
import { canonical } from '../outcome.js';
import { type AcceptedDifference, commandText, FERRETDB, JAVA } from './kind.js';
import {
  isUnevaluated,
  names,
  nearlySame,
  onlyStoreRefuses,
  refuses,
  sameButNumbers,
  sameByValue,
  sameInAnyOrder,
  sameShape,
  textOf,
} from './outcomes.js';

const by =
  (accused: string) =>
  (name: string, why: string, covers: AcceptedDifference['covers']): AcceptedDifference => ({
    name,
    why,
    covers: (difference) => difference.witness === accused && covers(difference),
  });
const java = by(JAVA);
const ferretdb = by(FERRETDB);

/** What the operators refuse numbers with, some of them in groups: substrings, other searches, slices, logarithms and powers. */
const OUT_OF_BOUNDS = [
  [34450, 34451, 34452, 34453, 34454, 34455, 50752, 16034, 16035, 28656, 28657, 241],
  [28691, 28726, 28728, 28729, 40096, 40097],
  [28714, 28761, 28764, 28766, 16610, 16612],
].flat();

/** Where expressions part ways with a witness. */
export const ACCEPTED_EXPRESSIONS: readonly AcceptedDifference[] = [
  ferretdb(
    'paths, arrays and documents are expressions',
    'A text that begins with $, and every value of an array or a document, is evaluated; the witness gives it back.',
    ({ other }) => isUnevaluated(other),
  ),
  java(
    'values of an array are expressions',
    'They are evaluated one by one, and know the variables around them; the witness does not look into arrays.',
    ({ operation, other }) =>
      refuses(other, 17276) || isUnevaluated(other) || /\[\["\$/.test(commandText(operation)),
  ),
  java(
    'refusals have other numbers',
    'Since 6.1 arithmetic on a wrong type is TypeMismatch and a division by zero BadValue; $trunc has the numbers of $round, $strLenBytes and the count of $slice have their own, and $convert refuses with ConversionFailure.',
    ({ store, other }) =>
      (refuses(store, 14) && refuses(other, 16554, 16555, 16556, 16609)) ||
      (refuses(store, 2) && refuses(other, 16608)) ||
      (refuses(store, 51081) && refuses(other, 28765)) ||
      (refuses(store, 28727) && refuses(other, 28725)) ||
      (refuses(store, 34473) && refuses(other, 34471)) ||
      (refuses(store, 241) && refuses(other, 16006, 16007)),
  ),
  java(
    'numbers out of bounds are refused',
    'By the manual a start is not negative, a count is whole, no character is divided, logarithms want a positive number, zero has no negative power and divides nothing, two dates have no sum, and what an int cannot hold is no int; the witness answers all the same.',
    (difference) => onlyStoreRefuses(difference, ...OUT_OF_BOUNDS),
  ),
  java(
    'numbers keep their type',
    'Rounding keeps the type, and $mod, $pow and $multiply of whole numbers are whole; the witness makes doubles of whole numbers and ints of doubles.',
    (difference) =>
      sameByValue(difference) &&
      names(difference, '$trunc', '$ceil', '$floor', '$abs', '$mod', '$pow', '$multiply'),
  ),
  java(
    'as exact as can be',
    'Integers are computed exactly, and become doubles when they no longer fit; powers and logarithms are right but for the last digit.',
    (difference) =>
      (names(difference, '$mod', '$multiply', '$add', '$subtract') &&
        sameButNumbers(difference, isHardToCompute)) ||
      (names(difference, '$mod') && sameShape(difference) && /"90071992547/.test(textOf(difference.store))) ||
      (names(difference, '$pow', '$ln', '$log10', '$exp', '$stdDevPop', '$stdDevSamp') &&
        nearlySame(difference)),
  ),
  java(
    'any number of operands',
    '$add and $multiply take any number of operands, $ifNull more than two, and $trunc may be told a place.',
    (difference) =>
      refuses(difference.other, 16020) && names(difference, '$add', '$multiply', '$ifNull', '$trunc'),
  ),
  java(
    'parts of milliseconds',
    'A fraction of a millisecond added to a date is rounded; the witness cuts it off.',
    (difference) =>
      names(difference, '$add') &&
      /"\$date"/.test(textOf(difference.store)) &&
      sameButNumbers(difference, (ours, theirs) => Math.abs(ours - theirs) <= 1),
  ),
  java(
    'dates have bounds',
    'A date the store cannot hold (beyond the year 275760) is refused; the witness sends one that is no date.',
    ({ store, other }) => refuses(store, 15, 241) && /"NaN"/.test(textOf(other)),
  ),
  java(
    'what has a date',
    'The parts of a missing date are null, in any zone, an ObjectId has a date, and a document that was stored has none.',
    ({ store, other }) =>
      (refuses(other, 16006) && /from (missing|null|objectId) to Date/.test(textOf(other))) ||
      (refuses(other, 241) && /from objectId to date/.test(textOf(other))) ||
      (refuses(store, 16006) && refuses(other, 40539)),
  ),
  java(
    'weeks begin on Sunday',
    'The manual numbers the days from 1 for Sunday; the witness from 1 for Monday.',
    (difference) =>
      names(difference, '$dayOfWeek', '$week') &&
      sameButNumbers(difference, (ours, theirs) => [1, 6].includes(Math.abs(ours - theirs))),
  ),
  java(
    'texts of dates, truth values and doubles',
    'A truth value becomes the text true or false, a date its ISO form, a double has no digits it does not need, and ids none at all where texts are cut.',
    (difference) =>
      onlyStoreRefuses(difference, 16007) ||
      (refuses(difference.other, 16007) &&
        /(java\.lang\.Boolean|date) to String/.test(textOf(difference.other))) ||
      textOf(difference.store) === withoutNeedlessDigits(textOf(difference.other)),
  ),
  java(
    '$toUpper and $toLower know ASCII',
    'The manual promises them for ASCII only, whose letters alone are changed; and nothing becomes the empty text.',
    (difference) =>
      names(difference, '$toUpper', '$toLower') &&
      (refuses(difference.other, 16007) ||
        textOf(difference.store).toLowerCase() === textOf(difference.other).toLowerCase() ||
        textOf(difference.store).replaceAll('""', 'null') === textOf(difference.other)),
  ),
  java(
    '$cmp gives a sign',
    'The manual has -1, 0 and 1; the witness gives a difference.',
    (difference) =>
      names(difference, '$cmp') && sameButNumbers(difference, (ours, theirs) => ours === Math.sign(theirs)),
  ),
  java(
    '$slice and $split of null',
    'A null or missing operand makes both null; an empty separator is refused.',
    ({ store, other }) =>
      (store.kind === 'value' && refuses(other, 28724, 28725, 28727, 40085, 40086)) || refuses(store, 40087),
  ),
  java(
    '$convert falls back to onError',
    'What cannot be converted at all gives the value of onError as well; the witness gives null, or takes an array for operands.',
    ({ operation, store, other }) =>
      /"onError":"wrong"/.test(commandText(operation)) &&
      (refuses(other, 16020) ||
        (store.kind === 'error' && /is string/.test(store.message)) ||
        textOf(store).replaceAll('"wrong"', 'null') === textOf(other)),
  ),
  java(
    '$objectToArray of nothing',
    'The manual answers null and a missing field with null.',
    ({ other }) => refuses(other, 40390) && /found: (missing|null)/.test(textOf(other)),
  ),
  java(
    '$arrayToObject wants both fields',
    'A document with k and v is wanted, and a missing value leaves its field out.',
    (difference) => onlyStoreRefuses(difference, 40392, 40393),
  ),
  java(
    'accumulators over one array',
    'An accumulator goes through the elements of its only operand, and takes each of several as it is.',
    ({ operation }) =>
      /"\$(mergeObjects|sum|avg|min|max|stdDevPop|stdDevSamp)":\[/.test(commandText(operation)),
  ),
  java(
    'sets are arrays without an order',
    'What a set operator gives is an array like any other, in whatever order; the witness does not know its own.',
    (difference) =>
      (names(difference, '$setUnion', '$setIntersection', '$setDifference') && sameInAnyOrder(difference)) ||
      /must be an array, but is array|array.*found: array/.test(textOf(difference.other)),
  ),
  ...[java, ferretdb].map((accuse) =>
    accuse(
      'fields inside a document of $project',
      'There a number or a truth value says whether a field that is there is kept, and $literal alone makes it a value.',
      ({ operation }) =>
        /"r":\{("p":.*"q"|"p"):(true|false|\{"\$(number|literal))/.test(commandText(operation)),
    ),
  ),
  java(
    'null in a projection',
    'It is a value like any other, and the fields that are not named go; the witness keeps them.',
    ({ operation }) => /"\$project":\{"r":null\}/.test(commandText(operation)),
  ),
  java(
    'a literal is no expression',
    'What $literal holds is never evaluated; the witness evaluates it inside other expressions.',
    ({ operation }) => /"\$literal":("\$|\{"(?!\$(number|oid|date)))/.test(commandText(operation)),
  ),
  java(
    'missing comes before null',
    'A missing value is less than null, and equal only to another one; the witness takes it for null.',
    (difference) =>
      sameShape(difference) && names(difference, ...COMPARING) && readsNothing(difference.operation),
  ),
  java(
    'numbers equal by value',
    'Whatever their types, as elements of arrays too.',
    (difference) =>
      sameShape(difference) &&
      names(difference, '$in', '$indexOfArray') &&
      !/"\$match":.*"\$in":/.test(commandText(difference.operation)),
  ),
  java(
    'searches and substrings beyond the end',
    'From there nothing is found, not even the empty text; a count may go far beyond it.',
    (difference) =>
      (names(difference, '$indexOfCP', '$indexOfBytes') && sameShape(difference)) ||
      (names(difference, '$substr', '$substrBytes', '$substrCP') && difference.other.kind === 'value'),
  ),
  java(
    'what is not needed is not evaluated',
    'The branch not taken and the values after the first that is not null refuse nothing.',
    (difference) =>
      names(difference, '$ifNull', '$cond', '$switch') &&
      difference.store.kind === 'value' &&
      difference.other.kind === 'error',
  ),
  java(
    'which operand is refused first',
    'The manual leaves open which of several wrong operands is named, and whether a null among them is seen first.',
    ({ store, other }) =>
      store.kind === 'error' && other.kind === 'error'
        ? operatorIn(store.message) !== operatorIn(other.message) ||
          /\$(range|slice|indexOf)/.test(store.message)
        : refuses(store, 14) && /"r":null/.test(textOf(other)),
  ),
];

/** What is not whole, or what an int32 cannot hold, is where arithmetic has choices. */
const isHardToCompute = (ours: number, theirs: number): boolean =>
  Math.abs(ours) >= 2 ** 31 ||
  Math.abs(theirs) >= 2 ** 31 ||
  (!Number.isInteger(ours) && Math.abs(ours - theirs) <= Math.abs(ours) * 1e-9);

/** Doubles in texts; those outside have their type beside them. */
const withoutNeedlessDigits = (text: string): string =>
  text.replace(/(?<!"\$number\w+":)"(-?\d+)\.0"/g, '"$1"');

const COMPARING = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$cmp', '$in', '$indexOfArray'];

/** Whether the command reads a field that is null or missing in one of the documents. */
function readsNothing({ command, documents }: Operation): boolean {
  const fields = [...canonical(command).matchAll(/"\$(\w)(\.\w)?"/g)].map(([, field = '']) => field);
  return fields.some((field) =>
    documents.some((document) => field === 'o' || (document[field] ?? null) === null),
  );
}

const operatorIn = (message: string): string | undefined => /\$(?!project|addFields)\w+/.exec(message)?.[0];
