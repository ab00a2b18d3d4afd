import { type Context, createContext, Script } from 'node:vm';
import { LocationError } from '../errors.js';

/** How long one text may keep the store's thread. MongoDB gives up after so many steps instead, with the same code. */
const MAX_MATCH_MS = 1000;
/** So many steps are over in a moment, whatever the pattern. To watch over a match costs a tenth of a millisecond. */
const FREE_STEPS = 1_000_000;

/**
 * An expression that gives up on a text instead of holding up everybody: some patterns take as many steps as there are ways to
 * divide the text. Where there may be many, the match runs under a watch.
 */
export class BoundedRegExp extends RegExp {
  private readonly choices = choicesIn(this.source);

  override exec(text: string): RegExpExecArray | null {
    const steps = this.choices.fixed * (text.length + 1) ** (this.choices.repeats + 1);
    return steps <= FREE_STEPS ? super.exec(text) : watched(() => super.exec(text));
  }
}

/** In how many ways a pattern can be tried at one place: `fixed`, times the length of the text for each of the `repeats`. */
interface Choices {
  readonly fixed: number;
  readonly repeats: number;
}

const CLASSES_AND_ESCAPES = /\[(?:\\.|[^\]\\])*\]|\\[pPuk][{<][^}>]*[}>]|\\./gsu;

/** Never too few: what follows a group may repeat all that is in it. */
function choicesIn(source: string): Choices {
  const plain = source.replace(CLASSES_AND_ESCAPES, 'c').replaceAll('(?', '(');
  if (/\)[*+{]/.test(plain)) return { fixed: Number.POSITIVE_INFINITY, repeats: 0 };
  const either = plain.match(/[?|]/g)?.length ?? 0;
  const counted = [...plain.matchAll(/\{(\d+),(\d+)\}/g)].map(
    ([, from, to]) => Number(to) - Number(from) + 1,
  );
  const repeats = plain.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  return { fixed: counted.reduce((all, ways) => all * ways, 2 ** either), repeats };
}

interface Watch {
  task: () => void;
}

let place: { readonly context: Context; readonly watch: Watch; readonly script: Script } | undefined;

/** Runs something that can be broken off: only a script can be, so it is called by one. */
function watched<T>(task: () => T): T | null {
  place ??= newPlace();
  let result: T | null = null;
  place.watch.task = () => {
    result = task();
  };
  try {
    place.script.runInContext(place.context, { timeout: MAX_MATCH_MS });
    return result;
  } catch (cause) {
    if (!isTimeout(cause)) throw cause;
    throw new LocationError(
      51156,
      'Error occurred while executing the regular expression: match limit exceeded',
    );
  } finally {
    place.watch.task = nothing;
  }
}

function newPlace(): NonNullable<typeof place> {
  const watch: Watch = { task: nothing };
  return { context: createContext(watch), watch, script: new Script('task()') };
}

const nothing = (): void => undefined;

function isTimeout(cause: unknown): boolean {
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
  return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
