/** The value below which the share `part` of the values lies. Undefined for none. */
export const quantile = (values, part) => {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
};

/** The middle value; of two middle ones their mean. Undefined for none. */
export const median = (values) => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return sorted.length === 0 ? undefined : (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
};

/** Milliseconds that `work` takes. */
export const timed = async (work) => {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
};

/** Does `work` one after the other for a while, at least once. Resolves with what each took, ms. */
export const oneByOne = async (work, forMs) => (await inTurns([work], forMs))[0];

/**
 * Does several works in turns, each for a while and at least once, so that all of them meet the same noise of the machine.
 * Resolves with what each took, ms: a list for each work.
 */
export const inTurns = async (works, forMs) => {
  const turns = works.map((work) => ({ work, times: [], leftMs: forMs }));
  for (;;) {
    const unfinished = turns.filter(({ leftMs }) => leftMs > 0);
    if (unfinished.length === 0) return turns.map(({ times }) => times);
    for (const turn of unfinished) {
      const tookMs = await timed(turn.work);
      turn.times.push(tookMs);
      turn.leftMs -= tookMs;
    }
  }
};

/**
 * Keeps `inFlight` pieces of work going for a while, after one of each that is not counted and opens the connections.
 * Resolves with how many were done a second.
 */
export const together = async (work, { inFlight, forMs }) => {
  await Promise.all(Array.from({ length: inFlight }, (_, number) => work(number)));
  let done = 0;
  const startMs = performance.now();
  const worker = async (number) => {
    do {
      await work(number);
      done += 1;
    } while (performance.now() < startMs + forMs);
  };
  await Promise.all(Array.from({ length: inFlight }, (_, number) => worker(number)));
  return (done / (performance.now() - startMs)) * 1000;
};
