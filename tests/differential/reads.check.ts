import type { Random } from '../harness/random.js';
import { chapter } from './chapter.js';
import { filter } from './generate/filters.js';
import { distinctKey, page, projection, sort } from './generate/reads.js';
import { documents, type Taste, tasteOf } from './generate/values.js';
import { type Operation, SUBJECT } from './operation.js';
import { canonical, rowsText } from './outcome.js';

/** How many reads share one set of documents. */
const READS = 8;

type ReadOperation = Pick<Operation, 'command' | 'observe'>;

const chapterOf = (title: string, read: (random: Random, taste: Taste) => ReadOperation): void =>
  chapter(title, (random) => {
    const taste = tasteOf(random);
    const held = documents(random, taste);
    return Array.from({ length: READS }, () => ({ documents: held, reads: true, ...read(random, taste) }));
  });

chapterOf('filters', (random, taste) => ({
  command: { find: SUBJECT, filter: filter(random, taste), projection: { _id: 1 } },
  observe: async (server, command) => rowsText(await server.run(command), { anyOrder: true }),
}));

chapterOf('sorts and pages', (random, taste) => ({
  command: {
    find: SUBJECT,
    filter: random.below(2) === 0 ? {} : filter(random, taste, 0),
    projection: { _id: 1 },
    sort: sort(random),
    ...page(random),
  },
  observe: async (server, command) => rowsText(await server.run(command), {}),
}));

chapterOf('projections', (random, taste) => ({
  command: { find: SUBJECT, filter: {}, projection: projection(random, taste), sort: { _id: 1 } },
  observe: async (server, command) => rowsText(await server.run(command), {}),
}));

chapterOf('distinct and count', (random, taste) =>
  random.below(2) === 0
    ? {
        command: { distinct: SUBJECT, key: distinctKey(random), query: filter(random, taste, 0) },
        observe: async (server, command) => {
          const { values } = await server.run(command);
          return values
            .map((value: unknown) => canonical(value))
            .sort()
            .join('\n');
        },
      }
    : {
        command: { count: SUBJECT, query: filter(random, taste), ...page(random) },
        observe: async (server, command) => canonical((await server.run(command)).n, { anyNumberType: true }),
      },
);
