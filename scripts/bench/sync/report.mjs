import { figure, tableOf } from '../tools/table.mjs';
import { median } from '../tools/timing.mjs';

/** Values by row and contestant, over rounds. */
export class Results {
  #rows = new Map();

  add(contestant, figures) {
    for (const [name, unit, value] of figures) {
      const row = this.#rows.get(name) ?? { name, unit, values: new Map() };
      this.#rows.set(name, row);
      row.values.set(contestant, [...(row.values.get(contestant) ?? []), value]);
    }
  }

  /** Prints medians, a column for each contestant, and then Parley's figures as so many times each other's. */
  print(names, say) {
    const rows = [...this.#rows.values()].map(({ name, unit, values }) => ({
      name,
      unit,
      middles: names.map((each) => median(values.get(each) ?? [])),
    }));
    say('');
    const figures = rows.map(({ name, unit, middles }) => [name, unit, ...middles.map(figure)]);
    for (const line of tableOf(['', 'unit', ...names], figures)) say(line);
    const [, ...rivals] = names;
    if (rivals.length === 0) return;
    say('\nParley against each, in this run: its figure divided by theirs');
    const ratios = rows
      .filter(({ middles: [, ...theirs] }) => theirs.some((value) => value !== undefined))
      .map(({ name, unit, middles: [own, ...theirs] }) => [
        name,
        unit,
        ...theirs.map((value) => figure(own / value)),
      ]);
    for (const line of tableOf(['', 'unit', ...rivals], ratios)) say(line);
  }
}
