import {
  appendMessage,
  DocumentNotReady,
  foldName,
  isReady,
  limits,
  messageIdSchema,
  newId,
  readMessages,
  readWindow,
} from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { GuardBench, segmentOf } from '../../harness/guard-bench.js';

describe('a conversation’s document', () => {
  it('takes no message before the first sync', () => {
    const doc = new Y.Doc();
    expect(isReady(doc)).to.equal(false);
    expect(() => appendMessage(doc, { author: 'ada', text: 'hi' })).to.throw(DocumentNotReady);
    expect(readMessages(doc)).to.deep.equal([]);
    expect(readWindow(doc)).to.equal(null);
  });

  it('is ready after it, and says where its window starts', () => {
    const doc = new GuardBench().copy();
    expect(isReady(doc)).to.equal(true);
    expect(readWindow(doc)).to.deep.equal({ v: 1, conversation: 'conversation-1', startSeq: 1 });
  });

  it('refuses a bad draft with the field’s name and stays as it was', () => {
    const doc = new GuardBench().copy();
    const before = Y.encodeStateAsUpdate(doc);
    for (const [draft, field] of [
      [{ author: 'ada', text: '' }, 'text'],
      [{ author: 'ada', text: 'x'.repeat(limits.textCharacters.value + 1) }, 'text'],
      [{ author: '', text: 'x' }, 'author'],
      [{ author: 'ada', text: 'x', id: 'short' }, 'id'],
      [{ author: 'ada', text: 'x', replyTo: 'short' }, 'replyTo'],
    ] as const) {
      try {
        appendMessage(doc, draft);
        expect.fail('taken');
      } catch (error) {
        expect(error).to.have.property('name', 'ZodError');
        expect(error).to.have.nested.property('issues[0].path[0]', field);
      }
    }
    expect(Y.encodeStateAsUpdate(doc)).to.deep.equal(before);
  });

  it('is read without failing, whatever stands in it', () => {
    const doc = new GuardBench().copy();
    appendMessage(doc, { author: 'ada', text: 'good' });
    segmentOf(doc).messages.push([null, 'text', { id: 7 }, [1]]);
    segmentOf(doc).edits.set('x', 'nonsense');
    segmentOf(doc).reactions.set('x', { emoji: 1 });
    doc.getArray<unknown>('segments').push([new Y.Map()]);
    expect(readMessages(doc).map(({ text }) => text)).to.deep.equal(['good']);
  });
});

describe('ids and names', () => {
  it('make ids that fit their schema, sort by time, and differ', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => newId(1_700_000_000_000 + index));
    expect(ids.every((id) => messageIdSchema.safeParse(id).success)).to.equal(true);
    expect(ids.toSorted()).to.deep.equal(ids);
    expect(new Set(Array.from({ length: 1_000 }, () => newId(5))).size).to.equal(1_000);
    expect(newId(0)).to.match(/^0{10}/);
  });

  it('fold names that look alike into one', () => {
    expect(foldName('  Café   BAR ')).to.equal(foldName('cafe\u0301 bar'));
    expect(foldName('ﬁne')).to.equal('fine');
    expect(foldName('Ada')).not.to.equal(foldName('Bob'));
  });
});
