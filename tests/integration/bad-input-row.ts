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
