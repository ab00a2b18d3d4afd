import { timed } from '../tools/timing.mjs';

/** A measure that took longer is not taken again from that contestant. */
const patienceMs = 15_000;

/**
 * Takes every measure in every round, one contestant after the other, and resolves with a row for each value: by contestant,
 * one value a round. What the witness cannot do is left out and said; the store has to do everything.
 */
export const takeTurns = async (sites, measures, { rounds, forMs, say }) => {
  const table = measures.map(({ rows }) =>
    rows.map(([name, unit]) => ({ name, unit, values: new Map(sites.map((site) => [site.name, []])) })),
  );
  const over = new Set();
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const [place, measure] of measures.entries()) {
      for (const site of round % 2 === 1 ? sites : sites.toReversed()) {
        const key = `${place} ${site.name}`;
        if (over.has(key)) continue;
        const tookMs = await timed(async () => {
          const values = await attempt(site, measure, { forMs, say });
          values.forEach((value, i) => {
            if (value !== undefined) table[place][i].values.get(site.name).push(value);
          });
        });
        if (tookMs > patienceMs) over.add(key);
      }
    }
  }
  return table.flat();
};

const attempt = async (site, measure, { forMs, say }) => {
  try {
    return await measure.run(site, forMs);
  } catch (error) {
    if (site.name === 'store') throw error;
    say(`${site.name} does not do "${measure.rows[0][0]}": ${error.message}`);
    return [];
  }
};
