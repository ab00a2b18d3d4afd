import { Double, EJSON, Int32, Long, ObjectId, Timestamp } from 'bson';
import { type Document, MongoServerError } from 'mongodb';
import { KNOWN_IDS } from './generate/values.js';

/** What a server made of an operation, in a form that can be compared with another server's. */
export type Outcome =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  /** The server says that it does not do this. */
  | { readonly kind: 'abstains'; readonly message: string };

/** How much of a value counts. */
export interface Looseness {
  /** Rows may come in any order. */
  readonly anyOrder?: boolean;
  /** Numbers compare by value, whatever their BSON type. */
  readonly anyNumberType?: boolean;
}

/** NotImplemented, CommandNotFound, CommandNotSupported, an unknown stage, and no code at all: not claimed, so no witness. */
const NOT_CLAIMED = new Set([238, 59, 115, 40324, 0]);
const NOT_CLAIMED_MESSAGE =
  /not (yet )?(implemented|supported)|unsupported(?! conversion)|no such command|unrecognized expression|unknown (group )?operator/i;

export async function outcomeOf(run: () => Promise<string>): Promise<Outcome> {
  try {
    return { kind: 'value', text: await run() };
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    const { message } = error;
    if (!isClaimedCode(error.code) || NOT_CLAIMED_MESSAGE.test(message)) return { kind: 'abstains', message };
    return { kind: 'error', code: Number(error.code ?? 0), message };
  }
}

/** False when a server refuses because it does not do what was asked at all. */
export const isClaimedCode = (code: unknown): boolean => !NOT_CLAIMED.has(Number(code ?? 0));

/** Two outcomes agree when both are the same value, or both refuse with the same code. */
export function agree(a: Outcome, b: Outcome): boolean {
  if (a.kind === 'value' && b.kind === 'value') return a.text === b.text;
  return a.kind === 'error' && b.kind === 'error' && a.code === b.code;
}

export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'value') return outcome.text.replaceAll('\n', '\n      ');
  const code = outcome.kind === 'error' ? `error ${outcome.code}` : 'abstains';
  return `${code}: ${outcome.message.slice(0, 200)}`;
}

/** The rows of a reply with a cursor, one a line. */
export function rowsText(reply: Document, looseness: Looseness): string {
  const rows: unknown[] = reply.cursor?.firstBatch ?? [];
  const lines = rows.map((row) => canonical(row, looseness));
  return (looseness.anyOrder ? lines.sort() : lines).join('\n');
}

/** Extended JSON with every type spelled out; ids the server made and times near now become words. */
export function canonical(value: unknown, looseness: Looseness = {}): string {
  return EJSON.stringify(settle(value, looseness), { relaxed: false });
}

const DAY_MS = 86_400_000;
const isNow = (ms: number): boolean => Math.abs(ms - Date.now()) < DAY_MS;

function settle(value: unknown, looseness: Looseness): unknown {
  if (Array.isArray(value)) return value.map((entry) => settle(entry, looseness));
  if (value instanceof ObjectId) return KNOWN_IDS.has(value.toHexString()) ? value : 'a new id';
  if (value instanceof Date) return isNow(value.getTime()) ? 'now' : value;
  if (value instanceof Timestamp) return isNow(value.t * 1000) ? 'now, as a timestamp' : value;
  if (looseness.anyNumberType) {
    if (value instanceof Int32 || value instanceof Double) return value.value;
    if (value instanceof Long) return value.toNumber();
  }
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, settle(field, looseness)]));
}
