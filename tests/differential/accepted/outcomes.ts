import type { Difference } from '../operation.js';
import type { Outcome } from '../outcome.js';
import { commandText } from './kind.js';

/** Whether the command names one of these operators. */
export function names({ operation }: Difference, ...operators: readonly string[]): boolean {
  const text = commandText(operation);
  return operators.some((operator) => text.includes(`"${operator}":`));
}

export const refuses = (outcome: Outcome, ...codes: readonly number[]): boolean =>
  outcome.kind === 'error' && codes.includes(outcome.code);

export const textOf = (outcome: Outcome): string =>
  outcome.kind === 'value' ? outcome.text : outcome.message;

/** The store refuses with one of these codes what the other answers. */
export const onlyStoreRefuses = ({ store, other }: Difference, ...codes: readonly number[]): boolean =>
  other.kind === 'value' && refuses(store, ...codes);

/** Two values that are the same once both are looked at in this way. */
function alike({ store, other }: Difference, view: (text: string) => string): boolean {
  return store.kind === 'value' && other.kind === 'value' && view(store.text) === view(other.text);
}

const NUMBER = /\{"\$number(?:Int|Long|Double)":"(-?[\d.]+(?:E[+-]?\d+)?)"\}/g;

/** The same but for the types of numbers. */
export const sameByValue = (difference: Difference): boolean =>
  alike(difference, (text) => text.replace(NUMBER, (_all, digits: string) => String(Number(digits))));

/** The same but for the last digits of numbers. */
export const nearlySame = (difference: Difference): boolean =>
  alike(difference, (text) => text.replace(NUMBER, (_all, digits: string) => Number(digits).toPrecision(13)));

/** The same but for the numbers and the truth values. */
export const sameShape = (difference: Difference): boolean =>
  alike(difference, (text) => text.replace(NUMBER, '#').replace(/true|false/g, '?'));

/** The same but for the order of what is in it. */
export const sameInAnyOrder = (difference: Difference): boolean =>
  alike(difference, (text) => [...text].sort().join(''));

/** A path or a variable that was given back as a text; no document holds such a text. */
export const isUnevaluated = (outcome: Outcome): boolean =>
  outcome.kind === 'value' && /"\$[\w.$]+"(?!:)|"\$(?!number|oid|date)\w+":/.test(outcome.text);
