// Owns what there is only one direct conversation of: two people.

/** The same for both, whoever starts. */
export const directKeyOf = (oneId: string, otherId: string): string => [oneId, otherId].sort().join(':');

/** The two. */
export const pairIn = (directKey: string): readonly [one: string, other: string] => {
  const [one = '', other = ''] = directKey.split(':');
  return [one, other];
};

/** The other of the two. */
export const peerIdOf = (directKey: string, userId: string): string | null =>
  pairIn(directKey).find((id) => id !== userId) ?? null;
