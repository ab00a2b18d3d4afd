// Owns what the server knows about the messages in the window: where each stands, whose it is, its number.
// Derived from the document; never stored.
import { editValueSchema, type MessageValue, messageValueSchema } from '@parley/shared';
import type { SegmentTypes } from './segments.js';

export type Part = keyof SegmentTypes;

export interface Segment extends SegmentTypes {
  /** Every message that was ever put here, deleted ones too. */
  readonly ids: Set<string>;
  /** The last log position that put a message here. */
  lastPosition: number;
  /** Roughly how much text is here, edits included. */
  bytes: number;
  /** The highest and the lowest number of a message here, as far as history has told. */
  maxSeq: number;
  minSeq: number;
}

export interface Known {
  readonly value: MessageValue;
  readonly segment: Segment;
  seq: number | null;
}

export class WindowIndex {
  readonly #known = new Map<string, Known>();
  /** By identity of the shared type. */
  readonly #parts = new Map<unknown, { readonly segment: Segment; readonly part: Part }>();
  readonly #segments: Segment[] = [];

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Messages in the window, those that were deleted since included: they take their place until the segment leaves. */
  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.ids.size, 0);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get last(): Segment {
    const last = this.#segments.at(-1);
    if (last === undefined) throw new TypeError('a conversation has at least one segment');
    return last;
  }

  /** Takes in a segment with what is in it. */
  addSegment(types: SegmentTypes, position: number): void {
    const numbers = { maxSeq: 0, minSeq: Number.POSITIVE_INFINITY };
    const segment: Segment = { ...types, ids: new Set(), lastPosition: position, bytes: 0, ...numbers };
    this.#segments.push(segment);
    this.#parts.set(types.messages, { segment, part: 'messages' });
    this.#parts.set(types.edits, { segment, part: 'edits' });
    this.#parts.set(types.reactions, { segment, part: 'reactions' });
    for (const raw of types.messages) {
      const parsed = messageValueSchema.safeParse(raw);
      if (parsed.success) this.add(parsed.data, segment);
    }
    for (const raw of types.edits.values()) {
      const parsed = editValueSchema.safeParse(raw);
      if (parsed.success) segment.bytes += Buffer.byteLength(parsed.data.text);
    }
  }

  /** Forgets the oldest segment and returns it. */
  dropOldest(): Segment | undefined {
    const oldest = this.#segments.shift();
    if (oldest === undefined) return undefined;
    for (const id of oldest.ids) this.#known.delete(id);
    for (const type of [oldest.messages, oldest.edits, oldest.reactions]) this.#parts.delete(type);
    return oldest;
  }

  /** Which part of which segment a shared type is, or undefined when it is none. */
  partOf(type: unknown): { readonly segment: Segment; readonly part: Part } | undefined {
    return this.#parts.get(type);
  }

  find(id: string): Known | undefined {
    return this.#known.get(id);
  }

  /** Whether the message stood in the window and was deleted. */
  wasDeleted(id: string): boolean {
    return !this.#known.has(id) && this.#segments.some((segment) => segment.ids.has(id));
  }

  add(value: MessageValue, segment: Segment): void {
    segment.ids.add(value.id);
    segment.bytes += Buffer.byteLength(value.text);
    this.#known.set(value.id, { value, segment, seq: null });
  }

  remove(id: string): void {
    this.#known.delete(id);
  }

  number(id: string, seq: number): void {
    const known = this.#known.get(id);
    if (known !== undefined) known.seq = seq;
    const segment = known?.segment ?? this.#segments.find((each) => each.ids.has(id));
    if (segment === undefined) return;
    segment.maxSeq = Math.max(segment.maxSeq, seq);
    segment.minSeq = Math.min(segment.minSeq, seq);
  }

  /** Messages that have a number, by it. */
  sequenced(): { ids: string[]; seqs: number[] } {
    const numbered = [...this.#known].flatMap(([id, { seq }]) => (seq === null ? [] : [{ id, seq }]));
    numbered.sort((left, right) => left.seq - right.seq);
    return { ids: numbered.map(({ id }) => id), seqs: numbered.map(({ seq }) => seq) };
  }

  /** Ids of everything in the window. */
  ids(): string[] {
    return [...this.#known.keys()];
  }
}
