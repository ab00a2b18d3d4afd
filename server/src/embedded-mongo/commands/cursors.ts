import { StoreError } from '../errors.js';

/** Anything documents can be pulled from in batches. */
export interface BatchSource {
  readonly done: boolean;
  nextBatch(maxDocuments: number, maxBytes: number): Promise<Uint8Array[]>;
}

interface OpenCursor {
  readonly source: BatchSource;
  readonly namespace: string;
  lastUsed: number;
  busy: boolean;
}

/** As long as MongoDB's own idle time. */
const CURSOR_IDLE_MS = 10 * 60 * 1000;
/** An open cursor is small, but an unbounded number of forgotten ones is not. */
const MAX_OPEN_CURSORS = 1000;

/** Cursors that have more to give. Idle ones expire; when there are too many, the one unused longest goes first. */
export class CursorRegistry {
  private readonly cursors = new Map<bigint, OpenCursor>();
  private lastId = 0n;

  constructor(
    private readonly now: () => number,
    private readonly limits: { idleMs: number; maxOpen: number } = {
      idleMs: CURSOR_IDLE_MS,
      maxOpen: MAX_OPEN_CURSORS,
    },
  ) {}

  get size(): number {
    return this.cursors.size;
  }

  open(source: BatchSource, namespace: string): bigint {
    this.expire();
    while (this.cursors.size >= this.limits.maxOpen) {
      const [oldest] = [...this.cursors]
        .filter(([, cursor]) => !cursor.busy)
        .sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
      if (!oldest) throw new StoreError('OperationFailed', 'Too many open cursors');
      this.cursors.delete(oldest[0]);
    }
    // Not guessable from one's own ids alone, and never 0, which means "no cursor".
    this.lastId += BigInt(1 + Math.floor(Math.random() * 0xffff_ffff));
    this.cursors.set(this.lastId, { source, namespace, lastUsed: this.now(), busy: false });
    return this.lastId;
  }

  /** Run `read` on a cursor, which meanwhile cannot expire; it is closed when it has no more to give. */
  async use(
    id: bigint,
    namespace: string,
    read: (source: BatchSource) => Promise<Uint8Array[]>,
  ): Promise<{ documents: Uint8Array[]; cursorId: bigint }> {
    this.expire();
    const cursor = this.cursors.get(id);
    if (!cursor) throw new StoreError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new StoreError('Unauthorized', `cursor id ${id} belongs to a different namespace`);
    }
    if (cursor.busy) throw new StoreError('OperationFailed', `cursor id ${id} is already in use`);
    cursor.busy = true;
    try {
      const documents = await read(cursor.source);
      if (cursor.source.done) this.cursors.delete(id);
      return { documents, cursorId: cursor.source.done ? 0n : id };
    } catch (error) {
      this.cursors.delete(id);
      throw error;
    } finally {
      cursor.busy = false;
      cursor.lastUsed = this.now();
    }
  }

  kill(id: bigint): boolean {
    return this.cursors.delete(id);
  }

  expire(): void {
    const oldest = this.now() - this.limits.idleMs;
    for (const [id, cursor] of this.cursors) {
      if (!cursor.busy && cursor.lastUsed < oldest) this.cursors.delete(id);
    }
  }
}
