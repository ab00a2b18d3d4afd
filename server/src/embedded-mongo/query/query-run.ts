import { setImmediate } from 'node:timers/promises';
import { decodeTyped, encodeDocument } from '../bson/raw.js';
import type { BsonObject } from '../bson/values.js';
import type { Collection } from '../storage/catalogue.js';
import type { Engine } from '../storage/engine.js';
import type { Candidate, Scan } from '../storage/scans.js';
import { expressionsWith } from './expressions.js';
import { compileFilter, type Matcher } from './matcher.js';
import { openScan, type Plan, planQuery } from './planner.js';
import { compileProjection, type Projection } from './projection.js';
import { parseSort, Sorter, type SortField, sortKeyOf } from './sort.js';

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
  /** Variables of a `let`, for `$expr`. */
  readonly variables?: BsonObject;
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
  private readonly matcher: Matcher;
  private readonly matchesAll: boolean;
  private readonly sort: readonly SortField[];
  private readonly projection: Projection;
  private readonly scan: Scan;
  private readonly limit: number;
  private toSkip: number;
  private sinceYield = 0;
  private sorted: Match[] | undefined;
  private finished = false;

  constructor(engine: Engine, collection: Collection, spec: QuerySpec) {
    this.sort = parseSort(spec.sort);
    this.matcher = compileFilter(spec.filter, spec.variables && expressionsWith(spec.variables));
    this.matchesAll = Object.keys(spec.filter).length === 0;
    this.projection = compileProjection(spec.projection);
    this.limit = spec.limit === undefined || spec.limit === 0 ? Number.POSITIVE_INFINITY : spec.limit;
    this.toSkip = spec.skip ?? 0;
    this.plan = planQuery(collection, { filter: spec.filter, sort: this.sort, hint: spec.hint });
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
    const batch: Buffer[] = [];
    let bytes = 0;
    while (batch.length < maxDocuments && bytes < maxBytes && !this.finished) {
      const match = await this.nextMatch();
      if (!match) break;
      const document = this.projection ? encodeDocument(this.projection(match.document)) : match.bytes;
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
        if (match) addTo(sorter, match, this.sort);
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
      if (match) addTo(sorter, match, this.sort);
    }
    return sorter.sorted();
  }

  private newSorter(): Sorter<Match> {
    const keep = Number.isFinite(this.limit) ? this.limit + this.toSkip : undefined;
    return new Sorter<Match>((match) => match.bytes.length, keep);
  }

  private check(candidate: Candidate): Match | undefined {
    this.docsExamined++;
    this.sinceYield++;
    if (this.matchesAll) return new Match(candidate.record, candidate.bytes);
    const document = decodeTyped(candidate.bytes);
    return this.matcher(document) ? new Match(candidate.record, candidate.bytes, document) : undefined;
  }

  private async giveWay(): Promise<void> {
    this.sinceYield = 0;
    await setImmediate();
  }
}

/** What waits to be sorted is kept as bytes only: decoded documents are several times larger. */
function addTo(sorter: Sorter<Match>, match: Match, sort: readonly SortField[]): void {
  sorter.add(sortKeyOf(match.document, sort), new Match(match.record, match.bytes));
}
