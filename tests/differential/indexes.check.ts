import type { Document } from 'mongodb';
import type { Random } from '../harness/random.js';
import { chapter } from './chapter.js';
import {
  changes,
  hintFor,
  indexable,
  indexChange,
  indexedDocuments,
  indexedWrite,
  indexesFor,
} from './generate/indexes.js';
import { sort } from './generate/reads.js';
import { tasteOf } from './generate/values.js';
import { type Operation, SUBJECT } from './operation.js';
import { canonical, rowsText } from './outcome.js';
import type { Server } from './servers.js';
import { observeIndexes, observeWrite, writeBulk, writeOneByOne } from './written.js';

/** How many operations share documents and indexes. */
const OPERATIONS = 6;
const FEW_DOCUMENTS = 6;
const MANY_DOCUMENTS = 25;

/** Documents of one taste, and indexes that mean something to them. */
const indexedSubject = (random: Random, count: number) => {
  const taste = tasteOf(random);
  const held = indexedDocuments(random, taste, count);
  return { taste, held, indexes: indexesFor(random, { held, taste }) };
};

/** Operations, each on documents and indexes as the subject has them. */
const several = (
  { held, indexes }: ReturnType<typeof indexedSubject>,
  operation: () => Omit<Operation, 'documents' | 'indexes'>,
): Operation[] => Array.from({ length: OPERATIONS }, () => ({ documents: held, indexes, ...operation() }));

chapter(
  'writes under indexes',
  (random) => {
    const subject = indexedSubject(random, FEW_DOCUMENTS);
    return several(subject, () => ({
      command: indexedWrite(random, subject),
      ...observeWrite(writeBulk),
    }));
  },
  { share: 0.3 },
);

chapter(
  'documents inserted under indexes',
  (random) => {
    const taste = tasteOf(random);
    const documents = indexedDocuments(random, taste, FEW_DOCUMENTS);
    const indexes = indexesFor(random, { held: [], taste });
    const command = { insert: SUBJECT, documents, ordered: false };
    const observation = observeWrite((server, bulk) =>
      (server.name === 'store' ? writeBulk : writeOneByOne)(server, bulk),
    );
    return [{ documents: [], indexes, command, ...observation }];
  },
  { share: 0.2 },
);

chapter(
  'reads through indexes',
  (random) => {
    const subject = indexedSubject(random, FEW_DOCUMENTS);
    return several(subject, () => ({
      reads: true,
      command: {
        find: SUBJECT,
        filter: indexable(random, subject),
        sort: sort(random),
        ...hintFor(random, subject.indexes),
      },
      observe: async (server, command) => rowsText(await server.run(command), {}),
    }));
  },
  { share: 0.4 },
);

chapter(
  'indexes made and dropped',
  (random) => {
    const subject = indexedSubject(random, FEW_DOCUMENTS);
    return several(subject, () => ({
      command: indexChange(random, subject.taste, subject.indexes),
      observe: observeIndexes,
    }));
  },
  { share: 0.15 },
);

chapter(
  'reads by an index and by a scan, after changes',
  (random) => {
    const subject = indexedSubject(random, MANY_DOCUMENTS);
    const before = changes(random, subject);
    return several(subject, () => ({
      command: { find: SUBJECT, filter: indexable(random, subject), sort: sort(random), before },
      observe: readAfterChanges,
    }));
  },
  { besideItself: true, share: 0.3 },
);

/** The other way to read is a scan, which no index can lead astray. The indexes must agree with the documents, too. */
async function readAfterChanges(server: Server, { before, ...read }: Document): Promise<string> {
  for (const change of before) await writeBulk(server, change);
  const rows = await server.run(server.name === 'store' ? read : { ...read, hint: { $natural: 1 } });
  const { valid, errors } = await server.run({ validate: SUBJECT });
  return `${canonical({ valid, errors })}\n${rowsText(rows, {})}`;
}
