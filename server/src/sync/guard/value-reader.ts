/**
 * Owns: the values inside an update, in lib0's "any" encoding and as JSON text, under one budget of depth and number.
 * Does not own: what a value means, nor whether anyone may write it.
 */

import { BoundedReader } from './bounded-reader.js';

/** What decoded values may cost, over the whole update. */
export interface ValueLimits {
  /** How many arrays and objects may stand inside one another; 0 admits only scalars. */
  readonly maxDepth: number;
  /** Values in all: every scalar, array and object, nested ones too. */
  readonly maxValues: number;
}

/**
 * Values are read by recursion here, and read and written by recursion in lib0 and `JSON.stringify`; no caller's limit may
 * go past what their stacks carry. They overflow at some thousands.
 */
const DEPTH_CEILING = 512;

/** lib0's mark of an object among "any" values. */
const ANY_OBJECT = 118;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A reader that also reads values; the budget holds for everything one reader reads. */
export class ValueReader extends BoundedReader {
  readonly #maxDepth: number;
  #valuesLeft: number;

  constructor(bytes: Uint8Array, limits: ValueLimits) {
    super(bytes);
    this.#maxDepth = Math.min(limits.maxDepth, DEPTH_CEILING);
    this.#valuesLeft = limits.maxValues;
  }

  /** One value in lib0's "any" encoding; `depth` is how many containers it stands in. */
  any(depth = 0): unknown {
    this.#spend(1);
    switch (this.byte()) {
      case 127:
        return undefined;
      case 126:
        return null;
      case 125:
        return this.varInt();
      case 124:
        return this.float32();
      case 123:
        return this.float64();
      case 122:
        return this.bigInt64();
      case 121:
        return false;
      case 120:
        return true;
      case 119:
        return this.text();
      case ANY_OBJECT:
        return this.#object(this.#deeper(depth));
      case 117:
        return this.#array(this.#deeper(depth));
      case 116:
        return this.view();
      default:
        throw this.fault('unknown-value');
    }
  }

  /** A counted list of such values. */
  anyList(): unknown[] {
    return this.#array(0);
  }

  /** Such a value where only an object will do; null, and the reader no further use, when it is something else. */
  anyObject(): Record<string, unknown> | null {
    this.#spend(1);
    return this.byte() === ANY_OBJECT ? this.#object(this.#deeper(0)) : null;
  }

  /** One value written as JSON text; the text answers to the limits before anything is built from it. */
  json(): unknown {
    return this.#parse(this.text());
  }

  /** A value of the old JSON lists, where the bare word `undefined` stands for what JSON cannot say. */
  jsonOrUndefined(): unknown {
    const text = this.text();
    if (text !== 'undefined') return this.#parse(text);
    this.#spend(1);
    return undefined;
  }

  #array(depth: number): unknown[] {
    const count = this.count(1);
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.push(this.any(depth));
    return values;
  }

  /** Yjs assigns keys one by one to a plain object, so a key `__proto__` would not be a key but a new prototype. */
  #object(depth: number): Record<string, unknown> {
    const count = this.count(2);
    const object: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.text();
      if (key === '__proto__') throw this.fault('forbidden-key');
      object[key] = this.any(depth);
    }
    return object;
  }

  #parse(text: string): unknown {
    this.#weighJson(text);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.fault('invalid-json');
    }
    this.#refusePrototypeKeys(value);
    return value;
  }

  /**
   * Counts depth and values in one pass over the text: `JSON.parse` itself would build a million nested arrays from a
   * megabyte of brackets (a quarter of a second), and `JSON.stringify` then overflows the stack whenever Yjs encodes them.
   */
  #weighJson(text: string): void {
    let depth = 0;
    let values = 1;
    let quoted = false;
    let afterOpening = false;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (quoted) {
        if (code === BACKSLASH) at += 1;
        else if (code === QUOTE) quoted = false;
      } else if (code > SPACE) {
        const closing = code === CLOSE_ARRAY || code === CLOSE_OBJECT;
        if (closing) depth -= 1;
        if (code === COMMA || (afterOpening && !closing)) values += 1;
        afterOpening = code === OPEN_ARRAY || code === OPEN_OBJECT;
        if (afterOpening) depth = this.#deeper(depth);
        quoted = code === QUOTE;
      }
    }
    this.#spend(values);
  }

  /** `JSON.parse` makes an own key `__proto__`, harmless until someone copies the object by assignment. */
  #refusePrototypeKeys(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) throw this.fault('forbidden-key');
    for (const item of Object.values(value)) this.#refusePrototypeKeys(item);
  }

  #deeper(depth: number): number {
    if (!(depth < this.#maxDepth)) throw this.fault('too-deep');
    return depth + 1;
  }

  /** Written so that a limit that is no number refuses everything instead of nothing. */
  #spend(values: number): void {
    if (!(this.#valuesLeft >= values)) throw this.fault('too-many-values');
    this.#valuesLeft -= values;
  }
}
