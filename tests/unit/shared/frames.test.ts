import {
  BadBytes,
  ByteReader,
  ByteWriter,
  decodeAwareness,
  decodeFrame,
  encodeAwareness,
  encodeAwarenessEntries,
  encodeNotice,
  encodeQueryAwareness,
  encodeRefused,
  encodeReply,
  encodeStateVector,
  encodeStored,
  encodeUpdate,
  frameTypes,
} from '@parley/shared';
import { expect } from 'chai';
import * as encoding from 'lib0/encoding';
import * as awarenessProtocol from 'y-protocols/awareness';
import * as syncProtocol from 'y-protocols/sync';
import * as Y from 'yjs';

const bytes = new Uint8Array([1, 2, 3]);
const refusal = {
  nth: 2,
  code: 'UPDATE_REFUSED',
  rule: 'C4',
  reason: 'author must be you',
  messages: ['id'],
};

describe('frames', () => {
  it('come back as they were sent', () => {
    expect(decodeFrame(encodeStateVector(bytes))).to.deep.equal({ type: 'stateVector', bytes });
    expect(decodeFrame(encodeReply(bytes))).to.deep.equal({ type: 'reply', bytes });
    expect(decodeFrame(encodeUpdate(bytes))).to.deep.equal({ type: 'update', bytes });
    expect(decodeFrame(encodeAwareness(bytes))).to.deep.equal({ type: 'awareness', bytes });
    expect(decodeFrame(encodeQueryAwareness())).to.deep.equal({ type: 'queryAwareness' });
    expect(decodeFrame(encodeStored(300))).to.deep.equal({ type: 'stored', upTo: 300 });
    expect(decodeFrame(encodeRefused(refusal))).to.deep.equal({ type: 'refused', refusal });
    for (const notice of [
      { type: 'sequenced' as const, ids: ['a'], seqs: [1] },
      { type: 'changed' as const, ids: ['a', 'b'] },
    ])
      expect(decodeFrame(encodeNotice(notice))).to.deep.equal({ type: 'notice', notice });
  });

  it('pass over notices of a later version, and refuse broken ones of this', () => {
    const told = (notice: object): Uint8Array =>
      new ByteWriter().varUint(frameTypes.notice).varString(JSON.stringify(notice)).finish();
    expect(decodeFrame(told({ type: 'weather', sun: true }))).to.deep.equal({
      type: 'unknown',
      frameType: frameTypes.notice,
    });
    for (const broken of [{ type: 'changed', ids: 'a' }, { type: 'welcome' }, { type: 7 }, {}])
      expect(() => decodeFrame(told(broken)), JSON.stringify(broken)).to.throw(BadBytes);
  });

  it('are those of y-protocols', () => {
    const doc = new Y.Doc();
    doc.getArray('list').push([1]);
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    syncProtocol.writeSyncStep1(encoder, doc);
    expect(decodeFrame(encoding.toUint8Array(encoder))).to.deep.equal({
      type: 'stateVector',
      bytes: Y.encodeStateVector(doc),
    });
    const awareness = new awarenessProtocol.Awareness(doc);
    awareness.setLocalState({ typing: true });
    const update = awarenessProtocol.encodeAwarenessUpdate(awareness, [doc.clientID]);
    const entries = decodeAwareness(update, 10);
    expect(entries).to.deep.equal([{ client: doc.clientID, clock: 1, state: '{"typing":true}' }]);
    expect([...encodeAwarenessEntries(entries)]).to.deep.equal([...update]);
    awareness.destroy();
  });

  it('of a type nobody knows yet are told apart from broken ones', () => {
    expect(decodeFrame(new Uint8Array([77, 1, 2, 3]))).to.deep.equal({ type: 'unknown', frameType: 77 });
  });

  it('that are cut short anywhere, too long, or no JSON are refused as such', () => {
    for (const frame of [encodeUpdate(bytes), encodeStored(300), encodeRefused(refusal)]) {
      for (let end = 0; end < frame.length; end += 1)
        expect(() => decodeFrame(frame.subarray(0, end))).to.throw(BadBytes);
      expect(() => decodeFrame(new Uint8Array([...frame, 0]))).to.throw(BadBytes);
    }
    expect(() => decodeFrame(new ByteWriter().varUint(102).varString('{').finish())).to.throw(BadBytes);
    expect(() =>
      decodeFrame(
        new ByteWriter()
          .varUint(2)
          .varUint(0)
          .varBytes(new Uint8Array([0xff]))
          .finish(),
      ),
    ).to.throw(BadBytes);
  });
});

describe('bytes', () => {
  it('hold every number up to 53 bits', () => {
    for (const value of [0, 1, 127, 128, 16_383, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      expect(new ByteReader(new ByteWriter().varUint(value).finish()).varUint()).to.equal(value);
    }
  });

  it('refuse larger numbers and endless ones', () => {
    expect(() => new ByteReader(new Uint8Array(9).fill(0xff)).varUint()).to.throw(BadBytes);
    expect(() => new ByteReader(new Uint8Array([...new Uint8Array(20).fill(0x80), 0])).varUint()).to.throw(
      BadBytes,
    );
  });

  it('never hand out more than there is', () => {
    expect(() => new ByteReader(new Uint8Array([5, 1, 2])).varBytes()).to.throw(BadBytes);
  });
});
