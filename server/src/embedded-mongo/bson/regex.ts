import type { BSONRegExp } from 'bson';
import { LocationError } from '../errors.js';
import { BoundedRegExp } from './bounded-regexp.js';

/** At the very start and end of the text, and before a line end that is the last character. */
const TEXT_START = '(?<![^])';
const TEXT_END = '(?![^])';
const LAST_LINE_END = `(?=\\n?${TEXT_END})`;
const LINE_START = '(?:^|(?<=\\n)(?=[^]))';
const LINE_END = `(?=\\n|${TEXT_END})`;

const HORIZONTAL_SPACE = '\\t \\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
const VERTICAL_SPACE = '\\n-\\r\\u0085\\u2028\\u2029';
const ASCII_SPACE = '\\t-\\r ';

/** Escapes that mean a set of characters, as the inside of a class. */
const SETS: Readonly<Record<string, string>> = {
  h: HORIZONTAL_SPACE,
  v: VERTICAL_SPACE,
  s: ASCII_SPACE,
  a: '\\x07',
  e: '\\x1b',
};
const ANCHORS: Readonly<Record<string, string>> = {
  A: TEXT_START,
  z: TEXT_END,
  Z: LAST_LINE_END,
  N: '[^\\n]',
  S: `[^${ASCII_SPACE}]`,
  R: `(?:\\r\\n|[${VERTICAL_SPACE}])`,
};
const NAMED_CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: ASCII_SPACE,
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};
/** Letters and digits whose escapes mean the same in JS. */
const SAME_ESCAPE = /[bBdDwWSnrtfxck0-9]/;
const JS_SYNTAX = /[\^$\\.*+?()[\]{}|/]/;

/**
 * The JS expression that matches what MongoDB's (Perl-compatible) pattern matches: by code points, with `.`, `^`, `$` and `\s`
 * as they are there. Refuses with MongoDB's codes what is malformed, and what JS has no counterpart for.
 */
export function toRegExp(regex: BSONRegExp): RegExp {
  const inline = /^(?:\(\?([imsx]+)\))*/.exec(regex.pattern)?.[0] ?? '';
  const options = regex.options + inline.replace(/[()?]/g, '');
  assertRegexOptions(options);
  try {
    const source = new PatternReader(regex.pattern.slice(inline.length), options).read();
    return new BoundedRegExp(source, options.includes('i') ? 'iu' : 'u');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LocationError(51091, `Regular expression is invalid for the embedded store: ${reason}`);
  }
}

/** Refuse option letters MongoDB does not know. */
export function assertRegexOptions(options: string): void {
  const bad = /[^imsxu]/.exec(options);
  if (bad) throw new LocationError(51108, `invalid flag in regex options: ${bad[0]}`);
}

/** Reads a pattern once from left to right and writes the JS source. */
class PatternReader {
  private at = 0;
  private source = '';

  constructor(
    private readonly pattern: string,
    private readonly options: string,
  ) {}

  read(): string {
    while (this.at < this.pattern.length) this.source += this.atom();
    return this.source;
  }

  private has(option: string): boolean {
    return this.options.includes(option);
  }

  private take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at;
    const match = expression.exec(this.pattern);
    if (match) this.at += match[0].length;
    return match ?? undefined;
  }

  private atom(): string {
    if (this.has('x') && this.take(/\s+|#[^\n]*\n?/y)) return '';
    if (this.take(/\(\?#[^)]*\)/y)) return '';
    if (this.take(/\(\?P</y)) return '(?<';
    const quantifier = this.take(/\{\d+(?:,\d*)?\}/y);
    if (quantifier) return quantifier[0];
    const char = this.pattern.charAt(this.at++);
    switch (char) {
      case '\\':
        return this.escape(false);
      case '[':
        return this.characterClass();
      case '.':
        return this.has('s') ? '[^]' : '[^\\n]';
      case '^':
        return this.has('m') ? LINE_START : '^';
      case '$':
        return this.has('m') ? LINE_END : LAST_LINE_END;
      case ']':
      case '{':
      case '}':
        return `\\${char}`;
      default:
        return char;
    }
  }

  private escape(inClass: boolean): string {
    const wide = this.take(/x\{([0-9A-Fa-f]+)\}/y);
    if (wide) return `\\u{${wide[1]}}`;
    const property = this.take(/([pP])(?:\{(\w+)\}|([A-Z]))/y);
    if (property) return unicodeProperty(property[1] ?? 'p', property[2] ?? property[3] ?? '');
    const char = this.pattern.charAt(this.at++);
    const set = SETS[char];
    if (set !== undefined) return inClass ? set : `[${set}]`;
    const anchor = inClass ? undefined : ANCHORS[char];
    if (anchor !== undefined) return anchor;
    if (SAME_ESCAPE.test(char) || JS_SYNTAX.test(char) || (inClass && char === '-')) return `\\${char}`;
    if (/[A-Za-z]/.test(char)) throw new Error(`\\${char} is not supported`);
    return char === '' ? '\\' : char;
  }

  private characterClass(): string {
    let result = this.take(/\^/y) ? '[^' : '[';
    if (this.take(/\]/y)) result += '\\]';
    while (this.at < this.pattern.length) {
      const named = this.take(/\[:(\^?\w+):\]/y);
      const char = named ? '' : this.pattern.charAt(this.at++);
      if (char === ']') return `${result}]`;
      if (named) result += namedClass(named[1] ?? '');
      else if (char === '\\') result += this.escape(true);
      else result += char;
    }
    throw new Error('missing ] at the end of a character class');
  }
}

/** One or two letters name a general category, anything longer a script. */
function unicodeProperty(letter: string, name: string): string {
  return `\\${letter}{${name.length > 2 ? `Script=${name}` : name}}`;
}

function namedClass(name: string): string {
  const set = NAMED_CLASSES[name];
  if (set === undefined) throw new Error(`the class [:${name}:] is not supported`);
  return set;
}
