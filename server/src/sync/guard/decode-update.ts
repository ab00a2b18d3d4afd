/**
 * Owns: turning the bytes of a Yjs V1 update into plain data the guard can judge, before Yjs sees them; refusing bytes that are
 * no legal update, or that one part of Yjs would read differently from another.
 * Does not own: whether the actor may do what the update says, and anything only the document can tell: whether it knows what
 * is referred to, and whether it already holds these clocks with another content.
 *
 * Stricter than Yjs on purpose; everything an honest Yjs writes is taken. Source: yjs 13.6.33, utils/encoding.js
 * (`readClientsStructRefs`), utils/updates.js (`lazyStructReaderGenerator`), utils/DeleteSet.js, structs/Item.js.
 */

import { MalformedUpdate } from './bounded-reader.js';
import type {
  DecodedBlock,
  DecodedContent,
  DecodedDelete,
  DecodedItem,
  DecodedParent,
  DecodedStruct,
  DecodedUpdate,
  StructId,
} from './decoded-update.js';
import { type ValueLimits, ValueReader } from './value-reader.js';

export type { DecodedContent, DecodedStruct, DecodedUpdate, StructId };
export { MalformedUpdate };

/** What one update may hold in all. */
export interface DecodeLimits extends ValueLimits {
  readonly maxStructs: number;
  readonly maxDeletes: number;
}

/** Yjs 13 draws client ids with `random.uint32()`; a larger one comes from no stock client. */
const MAX_CLIENT_ID = 0xffff_ffff;

/**
 * No clock may reach past this. Yjs keeps what it cannot apply yet in its V2 format, whose clock columns are documented for
 * 31-bit numbers (lib0, `IntDiffOptRleEncoder`); honestly, one client id would have to type two billion characters.
 */
const MAX_CLOCK = 0x7fff_ffff;

/** What the smallest of each costs: a GC is a mark and a length, a deletion a clock and a length. */
const MIN_STRUCT_BYTES = 2;
const MIN_DELETE_BYTES = 2;
/** What stands before the structs of a client (count, client, clock) and before its deletions (client, count). */
const BLOCK_HEAD_BYTES = 3;
const DELETES_HEAD_BYTES = 2;

const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_PARENT_SUB = 0x20;
const CONTENT_BITS = 0x1f;
const GC = 0;
const SKIP = 10;

const XML_ELEMENT = 3;
const XML_HOOK = 5;
const LAST_TYPE = 6;

/**
 * Reads a whole V1 update, or throws `MalformedUpdate` and nothing else. Work and memory are bounded by the bytes and by
 * `limits`. What it returns is what Yjs would read from the same bytes, whether it applies, merges or diffs them. A V2 update
 * is refused as a rule but carries no mark of its own: it starts with 0, so misread it could only ever be a list of deletes.
 */
export function decodeUpdate(bytes: Uint8Array, limits: DecodeLimits): DecodedUpdate {
  const reader = new ValueReader(bytes, limits);
  const blocks = readBlocks(reader, limits.maxStructs);
  const deletes = readDeletes(reader, limits.maxDeletes);
  if (reader.left > 0) throw reader.fault('trailing-bytes');
  return { bytes: bytes.length, blocks, deletes };
}

/**
 * Yjs writes client ids in falling order and counts on it: of two blocks with one id, applying drops the first while merging
 * keeps both; and merging updates in another order loses structs. Either would let stored and relayed bytes differ.
 */
function readBlocks(reader: ValueReader, maxStructs: number): DecodedBlock[] {
  const blocks: DecodedBlock[] = [];
  let structsLeft = maxStructs;
  let previousClient = MAX_CLIENT_ID + 1;
  const count = reader.count(BLOCK_HEAD_BYTES);
  for (let i = 0; i < count; i++) {
    const structs = reader.count(MIN_STRUCT_BYTES);
    if (structs === 0) throw reader.fault('empty-block');
    if (!(structs <= structsLeft)) throw reader.fault('too-many-structs');
    structsLeft -= structs;
    const client = readClient(reader);
    if (client >= previousClient) throw reader.fault('client-order');
    previousClient = client;
    blocks.push(readBlock(reader, client, structs));
  }
  return blocks;
}

function readBlock(reader: ValueReader, client: number, count: number): DecodedBlock {
  const clock = readClock(reader);
  const structs: DecodedStruct[] = [];
  let next = clock;
  for (let i = 0; i < count; i++) {
    const struct = readStruct(reader, { client, clock: next });
    if (struct.length === 0) throw reader.fault('empty-struct');
    next += struct.length;
    if (next > MAX_CLOCK) throw reader.fault('clock-too-large');
    structs.push(struct);
  }
  return { client, clock, structs };
}

/** The flags of a GC or Skip are always zero; on a Skip the applying and the merging half of Yjs disagree about them. */
function readStruct(reader: ValueReader, id: StructId): DecodedStruct {
  const info = reader.byte();
  const ref = info & CONTENT_BITS;
  if (ref !== GC && ref !== SKIP) return readItem(reader, id, info);
  if (info !== ref) throw reader.fault('struct-flags');
  return { kind: ref === GC ? 'gc' : 'skip', id, length: reader.varUint() };
}

/** The key's flag is set on every item under a key, but the key itself is only written where the parent is. */
function readItem(reader: ValueReader, id: StructId, info: number): DecodedItem {
  const origin = (info & HAS_ORIGIN) === 0 ? null : readReference(reader, id);
  const rightOrigin = (info & HAS_RIGHT_ORIGIN) === 0 ? null : readReference(reader, id);
  const parent = origin === null && rightOrigin === null ? readParent(reader, id) : null;
  const parentSub = parent !== null && (info & HAS_PARENT_SUB) !== 0 ? reader.text() : null;
  const content = readContent(reader, info & CONTENT_BITS);
  return {
    kind: 'item',
    id,
    length: contentLength(content),
    origin,
    rightOrigin,
    parent,
    parentSub,
    content,
  };
}

/** Yjs takes every mark but 1 for an item's id; no encoder writes one other than 0. */
function readParent(reader: ValueReader, id: StructId): DecodedParent {
  switch (reader.byte()) {
    case 0:
      return { item: readReference(reader, id) };
    case 1:
      return { root: reader.text() };
    default:
      throw reader.fault('unknown-parent');
  }
}

/**
 * Yjs does not look whether a reference into the item's own client id is there yet: one to the item itself or to something
 * later makes it throw half way through applying.
 */
function readReference(reader: ValueReader, from: StructId): StructId {
  const client = readClient(reader);
  const clock = readClock(reader);
  if (client === from.client && clock >= from.clock) throw reader.fault('reference-ahead');
  return { client, clock };
}

function readContent(reader: ValueReader, ref: number): DecodedContent {
  switch (ref) {
    case 1:
      return { kind: 'deleted', length: reader.varUint() };
    case 2:
      return { kind: 'json', values: readJsonValues(reader) };
    case 3:
      return { kind: 'binary', bytes: reader.view() };
    case 4:
      return { kind: 'string', text: reader.text() };
    case 5:
      return { kind: 'embed', value: reader.json() };
    case 6:
      return { kind: 'format', key: reader.text(), value: reader.json() };
    case 7:
      return readType(reader);
    case 8:
      return { kind: 'any', values: reader.anyList() };
    case 9:
      return { kind: 'doc', guid: reader.text(), options: readOptions(reader) };
    default:
      throw reader.fault('unknown-content');
  }
}

function contentLength(content: DecodedContent): number {
  switch (content.kind) {
    case 'deleted':
      return content.length;
    case 'json':
    case 'any':
      return content.values.length;
    case 'string':
      return content.text.length;
    default:
      return 1;
  }
}

/** A value costs two bytes at least: its length and one character of JSON. */
function readJsonValues(reader: ValueReader): unknown[] {
  const count = reader.count(2);
  const values: unknown[] = [];
  for (let i = 0; i < count; i++) values.push(reader.jsonOrUndefined());
  return values;
}

function readType(reader: ValueReader): DecodedContent {
  const typeRef = reader.varUint();
  if (typeRef > LAST_TYPE) throw reader.fault('unknown-type');
  const named = typeRef === XML_ELEMENT || typeRef === XML_HOOK;
  return { kind: 'type', typeRef, name: named ? reader.text() : null };
}

/** Yjs spreads the options over the guid it has just read, so a guid among them would replace it. */
function readOptions(reader: ValueReader): Readonly<Record<string, unknown>> {
  const options = reader.anyObject();
  if (options === null || Object.hasOwn(options, 'guid')) throw reader.fault('subdocument-options');
  return options;
}

function readDeletes(reader: ValueReader, maxDeletes: number): DecodedDelete[] {
  const deletes: DecodedDelete[] = [];
  const clients = reader.count(DELETES_HEAD_BYTES);
  for (let i = 0; i < clients; i++) {
    const client = readClient(reader);
    const count = reader.count(MIN_DELETE_BYTES);
    if (count === 0) throw reader.fault('empty-delete');
    if (!(count <= maxDeletes - deletes.length)) throw reader.fault('too-many-deletes');
    for (let j = 0; j < count; j++) deletes.push(readDelete(reader, client));
  }
  return deletes;
}

/** Yjs splits the struct a deletion starts in even when its length is zero. */
function readDelete(reader: ValueReader, client: number): DecodedDelete {
  const clock = readClock(reader);
  const length = reader.varUint();
  if (length === 0) throw reader.fault('empty-delete');
  if (clock + length > MAX_CLOCK) throw reader.fault('clock-too-large');
  return { client, clock, length };
}

function readClient(reader: ValueReader): number {
  const client = reader.varUint();
  if (client > MAX_CLIENT_ID) throw reader.fault('client-id-too-large');
  return client;
}

function readClock(reader: ValueReader): number {
  const clock = reader.varUint();
  if (clock > MAX_CLOCK) throw reader.fault('clock-too-large');
  return clock;
}
