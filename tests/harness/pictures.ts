import { crc32, deflateSync } from 'node:zlib';

const chunk = (name: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** What a camera says of how it was held, and nothing else. */
const exif = (orientation: number): Buffer => {
  const bytes = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  bytes.writeUInt16BE(orientation, 18);
  return bytes;
};

/** A picture of one grey, as PNG. */
export const solidPng = ({
  width,
  height,
  orientation,
}: {
  readonly width: number;
  readonly height: number;
  readonly orientation?: number;
}): Buffer => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    ...(orientation === undefined ? [] : [chunk('eXIf', exif(orientation))]),
    chunk('IDAT', deflateSync(Buffer.alloc((width + 1) * height))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};
