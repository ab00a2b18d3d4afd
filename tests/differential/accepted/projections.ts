import { canonical, type Outcome } from '../outcome.js';
import { type AcceptedDifference, commandText, FERRETDB, JAVA } from './kind.js';
import { sameInAnyOrder } from './outcomes.js';

/** Where projections part ways with a witness. */
export const ACCEPTED_PROJECTIONS: readonly AcceptedDifference[] = [
  {
    name: '$elemMatch on a nested field',
    why: 'The manual allows an $elemMatch projection on a top-level field only; the witness takes dotted ones.',
    covers: ({ store }) => store.kind === 'error' && store.code === 31275,
  },
  {
    name: '$slice and $elemMatch beside exclusions',
    why: 'They are neither inclusion nor exclusion and go with both; the witness takes them for inclusions.',
    covers: ({ operation, witness, other }) =>
      witness === JAVA && isPathFault(other) && /"\$(slice|elemMatch)"/.test(commandText(operation)),
  },
  {
    name: '_id may be named beside exclusions',
    why: 'The _id is returned unless it is excluded, so naming it is no inclusion; the witness takes it for one.',
    covers: ({ witness, other }) =>
      witness === JAVA && other.kind === 'error' && /inclusion on field _id /.test(other.message),
  },
  {
    name: '$elemMatch on single values',
    why: '$elemMatch projects the first element that satisfies operators, whatever its type; the witness looks into documents only.',
    covers: ({ operation, witness }) =>
      witness === JAVA && /"\$elemMatch":\{"\$/.test(canonical(operation.command.projection ?? {})),
  },
  {
    name: 'which fault of a projection is named',
    why: 'Of several faults the first on the way through the projection is named, and a path below another (31249) is told from one above (31250).',
    covers: ({ store, other }) => isPathFault(store) && isPathFault(other),
  },
  {
    name: '$slice of no elements',
    why: 'The number of elements after a position must be positive; the witness takes zero.',
    covers: ({ store }) => store.kind === 'error' && store.code === 28724,
  },
  {
    name: '$slice keeps the rest',
    why: 'A projection of nothing but $slice returns all other fields as they are; the witness leaves them out.',
    covers: ({ operation, witness, other }) =>
      witness === JAVA && other.kind === 'value' && /"\$slice"/.test(commandText(operation)),
  },
  {
    name: 'fields keep the order of the document',
    why: 'An inclusion returns the fields in the order in which they are stored; the witness takes the order of the projection.',
    covers: (difference) =>
      Object.hasOwn(difference.operation.command, 'projection') && sameInAnyOrder(difference),
  },
  {
    name: 'colliding paths are refused',
    why: 'A projection must not name a path and another below it; the witness looks at that late or never.',
    covers: ({ store, other, witness }) =>
      witness === FERRETDB && isPathFault(store) && other.kind === 'value',
  },
];

const PATH_FAULTS = new Set([31249, 31250, 31253, 31254]);
const isPathFault = (outcome: Outcome): boolean => outcome.kind === 'error' && PATH_FAULTS.has(outcome.code);
