import { removeAt } from '@parley/server/internal/features/messages/document/segments';
import { expect } from 'chai';
import * as Y from 'yjs';

describe('taking an element out of a list', () => {
  it('finds it where others have put something before it in the same transaction', () => {
    const doc = new Y.Doc();
    const list = doc.getArray<unknown>('list');
    // One by one, so that none of them merge into one that is found at once.
    for (let value = 0; value < 100; value += 1) doc.transact(() => list.push([value]), value);
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    other.getArray<unknown>('list').insert(0, [-3, -2, -1]);
    doc.transact(() => {
      removeAt(list, 60);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)));
      removeAt(list, 101);
    });
    expect(list.toArray()).to.deep.equal(
      Array.from({ length: 103 }, (_, index) => index - 3).filter((value) => value !== 60 && value !== 99),
    );
  });
});
