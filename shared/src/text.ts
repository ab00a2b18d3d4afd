// What text may hold, by what it is for: each a pattern for a schema, and what it says to whoever breaks it.

const refusal = 'must not hold control characters or halves of characters';

/** Whole characters; everything else is the writer's own business. A half of one (a lone surrogate) cannot be written as UTF-8. */
export const wholeText = [/^[^\p{Cs}]*$/u, 'must not hold halves of characters'] as const;

/** Not only spaces. */
export const someText = [/\S/, 'must not be empty'] as const;

/** One line, for machines to look up: ids, logins, searches. */
export const oneLine = [/^[^\p{Cc}\p{Cs}]*$/u, refusal] as const;

/** Prose: line breaks and tabs as well. */
export const prose = [/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, refusal] as const;

/**
 * What people read as a name: nothing in it is unseen or turns the direction of what follows. Joiners stay where they belong, between
 * letters (Persian, Indic scripts) or pictures (families of emoji). No alternative begins like another: it reads each letter once.
 */
export const nameText = [
  /^(?:[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}](?:[\u200c\u200d](?=[\p{L}\p{M}\p{Extended_Pictographic}]))?|(?![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[^\p{Cc}\p{Cf}\p{Cs}])*$/u,
  'must not hold control characters or unseen ones',
] as const;
