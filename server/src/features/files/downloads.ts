// Owns giving the bytes of a file to whoever may have them. Does not own how HTTP asks for a part of them (http/).
import type { Readable } from 'node:stream';
import { AppError } from '@parley/shared';
import type { FileRow } from './file.model.js';
import { readFileToken } from './file-token.js';
import type { FilesParts } from './parts.js';
import { assertThere, findReadable, findWhole } from './readable.js';

/** Bytes that may be given away. */
export interface Download {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** Another for other bytes. */
  readonly tag: string;
  /** From `start` to before `end`. */
  read(range: { readonly start: number; readonly end: number }): Readable;
}

interface Wanted {
  readonly fileId: string;
  readonly thumbnail: boolean;
}

export interface Downloads {
  /** With a link's signature: TOKEN_INVALID or EXPIRED where it is none of this file, or over. */
  withSignature(wanted: Wanted, signature: string): Promise<Download>;
  /** As a member: see `FilesService.get`. */
  asMember(wanted: Wanted, userId: string): Promise<Download>;
}

export const createDownloads = (parts: FilesParts): Downloads => ({
  withSignature: async (wanted, signature) => {
    const { key } = parts;
    if (readFileToken(signature, { purpose: 'download', key }) !== wanted.fileId)
      throw new AppError('TOKEN_INVALID');
    const row = await findWhole(parts, wanted.fileId);
    assertThere(row);
    return await toDownload(parts, row, wanted);
  },
  asMember: async (wanted, userId) =>
    await toDownload(parts, await findReadable(parts, wanted.fileId, userId), wanted),
});

const toDownload = async ({ bytes }: FilesParts, row: FileRow, { thumbnail }: Wanted): Promise<Download> => {
  const { name, size, type, sha256, image } = row;
  if (!thumbnail) {
    const read: Download['read'] = (range) => bytes.read(row.bytes, range);
    return { name, type: type ?? '', size, tag: sha256 ?? row._id, read };
  }
  if (image?.thumbnail !== true) throw new AppError('NOT_FOUND');
  return {
    ...{ name: `${name}.webp`, type: 'image/webp', tag: `${sha256 ?? row._id}-thumbnail` },
    size: await bytes.size(row.thumbnail),
    read: (range) => bytes.read(row.thumbnail, range),
  };
};
