import type { FileHandle } from 'node:fs/promises';

/**
 * A look at an LMDB file from outside, before it is mapped into memory: a page beyond the end of the file would kill the
 * process when it is touched. Knows just enough of the format to find every page that is in use.
 */

const SHORT_HEADER = 16;
const LONG_HEADER = 24;
const META_BYTES = 136;
const LMDB_MAGIC = 0xbeefc0de;
const FLAG_BRANCH = 1;
const FLAG_LEAF = 2;
const NODE_BIG_DATA = 1;
const NODE_HEADER = 8;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

interface Head {
  readonly headerBytes: number;
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  readonly roots: readonly bigint[];
}

/** What is wrong with the file, in words for its operator; undefined when every used page is inside it. */
export async function findDamage(handle: FileHandle, fileBytes: number): Promise<string | undefined> {
  const first = await readHead(handle, 0);
  if (!first) return 'it is not a data file';
  const second = await readHead(handle, first.pageSize);
  if (!second) return 'it is cut off';
  const head = second.transaction > first.transaction ? second : first;
  const pages = Math.floor(fileBytes / head.pageSize);
  // The file may end before the last page it ever used, when those at its end are free again.
  if (head.lastPage < pages) return undefined;
  return (await hasAllPages(handle, head, pages)) ? undefined : 'it is cut off';
}

async function readHead(handle: FileHandle, at: number): Promise<Head | undefined> {
  const page = Buffer.alloc(LONG_HEADER + META_BYTES);
  const { bytesRead } = await handle.read(page, 0, page.length, at);
  if (bytesRead < page.length) return undefined;
  const headerBytes = [SHORT_HEADER, LONG_HEADER].find((offset) => page.readUInt32LE(offset) === LMDB_MAGIC);
  if (headerBytes === undefined) return undefined;
  const meta = page.subarray(headerBytes);
  const pageSize = meta.readUInt32LE(24);
  if (pageSize < 256 || pageSize > 65536) return undefined;
  return {
    headerBytes,
    pageSize,
    lastPage: Number(meta.readBigUInt64LE(120)),
    transaction: meta.readBigUInt64LE(128),
    roots: [meta.readBigUInt64LE(64), meta.readBigUInt64LE(112)],
  };
}

/** Walk both trees (free pages and data) from their roots; true when no page lies beyond the end. */
async function hasAllPages(handle: FileHandle, head: Head, pages: number): Promise<boolean> {
  const waiting = head.roots.filter((root) => root !== NO_PAGE).map(Number);
  const page = Buffer.alloc(head.pageSize);
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (number >= pages) return false;
    const { bytesRead } = await handle.read(page, 0, head.pageSize, number * head.pageSize);
    if (bytesRead < head.pageSize) return false;
    const used = pagesBelow(page, head);
    if (!used || used.last >= pages) return false;
    waiting.push(...used.children);
  }
  return true;
}

/** The pages a tree page points at; undefined for something that is no tree page. */
function pagesBelow(page: Buffer, head: Head): { children: number[]; last: number } | undefined {
  const { headerBytes, pageSize } = head;
  const flags = page.readUInt16LE(headerBytes - 6);
  const lower = page.readUInt16LE(headerBytes - 4);
  if ((flags & (FLAG_BRANCH | FLAG_LEAF)) === 0) return undefined;
  const children: number[] = [];
  let last = 0;
  for (let i = 0; i < lower >> 1; i++) {
    const slot = headerBytes + i * 2;
    const node = slot + 2 <= pageSize ? page.readUInt16LE(slot) + headerBytes : pageSize;
    if (node + NODE_HEADER > pageSize) return undefined;
    const low = page.readUInt32LE(node);
    const nodeFlags = page.readUInt16LE(node + 4);
    if ((flags & FLAG_BRANCH) !== 0) {
      children.push(nodeFlags * 2 ** 32 + low);
    } else if ((nodeFlags & NODE_BIG_DATA) !== 0) {
      const pointer = node + NODE_HEADER + page.readUInt16LE(node + 6);
      if (pointer + 8 > pageSize) return undefined;
      last = Math.max(
        last,
        Number(page.readBigUInt64LE(pointer)) + Math.ceil((headerBytes + low) / pageSize) - 1,
      );
    }
  }
  return { children, last };
}
