import { BSONSymbol } from 'bson';
import type { StoreError } from '../errors.js';
import { type FoldStrength, foldText } from './fold.js';
import { type BsonObject, isObject, numberOf, setField, TAG, tagOf } from './values.js';

/** The version of the collation rules MongoDB 6 to 8 reports and accepts. */
const RULES_VERSION = '57.1';
const LOCALES = new Set<unknown>(['en', 'en_US']);

/** Options whose other values would change what is equal or how it is ordered. */
const FIXED_OPTIONS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['caseLevel', false],
  ['caseFirst', 'off'],
  ['numericOrdering', false],
  ['alternate', 'non-ignorable'],
  ['backwards', false],
  ['version', RULES_VERSION],
]);

/** Options that make no difference here: nothing is ignorable by its kind, and every text is normalised. */
const FREE_OPTIONS: ReadonlyMap<string, readonly unknown[]> = new Map([
  ['maxVariable', ['punct', 'space']],
  ['normalization', [false, true]],
]);

/** How texts are compared without regard to case. Two of them are the same when their `id` is. */
export class Collation {
  readonly id: string;
  private readonly strength: FoldStrength;
  private collator: Intl.Collator | undefined;
  private folded: Collation | undefined;

  /** `spec` has every field, as MongoDB reports it. */
  constructor(
    readonly spec: BsonObject,
    private readonly isFolding = true,
  ) {
    this.id = JSON.stringify(spec);
    this.strength = spec.strength === 1 ? 1 : 2;
  }

  /** The form that all equal texts share. */
  fold(text: string): string {
    return this.isFolding ? foldText(text, this.strength) : text;
  }

  /** The same for texts that are folded already. */
  get ofFolded(): Collation {
    this.folded ??= new Collation(this.spec, false);
    return this.folded;
  }

  /** The order of two texts; zero exactly when their folded forms are the same. */
  compare(a: string, b: string): number {
    const [x, y] = [this.fold(a), this.fold(b)];
    if (x === y) return 0;
    this.collator ??= new Intl.Collator('en', { sensitivity: this.strength === 1 ? 'base' : 'accent' });
    return this.collator.compare(x, y) || (x < y ? -1 : 1);
  }
}

/** True for the same rules, or for none on both sides. */
export function sameCollation(a: Collation | undefined, b: Collation | undefined): boolean {
  return a?.id === b?.id;
}

/** How to compare one value with many: fold each once, then compare by `rules`. Without a collation nothing is folded. */
export interface Folding {
  fold(value: unknown): unknown;
  readonly rules: Collation | undefined;
}

export function foldingOf(collation: Collation | undefined): Folding {
  if (!collation) return { fold: (value) => value, rules: undefined };
  return { fold: (value) => foldValue(value, collation), rules: collation.ofFolded };
}

function foldValue(value: unknown, collation: Collation): unknown {
  if (typeof value === 'string') return collation.fold(value);
  if (value instanceof BSONSymbol) return collation.fold(value.value);
  if (Array.isArray(value)) return value.map((element: unknown) => foldValue(element, collation));
  if (!isObject(value)) return value;
  const copy: BsonObject = {};
  for (const field of Object.keys(value)) setField(copy, field, foldValue(value[field], collation));
  return copy;
}

const known = new Map<string, Collation>();

/**
 * Read a `collation` option; undefined stands for comparing by bytes. Anything but case-insensitive English is refused
 * with the error `refuse` makes of the reason.
 */
export function parseCollation(
  value: unknown,
  refuse: (reason: string) => StoreError,
): Collation | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw refuse("BSON field 'collation' is the wrong type, expected type 'object'");
  if (value.locale === 'simple') return undefined;
  if (!LOCALES.has(value.locale)) throw refuse(unsupported('locale', value.locale));
  const strength = numberOf(value.strength) ?? 3;
  if (strength !== 1 && strength !== 2) throw refuse(unsupported('strength', strength));
  for (const option of Object.keys(value)) {
    if (option === 'locale' || option === 'strength') continue;
    const allowed = FREE_OPTIONS.get(option) ?? [FIXED_OPTIONS.get(option)];
    if (!allowed.includes(value[option]) || value[option] === undefined) {
      throw refuse(unsupported(option, value[option]));
    }
  }
  const spec = {
    locale: value.locale,
    caseLevel: false,
    caseFirst: 'off',
    strength,
    numericOrdering: false,
    alternate: 'non-ignorable',
    maxVariable: value.maxVariable ?? 'punct',
    normalization: value.normalization ?? false,
    backwards: false,
    version: RULES_VERSION,
  };
  const id = JSON.stringify(spec);
  const collation = known.get(id) ?? new Collation(spec);
  known.set(id, collation);
  return collation;
}

function unsupported(option: string, value: unknown): string {
  return `The embedded store knows the collation { locale: 'en', strength: 1 or 2 } only, not ${option}: ${JSON.stringify(value)}; point MONGODB_URI at MongoDB to use others`;
}

/** True when a value is a text or has one inside, so that a collation may change what it equals. */
export function holdsText(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsText);
  if (isObject(value)) return Object.values(value).some(holdsText);
  const tag = tagOf(value);
  return tag === TAG.string || tag === TAG.codeWithScope;
}
