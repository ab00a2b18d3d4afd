import { chapter } from './chapter.js';
import { SUBJECT } from './compare.js';
import { filter } from './generate/filters.js';
import { documents, tasteOf } from './generate/values.js';
import { rowsText } from './outcome.js';

chapter('filters', (random) => {
  const taste = tasteOf(random);
  const held = documents(random, taste);
  return Array.from({ length: 8 }, () => ({
    documents: held,
    reads: true,
    command: { find: SUBJECT, filter: filter(random, taste), projection: { _id: 1 } },
    observe: async (server, command) => rowsText(await server.run(command), { anyOrder: true }),
  }));
});
