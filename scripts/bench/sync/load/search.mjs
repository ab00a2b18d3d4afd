/** The share of a core above which the load itself is what holds things up. */
const loadIsFull = 0.9;
const halvings = 3;

const isGood = ({ missing, p99 }, { withinMs }) => missing === 0 && p99 < withinMs;

/**
 * The highest rate at which `attempt(rate)` still answers with everything delivered and 99 of 100 within `withinMs`: doubles from
 * `from` until it does not or `most` is reached, then narrows that down. Notes when it was the load that could do no more.
 */
export const highestRate = async (attempt, { from, most, withinMs }, note) => {
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  let rate = from;
  let full = false;
  for (let left = halvings; left > 0; ) {
    let result = await attempt(rate);
    // Once may be the machine's doing.
    if (!isGood(result, { withinMs })) result = await attempt(rate);
    const holds = isGood(result, { withinMs });
    if (holds) good = rate;
    else {
      bad = rate;
      full = result.load > loadIsFull;
    }
    if (holds && rate >= most) break;
    if (bad === Number.POSITIVE_INFINITY) rate *= 2;
    else if (good === 0 && rate <= 1) break;
    else if (good === 0) rate /= 2;
    else {
      left -= 1;
      rate = Math.round(Math.sqrt(good * bad));
    }
  }
  if (good >= most) note(`${most} a second is where the search ends, not what it can do`);
  if (full) note('the load used a core of its own up: its limit, not the server');
  return good;
};
