/** How much of everything: for figures, and for a look at whether all of it works. */
const sizes = {
  full: {
    'fan-out': { observers: [500, 1_500], rate: 25, forMs: 4_000, warmMs: 1_000 },
  },
  quick: {
    'fan-out': { observers: [10, 20], rate: 25, forMs: 300, warmMs: 100 },
  },
};

/** The sizes that the options ask for, by row. */
export const sizesFor = ({ quick, million }) => {
  const chosen = quick ? sizes.quick : sizes.full;
  return million ? { ...chosen, join: { ...chosen.join, counts: [...chosen.join.counts, 1_000_000] } } : chosen;
};
