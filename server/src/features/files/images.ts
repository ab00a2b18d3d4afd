// Owns looking into images: how large they are, and a small one of each. One at a time in a process, because a picture of a few
// kilobytes may unfold into hundreds of megabytes. Whatever cannot be read is a file like any other.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { limits } from '@parley/shared';
import type { Logger } from '../../platform/logger.js';

/** A look into an image. */
export interface Looked {
  /** As it is to be shown: turned as it says itself. */
  readonly width: number;
  readonly height: number;
  /** WebP without what the original says about itself. */
  readonly thumbnail: Uint8Array;
}

/** Null for whatever is no image, or none that can be read. Closes the stream either way. */
export type LookInto = (type: string, open: () => Readable) => Promise<Looked | null>;

const TYPES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
]);
/** The readers behind these types; no other is ever reached, whatever the bytes begin with. */
const READERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}`);
const LOOK_SECONDS = 10;
const THUMBNAIL_QUALITY = 75;

type Sharp = typeof import('sharp')['default'];

/** Loaded when it is first needed: where there is none for a platform, files are just files. */
const loadSharp = async (log: Logger): Promise<Sharp | null> => {
  try {
    const { default: sharp } = await import('sharp');
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: READERS });
    return sharp;
  } catch (error) {
    log.warn({ err: error }, 'images are not looked into: sharp cannot be loaded');
    return null;
  }
};

export const createLookInto = (log: Logger): LookInto => {
  let loading: Promise<Sharp | null> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return async (type, open) => {
    if (!TYPES.has(type)) return null;
    loading ??= loadSharp(log);
    const sharp = await loading;
    if (sharp === null) return null;
    const looking = last.then(() => look(sharp, open()));
    last = looking.catch(() => undefined);
    return await looking.catch((error: unknown) => {
      log.debug({ err: error }, 'an image could not be read');
      return null;
    });
  };
};

const look = async (sharp: Sharp, bytes: Readable): Promise<Looked> => {
  const side = limits.thumbnailPixels.value;
  const image = sharp({ limitInputPixels: limits.imagePixels.value, failOn: 'error', sequentialRead: true })
    .autoOrient()
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: THUMBNAIL_QUALITY })
    .timeout({ seconds: LOOK_SECONDS });
  const [{ autoOrient }, thumbnail] = await Promise.all([
    image.metadata(),
    image.toBuffer(),
    pipeline(bytes, image),
  ]);
  return { width: autoOrient.width, height: autoOrient.height, thumbnail };
};
