import { setImmediate } from 'node:timers/promises';
import type { Collation } from '../bson/collation.js';
import { decodeTyped, encodeResult } from '../bson/raw.js';
import type { BsonObject } from '../bson/values.js';
import type { Collection } from '../storage/catalogue.js';
import type { Engine } from '../storage/engine.js';
import type { Candidate, Scan } from '../storage/scans.js';
import { SomeFields } from '../storage/some-fields.js';
import { expressionsWith } from './expressions.js';
import { filterFields } from './filter/filter-fields.js';
import { compileFilter, type Matcher } from './filter/matcher.js';
import { openScan, type Plan, planQuery } from './plan/planner.js';
import { compileProjection, type Projection } from './projection/projection.js';
import { parseSort, Sorter, type SortRules } from './sort.js';
import type { TimeLimit } from './time-limit.js';

/** A document that satisfies the filter, as stored; decoded when somebody looks inside. */
export class Match implements Candidate {
  constructor(
    readonly record: number,
    readonly bytes: Buffer,
    private decoded?: BsonObject,
  ) {}

  get document(): BsonObject {
    this.decoded ??= decodeTyped(this.bytes);
    return this.decoded;
  }
}

export interface QuerySpec {
  readonly filter: BsonObject;
  readonly sort?: unknown;
  readonly projection?: unknown;
  readonly hint?: unknown;
  readonly skip?: number;
  /** 0 or absent: no limit. */
  readonly limit?: number;
  /** Variables of a `let`, for expressions. */
  readonly variables?: BsonObject | undefined;
  readonly collation?: Collation | undefined;
  readonly timeLimit?: TimeLimit | undefined;
}

/** The test of a query's filter, with all that its meaning depends on. Refuses a filter that is wrong. */
export function matcherOf(spec: Pick<QuerySpec, 'filter' | 'variables' | 'collation'>): Matcher {
  const expressions = spec.variables && expressionsWith(spec.variables);
  return compileFilter(spec.filter, { expressions, collation: spec.collation });
}

/** Tells whether a stored document satisfies a filter. */
export type MatchTest = (candidate: Candidate) => Match | undefined;

/** The same test for documents as they are stored: it decodes no more of each than the filter looks at. */
export function matchTestOf(spec: Pick<QuerySpec, 'filter' | 'variables' | 'collation'>): MatchTest {
  const matcher = matcherOf(spec);
  const names = filterFields(spec.filter);
  if (names === undefined) {
    return ({ record, bytes }) => {
      const document = decodeTyped(bytes);
      return matcher(document) ? new Match(record, bytes, document) : undefined;
    };
  }
  const fields = new SomeFields(names);
  return ({ record, bytes }) => (matcher(fields.decode(bytes)) ? new Match(record, bytes) : undefined);
}

/** A long scan gives way to other connections after this many documents. */
const DOCUMENTS_PER_TURN = 512;

/**
 * One running query: plan, scan, filter, sort, skip, limit, projection. It pulls documents as batches are asked for, so an
 * open cursor costs nothing while nobody reads from it; only a sort without an index reads everything first.
 */
export class QueryRun {
  readonly plan: Plan;
  docsExamined = 0;
  returned = 0;
  private readonly matches: MatchTest;
  private readonly matchesAll: boolean;
  private readonly sort: SortRules;
  private readonly timeLimit: TimeLimit | undefined;
  private readonly projection: Projection;
  private readonly scan: Scan;
  private readonly limit: number;
  private toSkip: number;
  private sinceYield = 0;
  private sorted: Match[] | undefined;
  private finished = false;

  constructor(engine: Engine, collection: Collection, spec: QuerySpec) {
    const { filter, hint, collation } = spec;
    this.sort = { fields: parseSort(spec.sort), collation };
    this.timeLimit = spec.timeLimit;
    this.matches = matchTestOf(spec);
    this.matchesAll = Object.keys(filter).length === 0;
    this.projection = compileProjection(spec.projection, spec);
    this.limit = spec.limit === undefined || spec.limit === 0 ? Number.POSITIVE_INFINITY : spec.limit;
    this.toSkip = spec.skip ?? 0;
    this.plan = planQuery(collection, { filter, sort: this.sort.fields, hint, collation });
    const wanted =
      this.plan.providesSort && Number.isFinite(this.limit) ? this.limit + this.toSkip : undefined;
    this.scan = openScan(engine, collection, this.plan, wanted);
  }

  get keysExamined(): number {
    return this.scan.keysExamined;
  }

  get done(): boolean {
    return this.finished;
  }

  /** The next documents as BSON, until a batch is full by number or by bytes. */
  async nextBatch(maxDocuments: number, maxBytes: number): Promise<Buffer[]> {
    this.timeLimit?.resume();
    try {
      return await this.readBatch(maxDocuments, maxBytes);
    } finally {
      this.timeLimit?.pause();
    }
  }

  private async readBatch(maxDocuments: number, maxBytes: number): Promise<Buffer[]> {
    const batch: Buffer[] = [];
    let bytes = 0;
    while (batch.length < maxDocuments && bytes < maxBytes && !this.finished) {
      const match = await this.nextMatch();
      if (!match) break;
      const document = this.projection ? encodeResult(this.projection(match.document)) : match.bytes;
      batch.push(document);
      bytes += document.length;
    }
    return batch;
  }

  /** The next match after sort, skip and limit; undefined at the end. */
  async nextMatch(): Promise<Match | undefined> {
    for (;;) {
      if (this.returned >= this.limit) this.finished = true;
      if (this.finished) return undefined;
      const match = this.plan.providesSort ? await this.nextInScan() : await this.nextInSort();
      if (!match) {
        this.finished = true;
        return undefined;
      }
      if (this.toSkip > 0) {
        this.toSkip--;
        continue;
      }
      this.returned++;
      // Known now, so that no cursor is left open for nothing.
      this.finished = this.returned >= this.limit;
      return match;
    }
  }

  /** As `nextMatch`, without giving way: for use inside a write job, where nothing else may run. */
  nextMatchNow(): Match | undefined {
    if (!this.plan.providesSort) {
      this.sorted ??= this.sortNow();
      return this.sorted.shift();
    }
    for (let candidate = this.scan.next(); candidate; candidate = this.scan.next()) {
      const match = this.check(candidate);
      if (this.sinceYield >= DOCUMENTS_PER_TURN) this.checkTime();
      if (match) return match;
    }
    return undefined;
  }

  private async nextInScan(): Promise<Match | undefined> {
    for (let candidate = this.scan.next(); candidate; candidate = this.scan.next()) {
      const match = this.check(candidate);
      if (this.sinceYield >= DOCUMENTS_PER_TURN) await this.giveWay();
      if (match) return match;
    }
    return undefined;
  }

  private async nextInSort(): Promise<Match | undefined> {
    if (!this.sorted) {
      const sorter = this.newSorter();
      for (let candidate = this.scan.next(); candidate; candidate = this.scan.next()) {
        const match = this.check(candidate);
        if (match) addTo(sorter, match);
        if (this.sinceYield >= DOCUMENTS_PER_TURN) await this.giveWay();
      }
      this.sorted = sorter.sorted().reverse();
    }
    return this.sorted.pop();
  }

  private sortNow(): Match[] {
    const sorter = this.newSorter();
    for (let candidate = this.scan.next(); candidate; candidate = this.scan.next()) {
      const match = this.check(candidate);
      if (match) addTo(sorter, match);
      if (this.sinceYield >= DOCUMENTS_PER_TURN) this.checkTime();
    }
    return sorter.sorted();
  }

  private newSorter(): Sorter<Match> {
    const keep = Number.isFinite(this.limit) ? this.limit + this.toSkip : undefined;
    return new Sorter<Match>(this.sort, (match) => match.bytes.length, keep);
  }

  private check(candidate: Candidate): Match | undefined {
    this.docsExamined++;
    this.sinceYield++;
    if (this.matchesAll) return new Match(candidate.record, candidate.bytes);
    return this.matches(candidate);
  }

  private async giveWay(): Promise<void> {
    await setImmediate();
    this.checkTime();
  }

  private checkTime(): void {
    this.sinceYield = 0;
    this.timeLimit?.check();
  }
}

/** What waits to be sorted is kept as bytes only: decoded documents are several times larger. */
function addTo(sorter: Sorter<Match>, match: Match): void {
  sorter.add(match.document, new Match(match.record, match.bytes));
}
