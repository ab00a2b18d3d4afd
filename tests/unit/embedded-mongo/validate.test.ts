import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '@parley/server/internal/embedded-mongo/commands/dispatch';
import {
  documentKey,
  indexEntryKey,
  recordValue,
} from '@parley/server/internal/embedded-mongo/storage/layout';
import { openStore, type Store } from '@parley/server/internal/embedded-mongo/storage/store';
import { type Document, deserialize, serialize } from 'bson';
import { expect } from 'chai';
import { findDisagreements } from './check-store.js';
import { commandContext } from './command-context.js';

const DOCUMENTS = 400;

describe('store: validate', () => {
  let dataDir: string;
  let store: Store;

  const command = async (body: Document): Promise<Document> => {
    const incoming = { body: Buffer.from(serialize({ ...body, $db: 'd' })), sequences: new Map() };
    const reply = deserialize(await runCommand(incoming, commandContext(store)));
    if (reply.ok !== 1) throw new Error(reply.errmsg);
    return reply;
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'validate-'));
    store = await openStore(dataDir);
    const documents = Array.from({ length: DOCUMENTS }, (_, _id) => ({
      _id,
      n: _id % 7,
      tags: ['a', `b${_id}`],
    }));
    await command({ insert: 'c', documents });
    const sparse = { key: { n: -1 }, name: 'n', sparse: true };
    await command({ createIndexes: 'c', indexes: [sparse, { key: { tags: 1 }, name: 'tags' }] });
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** The index `name` of the collection, and one entry of it that is there. */
  const anEntry = (name: string): { key: Buffer; id: number } => {
    const index = store.catalogue.find('d', 'c')?.indexes.find((candidate) => candidate.name === name);
    if (!index) throw new Error(`no index ${name}`);
    const start = indexEntryKey(index.id, Buffer.alloc(0));
    const [entry] = store.engine.range({
      start,
      end: indexEntryKey(index.id + 1, Buffer.alloc(0)),
      limit: 1,
    });
    if (!entry) throw new Error(`${name} is empty`);
    return { key: entry.key, id: index.id };
  };

  it('finds nothing wrong with a collection that is right, and counts its keys', async () => {
    const report = await command({ validate: 'c' });
    expect(report).to.deep.include({ valid: true, nrecords: DOCUMENTS, nIndexes: 3, errors: [] });
    expect(report.keysPerIndex).to.deep.equal({ _id_: DOCUMENTS, n: DOCUMENTS, tags: 2 * DOCUMENTS });
  });

  const damages: [string, RegExp, () => Promise<unknown>][] = [
    [
      'a missing entry',
      /an entry for record \d+ is missing/,
      () => store.engine.write((transaction) => transaction.remove(anEntry('tags').key)),
    ],
    [
      'a stray entry',
      /1 entries belong to no document/,
      () =>
        store.engine.write((transaction) =>
          transaction.put(indexEntryKey(anEntry('n').id, Buffer.of(1, 2, 3), 9), recordValue(9)),
        ),
    ],
    [
      'an entry of another document',
      /an entry for record \d+ is missing/,
      () => store.engine.write((transaction) => transaction.put(anEntry('_id_').key, recordValue(2))),
    ],
    [
      'a document that went without its entries',
      /the counters say 400 documents .* there are 399/,
      () => store.engine.write((transaction) => transaction.remove(documentKey(collectionId(), 5))),
    ],
    [
      'bytes that are no document',
      /record 5 is not a BSON document/,
      () =>
        store.engine.write((transaction) =>
          transaction.put(documentKey(collectionId(), 5), Buffer.from('garbage')),
        ),
    ],
    [
      'an index that is not marked as one over arrays',
      /it is not marked for what record \d+ holds/,
      async () => {
        const index = store.catalogue.find('d', 'c')?.indexes.find(({ name }) => name === 'tags');
        if (index) index.multikey = false;
      },
    ],
  ];
  const collectionId = (): number => store.catalogue.find('d', 'c')?.id ?? 0;

  for (const [title, expected, damage] of damages) {
    it(`finds ${title}`, async () => {
      await damage();
      const report = await command({ validate: 'c' });
      const details: Document[] = Object.values(report.indexDetails);
      const texts = [...report.errors, ...details.flatMap(({ errors = [] }) => errors)];
      expect(report.valid).to.equal(false);
      expect(texts.join('\n')).to.match(expected);
    });
  }

  it('sees one moment of the collection while others write', async () => {
    const validating = Array.from({ length: 5 }, () => command({ validate: 'c' }));
    for (let i = 0; i < 20; i++) {
      await command({ insert: 'c', documents: [{ n: i, tags: [] }, { tags: 'x' }] });
      await command({ delete: 'c', deletes: [{ q: { _id: i }, limit: 1 }] });
      await command({
        update: 'c',
        updates: [{ q: { _id: 399 - i }, u: { $set: { n: -i, tags: [i, i] } } }],
      });
    }
    for (const report of await Promise.all(validating)) {
      expect(report).to.deep.include({ valid: true, nrecords: DOCUMENTS });
    }
    expect((await command({ validate: 'c' })).valid).to.equal(true);
    expect(findDisagreements(store)).to.deep.equal([]);
  });
});
