import type { Collation } from '../../bson/collation.js';
import { type BsonObject, isObject, numberOf } from '../../bson/values.js';
import { LocationError } from '../../errors.js';
import { type ExpressionCompiler, expressionsWith } from '../expressions.js';
import { badValue, unsupportedUnderCollation } from '../filter/filter-syntax.js';
import { compileElemMatch } from '../filter/matcher.js';
import { type ArraySlice, arraySlice, projectedPath } from './projection-parts.js';

/** A value worked out from the whole document. */
export interface ComputedLeaf {
  readonly kind: 'compute';
  readonly evaluate: (document: BsonObject) => unknown;
}
type Leaf = { readonly kind: 'keep' | 'drop' | 'slice' | 'elemMatch' | 'position' } | ComputedLeaf;
/** What happens to the fields of a document, and to those of the documents in it. */
export type ProjectionTree = Map<string, ProjectionTree | Leaf>;

/** What the meaning of a projection depends on besides itself. */
export interface ProjectionContext {
  /** The filter that found the documents, for `$`. */
  readonly filter?: BsonObject;
  readonly variables?: BsonObject | undefined;
  readonly collation?: Collation | undefined;
  /** How computed fields are evaluated; without it by expressions that know no collation. */
  readonly expressions?: ExpressionCompiler | undefined;
  /** Read as `$project` does, which lacks what only find knows: positions, `$elemMatch`, and `$slice` of the field itself. */
  readonly inPipeline?: boolean;
}

/** A projection that was read and found right: a tree of fields, and what is done to arrays afterwards. */
export interface ParsedProjection {
  readonly including: boolean;
  readonly tree: ProjectionTree;
  readonly computed: readonly ComputedLeaf[];
  readonly slices: readonly { path: readonly string[]; slice: ArraySlice }[];
  readonly elemMatches: readonly { field: string; matches: (element: unknown) => boolean }[];
  /** The path of `path.$`. */
  readonly positional: readonly string[] | undefined;
}

/** Read a projection. Refuses what MongoDB refuses, with its codes, whether or not a document is found. */
export function parseProjection(spec: BsonObject, context: ProjectionContext): ParsedProjection {
  const reader = new SpecReader(context);
  reader.readFields(spec, []);
  return reader.finish();
}

class SpecReader {
  private including: boolean | undefined;
  private id: 'keep' | 'drop' | undefined;
  private readonly tree: ProjectionTree = new Map();
  private readonly computed: ComputedLeaf[] = [];
  private readonly slices: { path: readonly string[]; slice: ArraySlice }[] = [];
  private readonly elemMatches: { field: string; matches: (element: unknown) => boolean }[] = [];
  private positional: readonly string[] | undefined;

  constructor(private readonly context: ProjectionContext) {}

  readFields(spec: BsonObject, below: readonly string[]): void {
    for (const name of Object.keys(spec)) {
      if (name.endsWith('.$') && this.context.inPipeline) {
        throw new LocationError(31324, 'Cannot use positional projection in aggregation projection');
      }
      if (name.includes('.$.')) {
        throw new LocationError(31394, 'The positional operator may only stand at the end: a.b.$');
      }
      if (name.endsWith('.$')) this.readPositional(name, spec[name], below);
      else this.readField(name, spec[name], [...below, ...projectedPath(name)]);
    }
  }

  finish(): ParsedProjection {
    const including = this.including ?? this.defaultsToIncluding();
    if (including && !this.tree.has('_id')) this.tree.set('_id', { kind: 'keep' });
    if (!including && this.id === 'keep') this.tree.delete('_id');
    const { tree, computed, slices, elemMatches, positional } = this;
    return { including, tree, computed, slices, elemMatches, positional };
  }

  /** What is meant when no field but `_id` was included or excluded. */
  private defaultsToIncluding(): boolean {
    if (this.slices.length > 0) return this.id === 'keep';
    return this.elemMatches.length > 0 || this.id === 'keep';
  }

  private readField(name: string, value: unknown, path: readonly string[]): void {
    if (isObject(value)) this.readObject(name, value, path);
    else if (typeof value !== 'boolean' && numberOf(value) === undefined) this.compute(value, path);
    else this.readFlag(name, value !== false && numberOf(value) !== 0, path);
  }

  private readFlag(name: string, keep: boolean, path: readonly string[]): void {
    this.add(path, { kind: keep ? 'keep' : 'drop' });
    if (path.length === 1 && path[0] === '_id') this.id = keep ? 'keep' : 'drop';
    else if (keep) this.include(name);
    else if (this.including) {
      throw new LocationError(31254, `Cannot do exclusion on field ${name} in inclusion projection`);
    } else this.including = false;
  }

  private include(name: string): void {
    if (this.including === false) {
      throw new LocationError(31253, `Cannot do inclusion on field ${name} in exclusion projection`);
    }
    this.including = true;
  }

  private readPositional(name: string, value: unknown, below: readonly string[]): void {
    if (isObject(value)) {
      throw new LocationError(31271, 'positional projection cannot be used with an expression or sub object');
    }
    if (typeof value !== 'boolean' && numberOf(value) === undefined) {
      throw new LocationError(31308, 'positional projection cannot be used with a literal');
    }
    if (value === false || numberOf(value) === 0) {
      throw new LocationError(31395, 'positional projection cannot be used with exclusion');
    }
    if (this.positional) {
      throw new LocationError(31276, 'Cannot specify more than one positional projection per query.');
    }
    if (this.elemMatches.length > 0) throw positionalWithElemMatch(31256);
    if (name === '.$') throw new LocationError(5392900, 'Projection on field .$ is invalid');
    this.positional = [...below, ...projectedPath(name.slice(0, -2))];
    this.add(this.positional, { kind: 'position' });
    this.include(name);
  }

  private readObject(name: string, value: BsonObject, path: readonly string[]): void {
    const names = Object.keys(value);
    const [operator] = names;
    if (operator === undefined) throw new LocationError(51270, `Invalid empty sub-projection: ${name}`);
    if (names.length > 1 || !operator.startsWith('$')) this.readFields(value, path);
    else if (operator === '$elemMatch') this.readElemMatch(value.$elemMatch, path);
    else if (operator === '$slice' && this.isFindSlice(value.$slice)) this.readSlice(value.$slice, path);
    else if (operator === '$meta') throw badValue('The embedded store has no $meta data');
    else if (this.including === false) {
      throw new LocationError(31252, 'Cannot use expression other than $meta in exclusion projection');
    } else this.compute(value, path);
  }

  /** `$slice` is also an expression, with an array as its first argument. */
  private isFindSlice(operand: unknown): boolean {
    if (this.context.inPipeline) return false;
    return !Array.isArray(operand) || operand.length < 2 || numberOf(operand[0]) !== undefined;
  }

  private readElemMatch(operand: unknown, path: readonly string[]): void {
    if (this.context.inPipeline) throw badValue('Cannot use $elemMatch in this context');
    if (!isObject(operand)) throw new LocationError(31274, 'elemMatch: Invalid argument, object required');
    if (this.positional) throw positionalWithElemMatch(31255);
    const [field = ''] = path;
    if (path.length > 1) {
      throw new LocationError(31275, 'Cannot use $elemMatch projection on a nested field.');
    }
    const holds = compileElemMatch(operand, this.context.collation);
    this.add(path, { kind: 'elemMatch' });
    this.elemMatches.push({ field, matches: (element) => holds([element]) });
  }

  private readSlice(operand: unknown, path: readonly string[]): void {
    this.add(path, { kind: 'slice' });
    this.slices.push({ path, slice: arraySlice(operand) });
  }

  private compute(expression: unknown, path: readonly string[]): void {
    if (this.including === false) {
      throw new LocationError(31310, 'Cannot use an expression in an exclusion projection');
    }
    this.including = true;
    const leaf: ComputedLeaf = { kind: 'compute', evaluate: this.evaluatorOf(expression) };
    this.add(path, leaf);
    this.computed.push(leaf);
  }

  private evaluatorOf(expression: unknown): ComputedLeaf['evaluate'] {
    const { expressions, collation, variables = {} } = this.context;
    if (expressions) return expressions(expression);
    if (collation) throw unsupportedUnderCollation('a computed projection');
    return expressionsWith(variables)(expression);
  }

  private add(path: readonly string[], leaf: Leaf): void {
    let branch = this.tree;
    for (const segment of path.slice(0, -1)) {
      const next = branch.get(segment) ?? new Map();
      if (!(next instanceof Map)) {
        const rest = path.slice(1).join('.');
        throw new LocationError(31249, `Path collision at ${path.join('.')} remaining portion ${rest}`);
      }
      branch.set(segment, next);
      branch = next;
    }
    const last = path.at(-1) ?? '';
    if (branch.has(last)) throw new LocationError(31250, `Path collision at ${path.join('.')}`);
    branch.set(last, leaf);
  }
}

function positionalWithElemMatch(code: number): LocationError {
  return new LocationError(code, 'Cannot specify positional operator and $elemMatch.');
}
