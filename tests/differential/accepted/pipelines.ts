import { ACCEPTED_EXPRESSIONS } from './expressions.js';
import type { AcceptedDifference } from './kind.js';

/** Where pipelines part ways with a witness. */
export const ACCEPTED_PIPELINES: readonly AcceptedDifference[] = [...ACCEPTED_EXPRESSIONS];
