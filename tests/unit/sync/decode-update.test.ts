import {
  type DecodedStruct,
  type DecodeLimits,
  decodeUpdate,
  MalformedUpdate,
} from '@parley/server/internal/sync/guard/decode-update';
import { expect } from 'chai';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

const limits: DecodeLimits = { maxStructs: 10_000, maxDeletes: 10_000, maxDepth: 16, maxValues: 10_000 };

const ROOT_R = [1, 1, 0x72]; // parent: the root type named "r"
const NO_DELETES = [0];
const filled = (length: number, byte: number) => Array.from({ length }, () => byte);
const varUint = (value: number) => [...encoding.encode((e) => encoding.writeVarUint(e, value))];
const text = (value: string) => [...encoding.encode((e) => encoding.writeVarString(e, value))];
const any = (value: unknown) => [
  ...encoding.encode((e) => encoding.writeAny(e, value as encoding.AnyEncodable)),
];

/** One block of client 7 from clock 3 on, with these structs, and nothing deleted. */
const blockOf = (...structs: number[][]) => [1, structs.length, 7, 3, ...structs.flat(), ...NO_DELETES];
/** An item of client 7 at clock 3 under the root type "r". */
const itemOf = (ref: number, ...content: number[]) => blockOf([ref, ...ROOT_R, ...content]);

function reasonFor(bytes: ArrayLike<number>, tight: Partial<DecodeLimits> = {}): string {
  try {
    decodeUpdate(Uint8Array.from(bytes), { ...limits, ...tight });
  } catch (error) {
    if (error instanceof MalformedUpdate) return error.reason;
    throw error;
  }
  return 'decoded';
}

function structsOf(bytes: number[]): readonly DecodedStruct[] {
  return decodeUpdate(Uint8Array.from(bytes), limits).blocks.flatMap((block) => block.structs);
}

function contentOf(bytes: number[]): unknown {
  const [struct] = structsOf(bytes);
  return struct?.kind === 'item' ? struct.content : struct;
}

/** A document with every kind of content, two authors, deletions and collected structs. */
function richDocument(): Y.Doc {
  const doc = new Y.Doc();
  doc.clientID = 4_000_000_000;
  const body = doc.getText('body');
  body.insert(0, 'héllo 🎉 world', { bold: true });
  body.insertEmbed(2, { image: 'x', size: [1, 2] });
  body.delete(4, 3);
  const map = doc.getMap('map');
  map.set('values', [1, -1, 1.5, 0.1, 2 ** 40, null, true, { deep: [{}] }]);
  map.set('bytes', new Uint8Array([1, 2, 3]));
  map.set('nested', new Y.Array());
  map.set('nested', new Y.Map());
  map.set('hook', new Y.XmlHook('h'));
  map.set('part', new Y.Doc({ guid: 'part', autoLoad: true, meta: { a: 1 } }));
  doc.getXmlFragment('xml').insert(0, [new Y.XmlElement('p'), new Y.XmlText('t')]);
  const other = new Y.Doc();
  other.clientID = 11;
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  other.getArray('list').push(['a', 'b', { c: 3n }]);
  other.getArray('list').delete(1, 1);
  return other;
}

describe('decodeUpdate', () => {
  describe('what a legal update says', () => {
    it('takes the empty update', () => {
      expect(decodeUpdate(new Uint8Array([0, 0]), limits)).to.deep.equal({
        bytes: 2,
        blocks: [],
        deletes: [],
      });
    });

    it('gives structs the ids that follow from the block and the lengths before them', () => {
      const bytes = blockOf([0, 5], [10, 2], [4, ...ROOT_R, ...text('a🎉')], [0x84, 7, 12, 1, 4]);
      const structs = structsOf(bytes);
      expect(structs.map((s) => [s.kind, s.id.clock, s.length])).to.deep.equal([
        ['gc', 3, 5],
        ['skip', 8, 2],
        ['item', 10, 3],
        ['item', 13, 1],
      ]);
      expect(structs.every((s) => s.id.client === 7)).to.equal(true);
    });

    it('reads parent and key only where there is no origin, though the key is flagged everywhere', () => {
      const parents = (bytes: number[]) =>
        structsOf(bytes).map((s) => s.kind === 'item' && [s.origin, s.rightOrigin, s.parent, s.parentSub]);
      const a = text('a');
      expect(parents(blockOf([0x24, ...ROOT_R, ...text('key'), ...a]))).to.deep.equal([
        [null, null, { root: 'r' }, 'key'],
      ]);
      expect(parents(blockOf([0x04, 0, 9, 4, ...a]))).to.deep.equal([
        [null, null, { item: { client: 9, clock: 4 } }, null],
      ]);
      expect(parents(blockOf([0xa4, 9, 4, ...a]))).to.deep.equal([
        [{ client: 9, clock: 4 }, null, null, null],
      ]);
      expect(parents(blockOf([0x64, 9, 4, ...a]))).to.deep.equal([
        [null, { client: 9, clock: 4 }, null, null],
      ]);
      expect(parents(blockOf([0xe4, 9, 4, 8, 1, ...a]))).to.deep.equal([
        [{ client: 9, clock: 4 }, { client: 8, clock: 1 }, null, null],
      ]);
    });

    it('reads every kind of content', () => {
      expect(contentOf(itemOf(1, 9))).to.deep.equal({ kind: 'deleted', length: 9 });
      expect(contentOf(itemOf(2, 2, ...text('undefined'), ...text('{"a":[1]}')))).to.deep.equal({
        kind: 'json',
        values: [undefined, { a: [1] }],
      });
      expect(contentOf(itemOf(3, 2, 8, 9))).to.deep.equal({ kind: 'binary', bytes: new Uint8Array([8, 9]) });
      expect(contentOf(itemOf(4, ...text('hi')))).to.deep.equal({ kind: 'string', text: 'hi' });
      expect(contentOf(itemOf(5, ...text('[null]')))).to.deep.equal({ kind: 'embed', value: [null] });
      expect(contentOf(itemOf(6, ...text('bold'), ...text('true')))).to.deep.equal({
        kind: 'format',
        key: 'bold',
        value: true,
      });
      expect(contentOf(itemOf(7, 1))).to.deep.equal({ kind: 'type', typeRef: 1, name: null });
      expect(contentOf(itemOf(7, 3, ...text('p')))).to.deep.equal({ kind: 'type', typeRef: 3, name: 'p' });
      expect(contentOf(itemOf(7, 5, ...text('h')))).to.deep.equal({ kind: 'type', typeRef: 5, name: 'h' });
      const values = [
        undefined,
        null,
        -64,
        -0,
        2 ** 31,
        1.5,
        0.1,
        -5n,
        false,
        'é',
        { k: [new Uint8Array([1])] },
      ];
      expect(contentOf(itemOf(8, values.length, ...values.flatMap(any)))).to.deep.equal({
        kind: 'any',
        values,
      });
      expect(contentOf(itemOf(9, ...text('g'), ...any({ gc: false })))).to.deep.equal({
        kind: 'doc',
        guid: 'g',
        options: { gc: false },
      });
    });

    it('keeps a byte order mark as a character, as Yjs does, so that lengths agree', () => {
      const [struct] = structsOf(itemOf(4, 4, 0xef, 0xbb, 0xbf, 0x61));
      expect(struct?.length).to.equal(2);
    });

    it('reads an update that is a view into a larger buffer, and nothing beside it', () => {
      const update = Y.encodeStateAsUpdate(richDocument());
      const larger = new Uint8Array(update.length + 20).fill(0xff);
      larger.set(update, 10);
      const view = larger.subarray(10, 10 + update.length);
      expect(decodeUpdate(view, limits)).to.deep.equal(decodeUpdate(update, limits));
    });

    it('lists deletions run by run', () => {
      const bytes = [0, 2, 9, 2, 0, 1, 5, 2, 4, 1, 7, 3];
      expect(decodeUpdate(Uint8Array.from(bytes), limits).deletes).to.deep.equal([
        { client: 9, clock: 0, length: 1 },
        { client: 9, clock: 5, length: 2 },
        { client: 4, clock: 7, length: 3 },
      ]);
    });
  });

  describe('what the bytes do not back', () => {
    it('refuses 32 million structs claimed in seven bytes', () => {
      expect(reasonFor([1, ...varUint(32_000_000), 7, 0])).to.equal('count-not-backed');
      expect(reasonFor([1, ...varUint(32_000_000), 7, 0], { maxStructs: 1e9 })).to.equal('count-not-backed');
    });

    it('refuses every other count or length beyond the bytes left', () => {
      const huge = varUint(2 ** 40);
      const cases = {
        blocks: huge,
        'deleting clients': [0, ...huge],
        deletions: [0, 1, 7, ...huge],
        'JSON values': itemOf(2, ...huge),
        bytes: itemOf(3, ...huge),
        'string bytes': itemOf(4, ...huge),
        'root name': blockOf([4, 1, ...huge]),
        values: itemOf(8, ...huge),
        'values in an array': itemOf(8, 1, 117, ...huge),
        'keys in an object': itemOf(8, 1, 118, ...huge),
        'bytes in a value': itemOf(8, 1, 116, ...huge),
      };
      for (const [name, bytes] of Object.entries(cases))
        expect(reasonFor(bytes), name).to.equal('count-not-backed');
    });

    it('refuses a real update cut at any byte, and one with a byte more', () => {
      const update = Y.encodeStateAsUpdate(richDocument());
      expect(reasonFor(update)).to.equal('decoded');
      for (let end = 0; end < update.length; end++) {
        expect(reasonFor(update.subarray(0, end)), `cut at ${end}`).to.be.oneOf([
          'truncated',
          'count-not-backed',
        ]);
      }
      expect(reasonFor([...update, 0])).to.equal('trailing-bytes');
    });

    it('refuses a value that ends early instead of reading zeros', () => {
      expect(reasonFor([1, 1, 7, 3, 8, ...ROOT_R, 1, 125])).to.equal('truncated');
      expect(reasonFor([1, 1, 7, 3, 8, ...ROOT_R, 1, 123, 0, 0])).to.equal('truncated');
    });

    it('refuses numbers past 2^53 - 1 and numbers spelled with more bytes than they need', () => {
      expect(reasonFor([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10])).to.equal('number-too-large');
      expect(reasonFor([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])).to.equal('count-not-backed');
      expect(reasonFor([0x80, 0x00, 0])).to.equal('number-padded');
      expect(reasonFor([...filled(200, 0x80), 0, 0])).to.equal('number-too-large');
      expect(reasonFor(itemOf(8, 1, 125, 0x80, 0x00))).to.equal('number-padded');
      expect(reasonFor(itemOf(8, 1, 125, ...filled(8, 0xff), 0x01))).to.equal('number-too-large');
    });
  });

  describe('what no honest Yjs writes', () => {
    it('refuses client ids beyond 32 bits, wherever they stand', () => {
      const big = varUint(2 ** 32);
      expect(reasonFor([1, 1, ...varUint(2 ** 32 - 1), 0, 0, 1, 0])).to.equal('decoded');
      expect(reasonFor([1, 1, ...big, 0, 0, 1, 0])).to.equal('client-id-too-large');
      expect(reasonFor(blockOf([0x84, ...big, 0, 1, 4]))).to.equal('client-id-too-large');
      expect(reasonFor([0, 1, ...big, 1, 0, 1])).to.equal('client-id-too-large');
    });

    it('refuses clocks that reach past 31 bits', () => {
      const top = varUint(2 ** 31 - 1);
      const past = varUint(2 ** 31);
      expect(reasonFor([1, 1, 7, ...varUint(2 ** 31 - 2), 0, 1, 0])).to.equal('decoded');
      expect(reasonFor([1, 1, 7, ...top, 0, 1, 0])).to.equal('clock-too-large');
      expect(reasonFor([1, 1, 7, ...past, 0, 1, 0])).to.equal('clock-too-large');
      expect(reasonFor(blockOf([0, ...varUint(2 ** 52)]))).to.equal('clock-too-large');
      expect(reasonFor(itemOf(1, ...top))).to.equal('clock-too-large');
      expect(reasonFor(blockOf([0x84, 9, ...past, ...text('a')]))).to.equal('clock-too-large');
      expect(reasonFor([0, 1, 7, 1, 1, ...top])).to.equal('clock-too-large');
    });

    it('refuses what has no length: blocks, structs, deletions', () => {
      expect(reasonFor([1, 0, 7, 0, 0, 0, 0])).to.equal('empty-block');
      expect(reasonFor(blockOf([0, 0]))).to.equal('empty-struct');
      expect(reasonFor(blockOf([10, 0]))).to.equal('empty-struct');
      for (const ref of [1, 2, 4, 8])
        expect(reasonFor(itemOf(ref, 0)), `content ${ref}`).to.equal('empty-struct');
      expect(reasonFor([0, 1, 7, 1, 3, 0])).to.equal('empty-delete');
      expect(reasonFor([0, 1, 7, 0, 0, 0])).to.equal('empty-delete');
    });

    it('refuses a client listed twice, of whose blocks Yjs would apply the last and merge both', () => {
      const twice = [2, 1, 7, 0, 0, 1, 1, 7, 1, 0, 1, 0];
      expect(reasonFor(twice)).to.equal('client-order');
      expect(Y.decodeUpdate(Uint8Array.from(twice)).structs).to.have.length(2);
    });

    it('refuses rising client ids, of which Yjs loses structs when it merges them', () => {
      const a = [4, ...ROOT_R, ...text('a')];
      const rising = [2, 1, 1, 0, ...a, 1, 5, 0, ...a, 0];
      const next = [1, 1, 1, 1, ...a, 0];
      expect(reasonFor(rising)).to.equal('client-order');
      expect(reasonFor([2, 1, 5, 0, ...a, 1, 1, 0, ...a, 0])).to.equal('decoded');
      const merged = Y.mergeUpdates([Uint8Array.from(rising), Uint8Array.from(next)]);
      expect(Y.decodeUpdate(merged).structs, 'of three').to.have.length(2);
    });

    it('refuses flags on GC and Skip, which the two halves of Yjs read differently', () => {
      for (const flag of [0x20, 0x40, 0x80]) {
        expect(reasonFor(blockOf([flag, 1]))).to.equal('struct-flags');
        expect(reasonFor(blockOf([flag | 10, 1]))).to.equal('struct-flags');
      }
      const skip = Uint8Array.from(blockOf([0x2a, 1]));
      expect(() => Y.applyUpdate(new Y.Doc(), skip)).not.to.throw();
      expect(() => Y.mergeUpdates([skip, skip])).to.throw();
    });

    it('refuses an item that refers to itself or to what its author has not written yet', () => {
      const ahead = blockOf([0x84, 7, 3, ...text('a')]);
      expect(reasonFor(ahead)).to.equal('reference-ahead');
      expect(reasonFor(blockOf([0x44, 7, 9, ...text('a')]))).to.equal('reference-ahead');
      expect(reasonFor(blockOf([0x04, 0, 7, 3, ...text('a')]))).to.equal('reference-ahead');
      expect(reasonFor(blockOf([0x84, 7, 2, ...text('a')]))).to.equal('decoded');
      const first = [1, 1, 7, 0, 0x84, 7, 0, ...text('a'), 0];
      expect(() => Y.applyUpdate(new Y.Doc(), Uint8Array.from(first))).to.throw();
    });

    it('refuses content, types, values and parents it does not know', () => {
      for (const ref of [11, 15, 31]) expect(reasonFor(itemOf(ref, 1)), `${ref}`).to.equal('unknown-content');
      expect(reasonFor(itemOf(7, 7))).to.equal('unknown-type');
      for (const tag of [0, 115, 128, 255]) expect(reasonFor(itemOf(8, 1, tag))).to.equal('unknown-value');
      expect(reasonFor(blockOf([4, 2, 9, 0, ...text('a')]))).to.equal('unknown-parent');
    });

    it('refuses subdocument options that are no object or bring a guid of their own', () => {
      for (const options of [null, 'x', [], { guid: 'other' }]) {
        expect(reasonFor(itemOf(9, ...text('g'), ...any(options)))).to.equal('subdocument-options');
      }
    });

    it('refuses broken UTF-8, as Yjs does, in short and long strings', () => {
      const broken = [[0xc3], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]];
      for (const bytes of broken) {
        const long = [...filled(40, 0x61), ...bytes];
        for (const chars of [bytes, long]) {
          const update = itemOf(4, chars.length, ...chars);
          expect(reasonFor(update)).to.equal('invalid-utf8');
          expect(() => Y.decodeUpdate(Uint8Array.from(update))).to.throw();
        }
      }
    });

    it('refuses JSON that does not parse; the word undefined counts only in the old JSON lists', () => {
      for (const json of ['', '{', '[1,]', '"', 'undefined', '01', '{"a"}', ']', '"\\']) {
        expect(reasonFor(itemOf(5, ...text(json))), json).to.equal('invalid-json');
      }
      expect(reasonFor(itemOf(2, 1, ...text('undefined ')))).to.equal('invalid-json');
    });

    it('refuses a key __proto__ at any depth, however JSON spells it', () => {
      const object = (inner: number[]) => [118, 1, ...text('__proto__'), ...inner];
      expect(reasonFor(itemOf(8, 1, ...object([118, 0])))).to.equal('forbidden-key');
      expect(reasonFor(itemOf(8, 1, 117, 1, ...object([126])))).to.equal('forbidden-key');
      expect(reasonFor(itemOf(9, ...text('g'), ...object([118, 0])))).to.equal('forbidden-key');
      for (const json of ['{"__proto__":{}}', '[{"a":{"\\u005f_proto__":1}}]']) {
        expect(reasonFor(itemOf(5, ...text(json)))).to.equal('forbidden-key');
        expect(reasonFor(itemOf(6, ...text('k'), ...text(json)))).to.equal('forbidden-key');
        expect(reasonFor(itemOf(2, 1, ...text(json)))).to.equal('forbidden-key');
      }
      expect(reasonFor(itemOf(5, ...text('"__proto__"')))).to.equal('decoded');
    });
  });

  describe('limits', () => {
    it('counts structs over all blocks', () => {
      const bytes = [2, 2, 9, 0, 0, 1, 0, 1, 1, 7, 0, 0, 1, 0];
      expect(reasonFor(bytes, { maxStructs: 3 })).to.equal('decoded');
      expect(reasonFor(bytes, { maxStructs: 2 })).to.equal('too-many-structs');
    });

    it('counts deletions over all clients', () => {
      const bytes = [0, 2, 9, 2, 0, 1, 4, 1, 7, 1, 0, 1];
      expect(reasonFor(bytes, { maxDeletes: 3 })).to.equal('decoded');
      expect(reasonFor(bytes, { maxDeletes: 2 })).to.equal('too-many-deletes');
    });

    it('counts values over the whole update, nested ones and JSON too', () => {
      const values = { any: [1, [2, { k: 3 }], []], json: '[1, [2,{"k": "a,[b]{\\",c"}] ,[ ]]' };
      const bytes = blockOf([8, ...ROOT_R, 1, ...any(values.any)], [0x85, 7, 3, ...text(values.json)]);
      expect(reasonFor(bytes, { maxValues: 14 })).to.equal('decoded');
      expect(reasonFor(bytes, { maxValues: 13 })).to.equal('too-many-values');
    });

    it('bounds how deep values nest, in both encodings', () => {
      const nested = (depth: number): unknown =>
        depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { k: nested(depth - 1) };
      for (const bytesOf of [
        (depth: number) => itemOf(8, 1, ...any(nested(depth))),
        (depth: number) => itemOf(5, ...text(JSON.stringify(nested(depth)))),
      ]) {
        expect(reasonFor(bytesOf(16))).to.equal('decoded');
        expect(reasonFor(bytesOf(17))).to.equal('too-deep');
        expect(reasonFor(bytesOf(1), { maxDepth: 0 })).to.equal('too-deep');
      }
    });

    it('never lets a limit reach the stack: a megabyte of brackets is refused under any limits', () => {
      const none: DecodeLimits = {
        maxStructs: Infinity,
        maxDeletes: Infinity,
        maxDepth: Infinity,
        maxValues: Infinity,
      };
      const arrays = new Uint8Array(1_000_000).map((_, i) => (i % 2 === 0 ? 1 : 117));
      const brackets = encoding.encode((e) => encoding.writeVarString(e, '['.repeat(1_000_000)));
      const updateOf = (ref: number, content: Uint8Array) =>
        Buffer.concat([Uint8Array.from([1, 1, 7, 3, ref, ...ROOT_R]), content, new Uint8Array(1)]);
      expect(reasonFor(updateOf(8, arrays), none)).to.equal('too-deep');
      expect(reasonFor(updateOf(5, brackets), none)).to.equal('too-deep');
    });

    it('refuses everything under a limit that is no number', () => {
      const update = Y.encodeStateAsUpdate(richDocument());
      for (const key of ['maxStructs', 'maxDeletes', 'maxDepth', 'maxValues'] as const) {
        expect(reasonFor(update, { [key]: Number.NaN }), key).not.to.equal('decoded');
      }
    });
  });

  describe('what it leaves to those who know the document', () => {
    const first = Uint8Array.from([1, 1, 7, 0, 4, ...ROOT_R, ...text('abc'), ...NO_DELETES]);
    const second = Uint8Array.from([1, 1, 7, 3, 0x84, 7, 2, ...text('def'), ...NO_DELETES]);
    const rewritten = Uint8Array.from([1, 1, 7, 0, 4, ...ROOT_R, ...text('abcXYZ'), ...NO_DELETES]);
    const textAfter = (...updates: Uint8Array[]) => {
      const doc = new Y.Doc();
      for (const update of updates) Y.applyUpdate(doc, update);
      return doc.getText('r').toJSON();
    };

    it('takes clocks that are known already: applied again they change nothing, merged they can replace the truth', () => {
      expect(reasonFor(rewritten)).to.equal('decoded');
      expect(textAfter(first, second, rewritten)).to.equal('abcdef');
      expect(textAfter(first, Y.mergeUpdates([second, rewritten]))).to.equal('abcXYZ');
    });

    it('takes an item that begins inside a collected run, at which Yjs throws while applying', () => {
      const collected = Uint8Array.from([1, 1, 7, 0, 0, 3, ...NO_DELETES]);
      expect(() => textAfter(collected, rewritten)).to.throw(TypeError);
    });

    it('takes any root name, which Yjs creates before it looks whether the item is new', () => {
      const doc = new Y.Doc();
      Y.applyUpdate(doc, first);
      const elsewhere = Uint8Array.from([1, 1, 7, 0, 4, 1, ...text('other'), ...text('abc'), ...NO_DELETES]);
      expect(reasonFor(elsewhere)).to.equal('decoded');
      Y.applyUpdate(doc, elsewhere);
      expect([...doc.share.keys()]).to.deep.equal(['r', 'other']);
    });
  });

  describe('bytes of another kind', () => {
    it('refuses V2 updates of real documents', () => {
      const empty = Y.encodeStateAsUpdateV2(new Y.Doc());
      const one = new Y.Doc();
      one.getMap('m').set('k', 1);
      for (const update of [empty, Y.encodeStateAsUpdateV2(one), Y.encodeStateAsUpdateV2(richDocument())]) {
        expect(reasonFor(update)).not.to.equal('decoded');
      }
    });

    it('reads bytes that begin like a V2 update as deletions at most: their first byte says no structs', () => {
      const crafted = [0, 1, 9, 1, 0, 1];
      expect(decodeUpdate(Uint8Array.from(crafted), limits)).to.deep.equal({
        bytes: 6,
        blocks: [],
        deletes: [{ client: 9, clock: 0, length: 1 }],
      });
    });

    it('refuses a megabyte of noise', () => {
      const noise = new Uint8Array(1_000_000);
      let state = 0x9e3779b97f4a7c15n;
      for (let i = 0; i < noise.length; i++) {
        state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
        noise[i] = Number(state >> 56n);
      }
      expect(reasonFor(noise)).not.to.equal('decoded');
    });

    it('refuses no bytes at all', () => {
      expect(reasonFor([])).to.equal('truncated');
    });
  });
});
