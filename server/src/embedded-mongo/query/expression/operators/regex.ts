import { BSONRegExp, Int32 } from 'bson';
import { BoundedRegExp } from '../../../bson/bounded-regexp.js';
import { toRegExp } from '../../../bson/regex.js';
import { LocationError } from '../../../errors.js';
import { isNullish, named } from '../arguments.js';
import type { Operator } from '../scope.js';
import { plainText } from '../text.js';
import { typeName } from '../type-names.js';

/** `$regexMatch`, `$regexFind` and `$regexFindAll` differ in what they make of the matches, and of having nothing to search. */
function search(
  ofNothing: () => unknown,
  found: (matches: Iterable<RegExpExecArray>, text: string) => unknown,
): Operator {
  return named(
    {
      required: ['input', 'regex'],
      optional: ['options'],
      codes: { shape: 51103, unknown: 31024, missing: 31022 },
    },
    ({ input, regex, options }, name) => {
      const text = isNullish(input) ? '' : plainText(input);
      if (text === undefined) throw new LocationError(51104, `${name} needs 'input' to be of type string`);
      const pattern = patternOf(regex, options, name);
      if (isNullish(input) || !pattern) return ofNothing();
      return found(text.matchAll(new BoundedRegExp(pattern, `${pattern.flags}g`)), text);
    },
  );
}

function patternOf(regex: unknown, options: unknown, name: string): RegExp | undefined {
  const flags = isNullish(options) ? '' : options;
  if (typeof flags !== 'string')
    throw new LocationError(51106, `${name} needs 'options' to be of type string`);
  if (isNullish(regex)) return undefined;
  if (regex instanceof BSONRegExp) {
    if (flags !== '' && regex.options !== '') {
      throw new LocationError(51107, `${name}: options set in both 'regex' and 'options'`);
    }
    return toRegExp(new BSONRegExp(regex.pattern, flags || regex.options));
  }
  if (typeof regex === 'string') return toRegExp(new BSONRegExp(regex, flags));
  throw new LocationError(
    51105,
    `${name} needs 'regex' to be of type string or regex, not ${typeName(regex)}`,
  );
}

/** What the matches are, in the order they stand in; their places are counted in characters, from each one to the next. */
function describeMatches(matches: Iterable<RegExpExecArray>, text: string): object[] {
  const described: object[] = [];
  let at = 0;
  let characters = 0;
  for (const match of matches) {
    characters += [...text.slice(at, match.index)].length;
    at = match.index;
    const captures = match.slice(1).map((group: string | undefined) => group ?? null);
    described.push({ match: match[0], idx: new Int32(characters), captures });
  }
  return described;
}

export const REGEX: Readonly<Record<string, Operator>> = {
  $regexMatch: search(
    () => false,
    ([first]) => first !== undefined,
  ),
  $regexFind: search(
    () => null,
    ([first], text) => (first ? describeMatches([first], text)[0] : null),
  ),
  $regexFindAll: search(() => [], describeMatches),
};
