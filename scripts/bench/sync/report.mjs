import { figure, tableOf } from '../tools/table.mjs';
import { median } from '../tools/timing.mjs';

/** The values of one row of the bench, over rounds. */
export class Results {
  #lines = new Map();

  add(contestant, figures) {
    for (const [name, unit, value] of figures) {
      const line = this.#lines.get(name) ?? { name, unit, values: new Map() };
      this.#lines.set(name, line);
      line.values.set(contestant, [...(line.values.get(contestant) ?? []), value]);
    }
  }

  /** Prints medians, a column for each contestant; in brackets what Parley's is, divided by theirs. */
  print(names, say) {
    const lines = [...this.#lines.values()].map(({ name, unit, values }) => {
      const [own, ...theirs] = names.map((each) => median(values.get(each) ?? []));
      return [name, unit, figure(own), ...theirs.map((value) => besides(own, value))];
    });
    say('');
    for (const line of tableOf(['', 'unit', ...names], lines)) say(line);
    say('');
  }
}

const besides = (own, theirs) => (theirs === undefined ? '-' : `${figure(theirs)} (${figure(own / theirs)})`);
