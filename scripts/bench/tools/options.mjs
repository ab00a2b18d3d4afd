/** The number that an option was given. Throws, naming the option, unless it is above 0. */
export const number = (name, text) => {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name} takes a number above 0, not ${text}`);
};

/** The names in a list with commas, all of them `known`. Throws, naming the option and what there is. */
export const names = (name, text, known) => {
  const listed = text.split(',');
  const strange = listed.find((each) => !known.includes(each));
  if (strange === undefined) return listed;
  throw new Error(`--${name} takes ${known.join(', ')}, not ${strange}`);
};
