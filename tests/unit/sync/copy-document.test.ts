import { copyDocument } from '@parley/server/internal/sync/copy-document';
import { expect } from 'chai';
import * as Y from 'yjs';
import { Random } from '../../harness/random.js';
import { editRichly, readRichly, richDocument } from '../../harness/rich-document.js';

const SERVER = 2;

const bare = (doc: Y.Doc): Y.Doc => {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  return copy;
};

/** As the engine does it: neither document knows of what types its roots are. */
const renewed = (doc: Y.Doc): Y.Doc => {
  const to = new Y.Doc();
  to.clientID = 0;
  copyDocument(bare(doc), to, SERVER);
  expect(to.clientID).to.equal(0);
  return bare(to);
};

describe('a copy of a document', () => {
  for (let seed = 1n; seed <= 60n; seed += 1n) {
    it(`[N1] shows the same as the one it was made of, random document ${seed}`, () => {
      const random = new Random(seed);
      const doc = richDocument(random, { clients: 1 + random.below(4), steps: 150 });
      const copy = renewed(doc);
      expect(readRichly(copy)).to.deep.equal(readRichly(doc));
      expect([...copy.store.clients.keys()]).to.deep.equal([SERVER]);
      // It goes on like any other.
      const [one, two] = [bare(copy), bare(copy)];
      for (let step = 0; step < 40; step += 1) editRichly(random, step % 2 === 0 ? one : two);
      Y.applyUpdate(one, Y.encodeStateAsUpdate(two));
      Y.applyUpdate(two, Y.encodeStateAsUpdate(one));
      expect(readRichly(one)).to.deep.equal(readRichly(two));
    });
  }

  it('[N1] leaves behind what was deleted', () => {
    const doc = new Y.Doc();
    const text = doc.getText('text');
    for (let at = 0; at < 500; at += 1)
      text.insert(text.length, `word 🌳${at} `, at % 2 === 0 ? { bold: true } : {});
    text.delete(3, text.length - 6);
    doc.getMap('gone').set('key', new Y.Map());
    doc.getMap('gone').delete('key');
    const copy = renewed(doc);
    expect(copy.getText('text').toDelta()).to.deep.equal(text.toDelta());
    expect(copy.store.clients.get(SERVER)?.length).to.be.below(10);
    expect(copy.share.has('gone')).to.equal(false);
    expect(Y.encodeStateAsUpdate(copy).length).to.be.below(100);
  });

  it('merges neighbours, nested types or not', () => {
    const doc = new Y.Doc();
    for (let at = 0; at < 300; at += 1) {
      doc.getArray('flat').insert(0, [at]);
      doc.getArray('nested').push([new Y.Text(`text ${at}`)]);
    }
    const copy = renewed(doc);
    // One list of values, 300 types, 300 texts.
    expect(copy.store.clients.get(SERVER)?.length).to.equal(601);
  });

  it('[N1] takes a hundred thousand items and tombstones, and types deep in one another', () => {
    const doc = new Y.Doc({ gc: false });
    const text = doc.getText('text');
    doc.transact(() => {
      for (let at = 0; at < 100_000; at += 1) text.insert(0, 'x');
    });
    for (let at = 0; at < 50_000; at += 10_000) text.delete(at, 5_000);
    let map = doc.getMap<unknown>('deep');
    for (let depth = 0; depth < 3_000; depth += 1) {
      const inner = new Y.Map<unknown>();
      map.set('in', inner);
      map = inner;
    }
    map.set('end', 1);
    let at = 0;
    const to = new Y.Doc();
    copyDocument(doc, to, SERVER);
    expect(to.getText('text').toString()).to.equal(text.toString());
    for (let inner = to.getMap('deep').get('in'); inner instanceof Y.Map; inner = inner.get('in')) at += 1;
    expect(at).to.equal(3_000);
  });
});
