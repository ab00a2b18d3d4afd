import { expect } from 'chai';
import { Binary, type Document, MongoClient } from 'mongodb';
import { type CopyBench, openCopyBench, rows } from '../harness/copy-bench.js';
import { documentsOfKinds, everyKind, type Kind } from '../harness/every-kind.js';
import { contentOf, withStore } from '../harness/store-cli.js';
import { WITNESSES, type WitnessName } from './servers.js';

/** What each server cannot hold, and what it takes and keeps as something else without a word. */
const WEAKNESSES: Readonly<
  Record<WitnessName, { readonly refused: readonly Kind[]; readonly altered: Kind }>
> = {
  ferretdb: {
    refused: [
      'decimal',
      'notANumber',
      'infinity',
      'code',
      'codeWithScope',
      'symbol',
      'minKey',
      'maxKey',
      'listsInLists',
      'reference',
      'namesWithSigns',
      // It is brought with an option of insert that this server does not know.
      'timestampOfZero',
    ],
    altered: 'minusZero',
  },
  'mongo-java-server': {
    refused: ['binaryOldForm', 'codeWithScope', 'symbol'],
    altered: 'binaryOwnType',
  },
};
const DATABASES = ['copy_check', 'copy_check_files'];
const [DATABASE = '', FILES = ''] = DATABASES;

const fill = (bench: CopyBench, kinds: readonly Document[]): Promise<void> =>
  withStore(bench.dataDir, async (client) => {
    const db = client.db(DATABASE);
    await db.collection<Document>('kinds').insertMany([...kinds]);
    await db.createCollection('empty');
    const messages = db.collection<Document>('messages');
    await messages.insertMany(rows(2500));
    await messages.createIndex({ n: -1, _id: 1 });
    await messages.createIndex({ n: 1 }, { unique: true });
    const chunks = rows(40).map((row) => ({ ...row, data: new Binary(Buffer.alloc(255 * 1024, row.n)) }));
    await client.db(FILES).collection<Document>('fs.chunks').insertMany(chunks);
  });

const NAMES: readonly WitnessName[] = ['ferretdb', 'mongo-java-server'];

for (const name of NAMES) {
  const uri = WITNESSES[name];
  const { refused, altered } = WEAKNESSES[name];

  describe(`parley store copy to ${name}`, () => {
    let bench: CopyBench;
    let client: MongoClient;
    before(async function () {
      if (uri === undefined) this.skip();
      client = await new MongoClient(uri).connect();
    });
    beforeEach(async () => {
      bench = await openCopyBench();
      for (const database of DATABASES) await client.db(database).dropDatabase();
    });
    afterEach(() => bench[Symbol.asyncDispose]());
    after(async () => {
      for (const database of DATABASES) await client?.db(database).dropDatabase();
      await client?.close();
    });

    it('brings every type it can hold, byte for byte', async () => {
      const kinds = documentsOfKinds([...refused, altered]);
      expect(kinds.length).to.be.greaterThan(15);
      await fill(bench, kinds);
      const { code, err } = await bench.copyTo(uri ?? '');
      expect([code, err]).to.deep.equal([0, '']);
      const wanted = await withStore(bench.dataDir, (store) => contentOf(store, DATABASES));
      const held = await contentOf(client, DATABASES);
      expect(Object.keys(held).sort()).to.deep.equal(Object.keys(wanted).sort());
      for (const [namespace, { documents, indexes }] of Object.entries(wanted)) {
        expect(held[namespace]?.documents, namespace).to.deep.equal(documents);
        const fields = (all: Document[] = []): unknown => all.map(({ key, unique }) => [key, unique]);
        expect(fields(held[namespace]?.indexes), namespace).to.deep.equal(fields(indexes));
      }
    });

    it(`notices what it alters: ${altered}`, async () => {
      await fill(bench, [{ _id: altered, v: everyKind[altered] }]);
      const { code, out } = await bench.copyTo(uri ?? '');
      expect(code).to.equal(1);
      expect(out).to.include(`FAILED  ${DATABASE}.kinds: both sides have 1 documents, but not the same.`);
      expect(out).to.match(/^ok .*messages: 2500 documents/m);
    });
  }).timeout(60_000);
}
