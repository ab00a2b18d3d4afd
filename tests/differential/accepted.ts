import type { AcceptedDifference } from './accepted/kind.js';
import { ACCEPTED_PIPELINES } from './accepted/pipelines.js';
import { ACCEPTED_PROJECTIONS } from './accepted/projections.js';
import { ACCEPTED_READS } from './accepted/reads.js';
import { ACCEPTED_WRITES } from './accepted/writes.js';
import type { Operation } from './operation.js';

/** What excuses one kind of operation excuses no other. */
const within =
  (isOfKind: (operation: Operation) => boolean) =>
  (accepted: AcceptedDifference): AcceptedDifference => ({
    ...accepted,
    covers: (difference) => isOfKind(difference.operation) && accepted.covers(difference),
  });

/** Pipelines, and the queries that compute as they do. */
const computes = ({ command }: Operation): boolean =>
  Object.hasOwn(command, 'aggregate') ||
  Object.hasOwn(command.filter ?? {}, '$expr') ||
  Object.hasOwn(command.projection ?? {}, 'r');

/** Every difference from a witness that is known and explained; the first that covers one names it. */
export const ACCEPTED: readonly AcceptedDifference[] = [
  ...[...ACCEPTED_READS, ...ACCEPTED_PROJECTIONS].map(
    within((operation) => operation.reads === true && !computes(operation)),
  ),
  ...ACCEPTED_PIPELINES.map(within(computes)),
  ...ACCEPTED_WRITES.map(within((operation) => operation.reads !== true && !computes(operation))),
];
