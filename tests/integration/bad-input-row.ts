/** How one procedure can be called, and what of its own it must not take beside what none takes. */
export interface Row {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Every field it knows, each with a value it would take. */
  readonly valid: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  /** Fields for which null is a value. */
  readonly nullable?: readonly string[];
  /** Values that are wrong for a reason of its own: field, what it is, value. */
  readonly wrong: readonly (readonly [field: string, what: string, value: unknown])[];
  /** The procedure that has the very same schema: what that one refuses is refused here too. */
  readonly like?: string;
}

/** What a query and a mutation of the same input have in common. */
export type Sort = Omit<Row, 'type'>;

export const ID = '01HZZZZZZZZZZZZZZZZZZZZZZZ';
export const longId: [string, unknown] = ['a too long id', 'x'.repeat(65)];
export const wrongPage = [
  ['limit', 'no items', 0],
  ['limit', 'too many items', 101],
  ['limit', 'half an item', 1.5],
  ['limit', 'a number as text', '10'],
  ['cursor', 'nothing', ''],
  ['cursor', 'no cursor', 'abc'],
  ['cursor', 'another list', Buffer.from('["elsewhere",1,"x"]').toString('base64url')],
  ['cursor', 'a query operator', Buffer.from('["rooms",{"$gt":0},"x"]').toString('base64url')],
  ['cursor', 'control characters', '\u0000\u0007'],
] as const;

/** What is called with these ids and nothing else. */
export const byIds = (...names: readonly string[]): Sort => ({
  valid: Object.fromEntries(names.map((name) => [name, ID])),
  required: names,
  wrong: names.map((name) => [name, ...longId]),
});

/** Links into a place. `terms`: what else a link into such a place is made with. */
export const linkRows = (
  place: Sort,
  terms: Pick<Sort, 'valid' | 'wrong'> = { valid: {}, wrong: [] },
): Readonly<Record<string, Row>> => {
  const token: Sort = {
    valid: { token: 'x' },
    required: ['token'],
    wrong: [
      ['token', 'nothing', ''],
      ['token', 'no link', 'a.b.c'],
      ['token', 'far too long', 'x'.repeat(501)],
    ],
  };
  return {
    'links.create': {
      type: 'mutation',
      valid: { ...place.valid, ...terms.valid, expiresInHours: 1, maxUses: 1 },
      required: place.required,
      wrong: [
        ...place.wrong,
        ...terms.wrong,
        ['expiresInHours', 'no time', 0],
        ['expiresInHours', 'too long', 721],
        ['expiresInHours', 'half an hour', 0.5],
        ['maxUses', 'none', 0],
        ['maxUses', 'too many', 1_001],
        ['maxUses', 'half a use', 1.5],
      ],
    },
    'links.list': { type: 'query', ...place },
    'links.revoke': { type: 'mutation', ...byIds('linkId') },
    'links.preview': { type: 'query', ...token },
    'links.join': { type: 'mutation', ...token },
  };
};

/** The rows of a feature by their full names. */
export const under = (feature: string, rows: Readonly<Record<string, Row>>): Readonly<Record<string, Row>> =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [`${feature}.${name}`, row]));
