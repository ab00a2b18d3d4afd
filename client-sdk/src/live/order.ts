// Owns how lists are put in order here as the server puts them: text by code units, whatever the language.

/** Below zero where the left one comes first. Of no two items of a list zero. */
export type Order<Item> = (left: Item, right: Item) => number;

/** The smallest first. */
export const up =
  <Item>(keyOf: (item: Item) => string | number): Order<Item> =>
  (left, right) => {
    const [one, other] = [keyOf(left), keyOf(right)];
    return one < other ? -1 : Number(one > other);
  };

/** The largest first. */
export const down =
  <Item>(keyOf: (item: Item) => string | number): Order<Item> =>
  (left, right) =>
    up(keyOf)(right, left);

/** By the first that tells them apart. */
export const by =
  <Item>(...orders: readonly Order<Item>[]): Order<Item> =>
  (left, right) => {
    for (const order of orders) {
      const way = order(left, right);
      if (way !== 0) return way;
    }
    return 0;
  };
