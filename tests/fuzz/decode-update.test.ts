import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type DecodedContent,
  type DecodedStruct,
  type DecodedUpdate,
  type DecodeLimits,
  decodeUpdate,
  MalformedUpdate,
} from '@parley/server/internal/sync/guard/decode-update';
import { expect } from 'chai';
import * as Y from 'yjs';
import { Random } from '../harness/random.js';
import { mutated, randomUpdates } from './random-updates.js';

/** How many random scripts; each gives several updates, and each update several mutations. */
const RUNS = Number(process.env.PARLEY_FUZZ_RUNS ?? 3000);
const SEED = BigInt(process.env.PARLEY_FUZZ_SEED ?? `0x${randomBytes(8).toString('hex')}`);

const limits: DecodeLimits = { maxStructs: 1e5, maxDeletes: 1e5, maxDepth: 64, maxValues: 1e5 };

/** The rules by which decoding is stricter than Yjs. Under any other reason Yjs must refuse the bytes too. */
const STRICTER_THAN_YJS = new Set([
  'number-too-large', // lib0 checks a number only while it goes on, and lets the last byte carry it past 2^53 - 1
  'number-padded', // lib0 takes zeros at the end of a number
  'forbidden-key', // lib0 sets the prototype, JSON.parse makes the key
  'too-deep', // Yjs has no bound but the stack
  'client-id-too-large',
  'clock-too-large',
  'client-order', // Yjs takes any order, and then reads two things out of it
  'empty-block',
  'empty-struct',
  'empty-delete',
  'struct-flags', // a GC's flags are ignored by Yjs
  'reference-ahead', // Yjs decodes it and throws while applying
  'unknown-parent', // Yjs takes every mark but 1 for an item's id
  'subdocument-options', // Yjs spreads whatever is not null
  'trailing-bytes', // Yjs stops reading
]);

interface YjsReading {
  structs: unknown[];
  deletes: unknown[];
}

const idOf = (id: Y.ID | null) => (id === null ? null : { client: id.client, clock: id.clock });

function contentSeenByYjs(content: Y.Item['content']): DecodedContent | string {
  if (content instanceof Y.ContentDeleted) return { kind: 'deleted', length: content.len };
  if (content instanceof Y.ContentJSON) return { kind: 'json', values: content.arr };
  if (content instanceof Y.ContentBinary) return { kind: 'binary', bytes: content.content };
  if (content instanceof Y.ContentString) return { kind: 'string', text: content.str };
  if (content instanceof Y.ContentEmbed) return { kind: 'embed', value: content.embed };
  if (content instanceof Y.ContentFormat) return { kind: 'format', key: content.key, value: content.value };
  if (content instanceof Y.ContentAny) return { kind: 'any', values: content.arr };
  if (content instanceof Y.ContentDoc) return { kind: 'doc', guid: content.doc.guid, options: content.opts };
  return content instanceof Y.ContentType ? typeSeenByYjs(content.type) : 'unknown';
}

function typeSeenByYjs(type: Y.AbstractType<unknown>): DecodedContent {
  const named = (typeRef: number, name: string | null = null) => ({ kind: 'type' as const, typeRef, name });
  if (type instanceof Y.XmlHook) return named(5, type.hookName);
  if (type instanceof Y.XmlElement) return named(3, type.nodeName);
  if (type instanceof Y.XmlText) return named(6);
  if (type instanceof Y.XmlFragment) return named(4);
  if (type instanceof Y.Text) return named(2);
  return named(type instanceof Y.Map ? 1 : 0);
}

function structSeenByYjs(struct: Y.Item | Y.GC | Y.Skip): unknown {
  const { id, length } = struct;
  if (!(struct instanceof Y.Item))
    return { kind: struct instanceof Y.GC ? 'gc' : 'skip', id: idOf(id), length };
  const parent: unknown = struct.parent;
  return {
    kind: 'item',
    id: idOf(id),
    length,
    origin: idOf(struct.origin),
    rightOrigin: idOf(struct.rightOrigin),
    parent:
      typeof parent === 'string' ? { root: parent } : parent instanceof Y.ID ? { item: idOf(parent) } : null,
    parentSub: struct.parentSub,
    content: contentSeenByYjs(struct.content),
  };
}

function readByYjs(bytes: Uint8Array): YjsReading {
  const { structs, ds } = Y.decodeUpdate(bytes);
  const deletes = [...ds.clients].flatMap(([client, runs]) =>
    runs.map(({ clock, len }) => ({ client, clock, length: len })),
  );
  return { structs: structs.map(structSeenByYjs), deletes };
}

/** Yjs keeps only three of a subdocument's options, and those only when they say something. */
function withYjsOptions(struct: DecodedStruct): DecodedStruct {
  if (struct.kind !== 'item' || struct.content.kind !== 'doc') return struct;
  const { guid, options: given } = struct.content;
  const options: Record<string, unknown> = {};
  if ('gc' in given && given.gc !== undefined && !given.gc) options.gc = false;
  if (given.autoLoad) options.autoLoad = true;
  if (given.meta !== undefined && given.meta !== null) options.meta = given.meta;
  return { ...struct, content: { kind: 'doc', guid, options } };
}

/** Yjs gathers the runs of a client that is named twice. */
function byClient(deletes: DecodedUpdate['deletes']): unknown[] {
  const order = [...new Set(deletes.map((run) => run.client))];
  return order.flatMap((client) => deletes.filter((run) => run.client === client));
}

function expectAgreement(decoded: DecodedUpdate, bytes: Uint8Array): void {
  const seen = readByYjs(bytes);
  const structs = decoded.blocks.flatMap((block) => block.structs.map(withYjsOptions));
  if (!isDeepStrictEqual(structs, seen.structs)) expect(structs).to.deep.equal(seen.structs);
  if (!isDeepStrictEqual(byClient(decoded.deletes), seen.deletes)) {
    expect(byClient(decoded.deletes)).to.deep.equal(seen.deletes);
  }
}

/** The bytes have paid for everything that came out of them. */
function expectPaid(decoded: DecodedUpdate, bytes: Uint8Array): void {
  const structs = decoded.blocks.reduce((sum, block) => sum + block.structs.length, 0);
  expect(2 * structs + 2 * decoded.deletes.length).to.be.at.most(bytes.length);
}

/** Decodes, or says by which rule not; any other exception is a failure. */
function decodedOrReason(bytes: Uint8Array): DecodedUpdate | string {
  try {
    return decodeUpdate(bytes, limits);
  } catch (error) {
    if (error instanceof MalformedUpdate) return error.reason;
    throw error;
  }
}

/** Whatever we take, Yjs takes and reads alike; whatever we refuse, Yjs refuses, or a stricter rule of ours has a name. */
function compareWithYjs(bytes: Uint8Array): string {
  const decoded = decodedOrReason(bytes);
  if (typeof decoded !== 'string') {
    expectAgreement(decoded, bytes);
    expectPaid(decoded, bytes);
    return 'decoded';
  }
  if (!STRICTER_THAN_YJS.has(decoded)) expect(() => Y.decodeUpdate(bytes), decoded).to.throw();
  return decoded;
}

function eachRun(body: (random: Random, hold: (bytes: Uint8Array) => Uint8Array) => void): void {
  for (let run = 0; run < RUNS; run++) {
    let last = new Uint8Array();
    try {
      body(new Random(SEED + BigInt(run) * 0xd1342543de82ef95n), (bytes) => {
        last = Uint8Array.from(bytes);
        return last;
      });
    } catch (error) {
      const hex = Buffer.from(last).toString('hex');
      throw new Error(`PARLEY_FUZZ_SEED=${SEED} run ${run}, bytes ${hex}: ${String(error)}`, {
        cause: error,
      });
    }
  }
}

describe('decodeUpdate against Yjs', () => {
  it('reads updates of random documents as Yjs does', () => {
    const kinds = new Set<string>();
    eachRun((random, hold) => {
      for (const update of randomUpdates(random)) {
        const decoded = decodeUpdate(hold(update), limits);
        expectAgreement(decoded, update);
        expectPaid(decoded, update);
        for (const block of decoded.blocks) {
          for (const struct of block.structs)
            kinds.add(struct.kind === 'item' ? struct.content.kind : struct.kind);
        }
      }
    });
    const all = 'any binary deleted doc embed format gc json skip string type'.split(' ');
    if (RUNS >= 1000) expect([...kinds].sort()).to.deep.equal(all);
  });

  it('reads mutated updates as Yjs does, or refuses them for a reason', () => {
    const outcomes = new Map<string, number>();
    eachRun((random, hold) => {
      const updates = randomUpdates(random);
      for (let i = 0; i < 8; i++) {
        const outcome = compareWithYjs(hold(mutated(random, random.pick(updates), random.pick(updates))));
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    });
    expect(outcomes.get('decoded'), 'some mutations stay legal').to.be.greaterThan(0);
  });

  it('answers arbitrary bytes with a reading Yjs shares or a reason', () => {
    eachRun((random, hold) => {
      const bytes = new Uint8Array(random.below(60));
      for (let i = 0; i < bytes.length; i++) bytes[i] = random.below(random.pick([4, 12, 256]));
      compareWithYjs(hold(bytes));
    });
  });

  it('takes no V2 update of a random document for a V1 update', () => {
    eachRun((random, hold) => {
      for (const update of randomUpdates(random)) {
        const v2 = Y.convertUpdateFormatV1ToV2(update);
        expect(decodedOrReason(hold(v2))).to.be.a('string');
      }
    });
  });
});
