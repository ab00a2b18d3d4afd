/** 1 compares letters only, 2 letters and accents; neither looks at case. */
export type FoldStrength = 1 | 2;

/**
 * Where folding applies: what Unicode 14 gave a case or a decomposition, with its neighbours. Fixed here, because folded texts are
 * stored as index keys: a Node.js that knows newer characters must fold old data as the one that wrote it.
 */
const FOLDED = ranges(`
  0-377 37a-37f 384-38a 38c 38e-3a1 3a3-52f 531-556 559-58a 591-5c7 600-70d 898-983 9cb-9ce 9dc-9dd 9df-9e3 a32-a33
  a35-a36 a59-a5c a5e b47-b48 b4b-b4d b5c-b5d b92-b95 bca-bcd c46-c48 cbc-cc4 cc6-cc8 cca-ccd d4a-d4f dd8-ddf e01-e3a
  ea7-ebd edc-edf f00-f47 f49-f6c f71-f97 f99-fbc 1000-10c5 10c7 10cd 10d0-1248 13a0-13f5 1b00-1b4c 1c90-1cba 1cbd-1cc7
  1d00-1f15 1f18-1f1d 1f20-1f45 1f48-1f4d 1f50-1f57 1f59 1f5b 1f5d 1f5f-1f7d 1f80-1fb4 1fb6-1fc4 1fc6-1fd3 1fd6-1fdb
  1fdd-1fef 1ff2-1ff4 1ff6-1ffe 2000-2064 2066-2071 2074-208e 2090-209c 20a0-20c0 20d0-20f0 2100-218b 2190-2426 2460-2b73
  2b97-2cf3 2d6f-2d70 2e9b-2ef3 2f00-2fd5 3000-303f 3041-3096 3099-30ff 3131-318e 3190-31e3 31f0-321e 3220-a48c
  a640-a6f7 a700-a7ca a7d0-a7d1 a7d5-a7d9 a7f2-a82c ab30-ab6b ac00-d7a3 f900-fa6d fa70-fad9 fb00-fb06 fb13-fb17
  fb1d-fb36 fb38-fb3c fb3e fb40-fb41 fb43-fb44 fb46-fbc2 fbd3-fd8f fd92-fdc7 fdf0-fe19 fe20-fe52 fe54-fe66 fe68-fe6b
  fe70-fe74 fe76-fefc ff01-ffbe ffc2-ffc7 ffca-ffcf ffd2-ffd7 ffda-ffdc ffe0-ffe6 ffe8-ffee 10400-1049d 1d400-1d7cb
  1e900-1e94b 1f100-1f1ad 2f800-2fa1d`);

/** Controls, joiners and marks of recitation, which no strength looks at. */
const IGNORED = ranges(`
  0-8 e-1f 7f-84 86-9f ad 34f 488-489 591-5af 5bd 5c4-5c5 600-605 610-61a 61c 640 6d6-6dd 6df-6e4 6e7-6e8 6ea-6ed 70f
  180b-180f 200b-200f 202a-202e 2060-2064 2066-206f fe00-fe0f feff fff9-fffb e0001 e0020-e007f e0100-e01ef`);

/** The accents strength 1 leaves out. The breve of the Cyrillic short i makes a letter of its own, and so stays. */
const ACCENTS = ranges(`
  300-305 307-362 483-487 5b0-5bd 5bf 5c1-5c2 5c7 64b-652 656-65f 670 93c 9bc a3c abc b3c cbc 1ab0-1abe 1ac1-1ace
  1dc0-1dc9 1dcb-1dd1 1df5-1dff 20d0-20f0 302a-302f 3099-309a fe20-fe2f`);

/** Long s and the accents that stand alone: signs of their own, not forms of s and of an accented space. */
const DISTINCT = ranges(
  'a8 af b4 b8 17f 1e9b 2d8-2dd 37a 384-385 1fbd 1fbf-1fc1 1fcd-1fcf 1fdd-1fdf 1fed-1fee 1ffd-1ffe 2017 203e 309b-309c ffe3',
);

/** The zeros of the decimal digits that fold to 0 to 9. */
const ZEROS = '٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐';
const FINAL_FORMS = 'ςσ ךכ םמ ןנ ףפ ץצ';
const SMALL_KANA =
  'ァア ィイ ゥウ ェエ ォオ ッツ ャヤ ュユ ョヨ ヮワ ヵカ ヶケ ㇰク ㇱシ ㇲス ㇳト ㇴヌ ㇵハ ㇶヒ ㇷフ ㇸヘ ㇹホ ㇺム ㇻラ ㇼリ ㇽル ㇾレ ㇿロ';
const HIRAGANA = { first: 0x3041, last: 0x3096, toKatakana: 0x60 };
/** Letters that strength 1 takes for others though Unicode does not decompose them. */
const LOOSE_LETTERS = 'ſs ßss æae œoe øo đd ðd ħh łl ґг ‘\' ’\' ‚\' ‛\' “" ”" „" ‟"';

const runs = new RegExp(`[${FOLDED}]+`, 'gu');
const ordinary = new RegExp(`[^${DISTINCT}]+`, 'gu');
const ignored = new RegExp(`[${IGNORED}]+`, 'gu');
const accents = new RegExp(`(?<!и)\\u0306|[${ACCENTS}]`, 'gu');
const variants = replacer(variantTable());
const looseLetters = replacer(pairs(LOOSE_LETTERS));
/** With the dot that Catalan puts between two of them. */
const DOUBLE_L = /l·/g;
const PLAIN = /^[\t-\r\x20-\x7e]*$/;

/**
 * One text for all texts that a collation takes for the same: the single truth about equality, so that index keys and
 * comparisons can not disagree. Folding twice changes nothing.
 */
export function foldText(text: string, strength: FoldStrength): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  const folded = variants(text.replace(ignored, '').replace(runs, foldRun).replace(ignored, ''));
  return strength === 2 ? folded : looseLetters(folded).replace(accents, '').replace(DOUBLE_L, 'l');
}

function foldRun(run: string): string {
  const decomposed = run.replace(ordinary, (part) => part.normalize('NFKD'));
  return decomposed.normalize('NFD').toLowerCase();
}

function variantTable(): Map<string, string> {
  const table = pairs(`${FINAL_FORMS} ${SMALL_KANA}`);
  for (const zero of ZEROS) {
    for (let digit = 0; digit < 10; digit++) table.set(shifted(zero, digit), String(digit));
  }
  for (let code = HIRAGANA.first; code <= HIRAGANA.last; code++) {
    const katakana = String.fromCodePoint(code + HIRAGANA.toKatakana);
    table.set(String.fromCodePoint(code), table.get(katakana) ?? katakana);
  }
  return table;
}

function shifted(character: string, by: number): string {
  return String.fromCodePoint((character.codePointAt(0) ?? 0) + by);
}

/** `'ab cde'` stands for a → b, c → de. */
function pairs(list: string): Map<string, string> {
  return new Map(list.split(' ').map((pair) => [pair.charAt(0), pair.slice(1)]));
}

function replacer(table: ReadonlyMap<string, string>): (text: string) => string {
  const any = new RegExp(`[${[...table.keys()].join('')}]`, 'gu');
  return (text) => text.replace(any, (character) => table.get(character) ?? character);
}

/** A list of hexadecimal code points and ranges as the inside of a character class. */
function ranges(list: string): string {
  const entries = list.trim().split(/\s+/);
  return entries.map((entry) => entry.replace(/[\da-f]+/g, (code) => `\\u{${code}}`)).join('');
}
