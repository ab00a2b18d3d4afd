import { figure, tableOf } from '../tools/table.mjs';
import { median } from '../tools/timing.mjs';

const isRate = (unit) => unit.endsWith('/s');

/** The ratio in words: which way round is better depends on the unit. */
const verdict = (unit, ratio) => {
  if (ratio === undefined || !Number.isFinite(ratio) || unit === 'times') return '';
  const by = (factor) => `${figure(factor)} times`;
  if (unit === 'MB') return ratio <= 1 ? `${by(1 / ratio)} smaller` : `${by(ratio)} larger`;
  const gain = isRate(unit) ? ratio : 1 / ratio;
  if (unit === 'µs') return gain >= 1 ? `${by(gain)} less` : `${by(1 / gain)} more`;
  return gain >= 1 ? `${by(gain)} faster` : `${by(1 / gain)} slower`;
};

/** Prints medians: a column for each contestant, and the store against the witness where there is one. */
export const printReport = (results, names, say) => {
  const [, witness] = names;
  const head = ['', 'unit', ...names, ...(witness === undefined ? [] : ['ratio', 'the store is'])];
  const rows = results.map(({ name, unit, values }) => {
    const middles = names.map((each) => median(values.get(each)));
    const cells = [name, unit, ...middles.map(figure)];
    if (witness === undefined) return cells;
    const ratio = middles[1] === undefined ? undefined : middles[0] / middles[1];
    return [...cells, figure(ratio), verdict(unit, ratio)];
  });
  say('');
  for (const line of tableOf(head, rows)) say(line);
};
