import { Double, Long } from 'bson';
import type { Operation } from '../operation.js';
import {
  type AcceptedDifference,
  commandText,
  FERRETDB,
  holds,
  isArrayInArray,
  JAVA,
  pathsOf,
  pointsBeyond,
  walks,
} from './kind.js';

/** Where filters, sorts and projections part ways with a witness. */
export const ACCEPTED_READS: readonly AcceptedDifference[] = [
  {
    name: '$mod by zero is refused',
    why: 'The manual of $mod says that a divisor of zero is an error; both witnesses take it for "never".',
    covers: ({ operation, store }) =>
      store.kind === 'error' &&
      store.code === 2 &&
      /"\$mod":\[\{"\$numberInt":"0"\}/.test(commandText(operation)),
  },
  {
    name: 'a regular expression is no operand',
    why: 'The manual lets regular expressions stand alone, in $in, $nin, $not and $regex; beside $ne and comparisons they are an error that the witnesses let pass.',
    covers: ({ store }) => store.kind === 'error' && /^Can't have regex as arg/.test(store.message),
  },
  {
    name: 'an empty document is a value',
    why: 'A condition of {} holds no operator, so it asks for an equal embedded document; the witness takes it for no condition.',
    covers: ({ operation, witness }) =>
      witness === JAVA && /(?<!"(filter|query)"):\{\}/.test(commandText(operation)),
  },
  {
    name: 'an empty array in a list of values',
    why: 'In $in and $nin it is equal to empty arrays; the witness finds none.',
    covers: ({ operation, witness }) =>
      witness === JAVA && /"\$n?in":\[([^\]]*,)?\[\]/.test(commandText(operation)),
  },
  {
    name: 'arrays in arrays',
    why: 'A path or condition spreads one level of an array only; the witness goes through arrays in arrays as well.',
    covers: ({ operation, witness }) =>
      witness === JAVA && operation.documents.some((document) => holds(document, isArrayInArray)),
  },
  {
    name: 'a regular expression on no text',
    why: 'A regular expression matches strings; the witness also tries the printed form of documents, ids and binary data.',
    covers: ({ operation, witness }) =>
      witness === JAVA &&
      /\$regularExpression/.test(commandText(operation)) &&
      operation.documents.some((document) => holds(document, (value) => typeof value === 'object')),
  },
  {
    name: 'a path through an array',
    why: 'A path that meets an array asks each element; what no element has is absent. The witness asks the array itself.',
    covers: ({ operation, witness }) =>
      witness === JAVA &&
      pathsOf(operation.command).some((path) =>
        operation.documents.some((document) => walks(document, path)),
      ),
  },
  {
    name: 'an element that is not there',
    why: 'An index beyond an array finds nothing to compare, not even with null; the witness takes it for an absent field.',
    covers: ({ operation, witness }) =>
      witness === FERRETDB &&
      /[:[,]null/.test(commandText(operation)) &&
      pathsOf(operation.command).some((path) =>
        operation.documents.some((document) => pointsBeyond(document, path)),
      ),
  },
  {
    name: 'the order of arrays',
    why: 'Arrays compare element by element in the order of types, and the shorter of two with the same beginning comes first.',
    covers: ({ operation, witness }) =>
      witness === JAVA &&
      (/"\$(gt|lt)e?":\[/.test(commandText(operation)) ||
        (isSorted(operation) && operation.documents.some((document) => holds(document, Array.isArray)))),
  },
  {
    name: 'the order by a path through an array',
    why: 'Of the values in an array the lowest counts when ascending and the highest when descending, and what an element lacks is null; the witness takes another.',
    covers: ({ operation, witness }) =>
      witness === FERRETDB &&
      pathsOf(operation.command.sort).some((path) =>
        operation.documents.some((document) => walks(document, path)),
      ),
  },
  {
    name: 'regular expressions have an order',
    why: 'Every type has a place in the order; the witness cannot compare two regular expressions.',
    covers: ({ other }) =>
      other.kind === 'error' && /can't compare class .*BsonRegularExpression/.test(other.message),
  },
  {
    name: 'conditions on single elements',
    why: '$all is also satisfied by a field with the one value it names, and $type by an element of the type; the witness looks at the field alone.',
    covers: ({ operation, witness }) =>
      witness === JAVA &&
      (/"\$all":/.test(commandText(operation)) ||
        (/"\$type":/.test(commandText(operation)) &&
          operation.documents.some((document) => holds(document, Array.isArray)))),
  },
  {
    name: 'no sort by two arrays',
    why: 'A document with arrays in two of the fields has no place in the order, and the sort is refused; the witnesses take the lowest of each.',
    covers: ({ store }) => store.kind === 'error' && /sort with keys that are parallel/.test(store.message),
  },
  {
    name: 'NaN is no number',
    why: 'NaN compares equal to itself and with no other number, and sorts before all; the witness takes it for the largest.',
    covers: ({ operation, witness }) =>
      witness === JAVA &&
      /"\$(gt|lt)e?"|"sort"/.test(commandText(operation)) &&
      operation.documents.some((document) => holds(document, isNaNDouble)),
  },
  {
    name: 'an embedded document is equal as a whole',
    why: 'Equality to a document wants the same fields and no more, in an element of an array too; the witness takes it for conditions.',
    covers: ({ operation, witness }) =>
      witness === JAVA &&
      /"[abc](\.[a-z0-9.]+)?":\{"[a-z]/.test(commandText(operation)) &&
      operation.documents.some((document) => holds(document, Array.isArray)),
  },
  {
    name: '$mod of a large int64 or of infinity',
    why: 'The remainder of an int64 is exact and infinity has none; the witness rounds to a double or an int32 first.',
    covers: ({ operation, witness }) =>
      witness === JAVA &&
      /\$mod/.test(commandText(operation)) &&
      operation.documents.some((document) => holds(document, isBeyondInt32)),
  },
  {
    name: '$mod on an array',
    why: 'An array satisfies a condition when one element does; the witness does not look into arrays for $mod.',
    covers: ({ operation, witness }) =>
      witness === FERRETDB &&
      /\$mod/.test(commandText(operation)) &&
      operation.documents.some((document) => holds(document, Array.isArray)),
  },
  {
    name: 'conditions beside $ne with a document',
    why: 'All operators of a condition must hold; the witness forgets the others when $ne names a document.',
    covers: ({ operation, witness }) =>
      witness === FERRETDB && /\{"\$ne":\{(?!"\$)[^{}]*(\{[^{}]*\})?[^{}]*\},"/.test(commandText(operation)),
  },
  {
    name: 'null below an array',
    why: 'A path that meets an array asks the documents in it; where there are none, nothing is there to be null. The witness takes the field for missing.',
    covers: ({ operation, witness }) =>
      witness === FERRETDB &&
      /":(null|\{"\$(eq|[gl]te|in)":(null|\[[^\]]*null))/.test(commandText(operation)) &&
      pathsOf(operation.command).some((path) =>
        operation.documents.some((document) => walks(document, path)),
      ),
  },
  {
    name: '$elemMatch and its elements',
    why: '$elemMatch wants one element that satisfies every condition, so nothing in an empty array does; the witness does not look into documents and takes negations for true.',
    covers: ({ operation, witness }) =>
      witness === FERRETDB &&
      /\$elemMatch/.test(commandText(operation)) &&
      operation.documents.some((document) => holds(document, Array.isArray)),
  },
];

const isNaNDouble = (value: unknown): boolean => value instanceof Double && Number.isNaN(value.value);
const isSorted = ({ command }: Operation): boolean =>
  Object.keys(command.sort ?? {}).some((path) => path !== '_id');
const isBeyondInt32 = (value: unknown): boolean => value instanceof Long || value instanceof Double;
