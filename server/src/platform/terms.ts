// Owns cutting text of any script into terms by whose beginnings it is found. The same cuts are made of what is stored and of what is
// looked for. Knows no store.
import { foldName } from '@parley/shared';

/** Longer words are found by so much of them. */
const MAX_TERM_CHARACTERS = 32;
/** Of writing without spaces: what is looked for is cut into such pieces. */
const PIECE_CHARACTERS = 4;
/** Each word looked for is one more condition. */
const MAX_WORDS = 8;

/** Marks that only say how letters join or are drawn, so that words with and without them are the same. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}+/gu;
/** At the end of a word, which may be the middle of the one that is meant. */
const FINAL_SIGMA = /ς/gu;
const WORD = /[\p{L}\p{M}\p{N}]+|\p{Extended_Pictographic}/gu;
/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]+/u;
const RUNS = new RegExp(`(${UNSPACED.source})`, 'u');

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

interface Run {
  readonly characters: readonly string[];
  readonly isSpaced: boolean;
}

/** Words, folded; where scripts change within one, each stretch for itself. */
const runsOf = function* (text: string): Generator<Run> {
  const folded = foldName(text).replace(UNSEEN, '').replace(FINAL_SIGMA, 'σ');
  for (const [word] of folded.matchAll(WORD)) {
    for (const run of word.split(RUNS)) {
      if (run === '') continue;
      const isSpaced = !UNSPACED.test(run);
      const characters = isSpaced ? [...run] : Array.from(letters.segment(run), ({ segment }) => segment);
      yield { characters, isSpaced };
    }
  }
};

/**
 * The terms of some texts, at most `max`, the first first. A word is one. In writing without spaces nobody can say for sure where a word
 * begins (dictionaries cut the same letters in one way here and in another there), so one begins at every letter.
 */
export const termsOf = (texts: readonly string[], max: number): string[] => {
  const terms = new Set<string>();
  for (const text of texts) {
    for (const term of termsIn(text)) {
      if (terms.size >= max) return [...terms];
      terms.add(term);
    }
  }
  return [...terms];
};

const termsIn = function* (text: string): Generator<string> {
  for (const { characters, isSpaced } of runsOf(text)) {
    if (isSpaced) yield characters.slice(0, MAX_TERM_CHARACTERS).join('');
    else for (const index of characters.keys()) yield piece(characters, index);
  }
};

const piece = (characters: readonly string[], from: number): string =>
  characters.slice(from, from + PIECE_CHARACTERS).join('');

/**
 * What terms of a text must begin with for it to be found, each once, the longest first; none where nothing is looked for. Writing without
 * spaces is found in the middle as well: each piece of it, the last one being as long as the others where it can.
 */
export const wordsSought = (text: string): string[] => {
  const words = new Set<string>();
  for (const { characters, isSpaced } of runsOf(text)) {
    if (isSpaced) words.add(characters.slice(0, MAX_TERM_CHARACTERS).join(''));
    else
      for (let from = 0; from < characters.length; from += PIECE_CHARACTERS)
        words.add(piece(characters, Math.max(0, Math.min(from, characters.length - PIECE_CHARACTERS))));
  }
  return [...words].slice(0, MAX_WORDS).sort((left, right) => right.length - left.length);
};
