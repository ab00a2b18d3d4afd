// Owns telling patterns so that every reader of JSON Schema can follow: many know no classes of Unicode.
import { nameText, prose, wholeText } from '@parley/shared';

/**
 * What each class holds: control characters, unseen ones, spaces (Unicode 16); halves of characters are in hardly any text. Of letters,
 * digits and marks there are too many: told are those of the scripts that most people write.
 */
const CLASSES: readonly (readonly [name: string, holds: string])[] = [
  ['\\p{Cc}', '\\u0000-\\u001f\\u007f-\\u009f'],
  [
    '\\p{Cf}',
    '\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb',
  ],
  ['\\p{Cs}', ''],
  [
    '\\p{L}',
    'A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f\\u03a3-\\u03f5\\u0400-\\u0481\\u048a-\\u052f\\u05d0-\\u05ea\\u0620-\\u064a\\u3041-\\u3096\\u4e00-\\u9fff\\uac00-\\ud7a3',
  ],
  ['\\p{N}', '0-9'],
  ['\\p{M}', '\\u0300-\\u036f'],
  ['\\p{Z}', ' \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'],
];

/** Of names only those without joiners are told of: where these may stand cannot be said without classes. */
const NAME = '^[^\\p{Cc}\\p{Cf}\\p{Cs}]*$';

/** The same as it is, said in one class. */
const PROSE = '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\p{Cs}]*$';

const simpler: ReadonlyMap<string, string> = new Map([
  [nameText[0].source, NAME],
  [prose[0].source, PROSE],
]);

/** Undefined where nothing is left to be said. */
export const portable = (pattern: string): string | undefined => {
  if (pattern === wholeText[0].source) return undefined;
  let told = simpler.get(pattern) ?? pattern;
  for (const [name, holds] of CLASSES) told = told.replaceAll(name, holds);
  return told;
};
