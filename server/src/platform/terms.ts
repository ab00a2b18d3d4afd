// Owns cutting text of any script into terms by whose beginnings it is found. The same cuts are made of what is stored and of what is
// looked for. Knows no store.
import { foldName } from '@parley/shared';

/** Longer words are found by so much of them. */
const MAX_TERM_CHARACTERS = 32;
/** Of writing without spaces: what is looked for is cut into such pieces. */
const PIECE_CHARACTERS = 4;
/** Letters of writing without spaces that are told apart in one text, which takes a while: what comes after them is not found. */
const MAX_UNSPACED = 500;
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

const fold = (text: string): string => foldName(text).replace(UNSEEN, '').replace(FINAL_SIGMA, 'σ');

interface Run {
  readonly characters: readonly string[];
  readonly isSpaced: boolean;
}

/** Words, folded; where scripts change within one, each stretch for itself. */
const runsOf = function* (text: string): Generator<Run> {
  let unspaced = 0;
  for (const [word] of fold(text).matchAll(WORD)) {
    for (const run of word.split(RUNS)) {
      if (run === '') continue;
      if (!UNSPACED.test(run)) yield { characters: [...run], isSpaced: true };
      else if (unspaced < MAX_UNSPACED) {
        const some = run.slice(0, MAX_UNSPACED - unspaced);
        unspaced += some.length;
        yield { characters: Array.from(letters.segment(some), ({ segment }) => segment), isSpaced: false };
      }
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

/** A stretch of a text, in UTF-16 units; `end` exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Stretches that are told of one text. */
const MAX_RANGES = 100;
/** A word as it is written: what is unseen in it does not part it. */
const WRITTEN = /[\p{L}\p{M}\p{N}\p{Default_Ignorable_Code_Point}]+|\p{Extended_Pictographic}/gu;

/** Where in a text the words are that were sought, in order: whole words, and of writing without spaces what is meant. */
export const rangesOf = (text: string, sought: readonly string[]): TextRange[] => {
  const ranges: TextRange[] = [];
  const left = { unspaced: MAX_UNSPACED };
  for (const { 0: word, index } of text.matchAll(WRITTEN)) {
    for (const { start, end } of rangesInWord(word, sought, left)) {
      const last = ranges.at(-1);
      if (last !== undefined && index + start <= last.end) {
        ranges[ranges.length - 1] = { start: last.start, end: Math.max(last.end, index + end) };
      } else if (ranges.length < MAX_RANGES) ranges.push({ start: index + start, end: index + end });
    }
  }
  return ranges;
};

/** How many letters may still be told apart. */
interface Left {
  unspaced: number;
}

const rangesInWord = function* (word: string, sought: readonly string[], left: Left): Generator<TextRange> {
  let start = 0;
  for (const run of word.split(RUNS)) {
    const end = start + run.length;
    if (!UNSPACED.test(run)) {
      const [term] = termsIn(run);
      if (term !== undefined && sought.some((each) => term.startsWith(each))) yield { start, end };
    } else {
      const some = run.slice(0, left.unspaced);
      left.unspaced -= some.length;
      if (some !== '') yield* rangesInPieces(some, start, sought);
    }
    start = end;
  }
};

const rangesInPieces = function* (
  run: string,
  offset: number,
  sought: readonly string[],
): Generator<TextRange> {
  const characters = Array.from(letters.segment(run), ({ segment, index }) => ({
    folded: fold(segment),
    start: offset + index,
    end: offset + index + segment.length,
  }));
  for (const [at, { start }] of characters.entries()) {
    for (const each of sought) {
      let rest = each;
      let end = start;
      for (const character of characters.slice(at)) {
        if (rest === '' || !rest.startsWith(character.folded)) break;
        rest = rest.slice(character.folded.length);
        end = character.end;
      }
      if (rest === '') yield { start, end };
    }
  }
};
