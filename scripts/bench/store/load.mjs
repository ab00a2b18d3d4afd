import { inTurns, timed } from '../tools/timing.mjs';
import { fewMessages } from './measures.mjs';
import { createMessages, loadMessages, messageWork } from './messages.mjs';

const parts = 10;

/** Fills both servers of every site, a tenth of the messages at a time, in turns. Resolves with the row of the large one. */
export const load = async (sites, { documents, forMs }, say) => {
  const rates = new Map(sites.map(({ name }) => [name, []]));
  for (const { few, many } of sites) {
    for (const server of [few, many]) await createMessages(server.db);
    await loadMessages(few.db, { from: 0, to: fewMessages, total: fewMessages });
    // The large server has run its code a thousand times by then; the small one must have, too.
    await inTurns(Object.values(messageWork(few.db, fewMessages)), forMs);
  }
  const step = Math.ceil(documents / parts);
  for (let from = 0; from < documents; from += step) {
    const to = Math.min(from + step, documents);
    for (const { name, many } of sites) {
      const ms = await timed(() => loadMessages(many.db, { from, to, total: documents }));
      rates.get(name).push(((to - from) / ms) * 1_000);
    }
  }
  const tookMs = (name) => rates.get(name).reduce((sum, rate) => sum + step / rate, 0);
  for (const { name } of sites)
    say(`${name} took ${tookMs(name).toFixed(0)} s to load ${documents.toLocaleString('en')} messages`);
  return [{ name: `load of ${documents.toLocaleString('en')} messages`, unit: 'documents/s', values: rates }];
};
