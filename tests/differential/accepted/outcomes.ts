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

/** The same but for numbers, and each of those differs in this way only. */
export function sameButNumbers(
  { store, other }: Difference,
  mayDiffer: (ours: number, theirs: number) => boolean,
): boolean {
  if (store.kind !== 'value' || other.kind !== 'value') return false;
  if (store.text.replace(NUMBER, '#') !== other.text.replace(NUMBER, '#')) return false;
  const [ours, theirs] = [store.text, other.text].map((text) =>
    [...text.matchAll(NUMBER)].map(([, digits = '']) => Number(digits)),
  );
  return (
    ours?.every((number, i) => number === theirs?.[i] || mayDiffer(number, Number(theirs?.[i]))) ?? false
  );
}

/** The same but for the order of the fields, of the elements of arrays, or of both. */
export const sameInAnyOrder = (difference: Difference): boolean =>
  alike(difference, (text) =>
    text
      .split('\n')
      .map((row) => JSON.stringify(inOrder(JSON.parse(row))))
      .join('\n'),
  );

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inside = Object.entries(value).map(([name, entry]) => [name, inOrder(entry)] as const);
  const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  if (Array.isArray(value)) return inside.map(([, entry]) => entry).sort(byText);
  return Object.fromEntries(inside.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A path or a variable that was given back as a text; no document holds such a text. */
export const isUnevaluated = (outcome: Outcome): boolean =>
  outcome.kind === 'value' && /"\$[\w.$]+"(?!:)|"\$(?!number|oid|date)\w+":/.test(outcome.text);
