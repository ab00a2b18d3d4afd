/** How much of everything: for figures, and for a look at whether all of it works. */
const sizes = {
  full: {
    'fan-out': { observers: [500, 1_500], rate: 25, forMs: 3_000, warmMs: 500 },
    'busy-room': { clients: 100, from: 100, most: 6_400, withinMs: 100, forMs: 1_500, warmMs: 500 },
    'many-rooms': {
      rooms: 200,
      clients: 5,
      from: 2_000,
      most: 32_000,
      withinMs: 100,
      forMs: 2_000,
      warmMs: 500,
    },
    history: { clients: 10, rate: 5_000, forMs: 10_000, warmMs: 1_000 },
    join: { counts: [100, 1_000, 10_000, 100_000], joins: 15 },
    // A process at rest gives back what it needs no more only after some eight seconds: V8 waits so long before it looks.
    memory: { connections: 1_000, documents: 1_000, restMs: 10_000 },
    sessions: { few: 50, many: 20_000, messages: 20_000, updates: 500 },
    presence: { clients: 1_500, forMs: 3_000, warmMs: 1_000 },
    storm: { clients: 1_000, messages: 1_000 },
    'own-echo': { writers: [1, 100], forMs: 2_000 },
  },
  quick: {
    'fan-out': { observers: [10, 20], rate: 25, forMs: 500, warmMs: 100 },
    'busy-room': { clients: 5, from: 10, most: 20, withinMs: 5_000, forMs: 300, warmMs: 100 },
    'many-rooms': { rooms: 4, clients: 3, from: 10, most: 20, withinMs: 5_000, forMs: 500, warmMs: 100 },
    history: { clients: 4, rate: 20, forMs: 500, warmMs: 100 },
    join: { counts: [100, 1_000], joins: 3 },
    memory: { connections: 20, documents: 5, restMs: 200 },
    sessions: { few: 50, many: 500, messages: 500, updates: 100 },
    presence: { clients: 20, forMs: 500, warmMs: 200 },
    storm: { clients: 20, messages: 100 },
    'own-echo': { writers: [1, 4], forMs: 300 },
  },
};

/** The sizes that the options ask for, by row. */
export const sizesFor = ({ quick, million }) => {
  const chosen = quick ? sizes.quick : sizes.full;
  return million
    ? { ...chosen, join: { ...chosen.join, counts: [...chosen.join.counts, 1_000_000] } }
    : chosen;
};
