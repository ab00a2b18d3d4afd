import { ByteWriter, limits } from '@parley/shared';
import { expect } from 'chai';
import * as Y from 'yjs';
import { ADA, attempt, BOB, expectRefused, MALLORY } from '../../harness/guard-attempts.js';
import { type GuardBench, updateOf } from '../../harness/guard-bench.js';
import { createPadBench } from '../../harness/pad-bench.js';
import { Random } from '../../harness/random.js';
import { editRichly, readRichly } from '../../harness/rich-document.js';

const MEGABYTE = 1024 * 1024;

const varUint = (value: number): Uint8Array => new ByteWriter().varUint(value).finish();

/** An update that deletes every second of the client's elements. */
const everySecondDeleted = (client: number, from: number, count: number): Uint8Array => {
  const bytes = [0, 1, ...varUint(client), ...varUint(count)];
  for (let at = 0; at < count; at += 1) bytes.push(...varUint(from + 2 * at), 1);
  return new Uint8Array(bytes);
};

describe('the guard of pads', () => {
  let bench: GuardBench;

  beforeEach(() => {
    bench = createPadBench();
  });

  const accepted = (change: (copy: Y.Doc) => void, user = ADA): Y.Doc => {
    const copy = bench.copy();
    expect(
      bench.send(
        user,
        updateOf(copy, () => change(copy)),
      ).rule,
    ).to.equal(null);
    bench.mark();
    return copy;
  };

  it('takes whatever Yjs offers, and lets everybody change what others wrote', () => {
    for (let seed = 1n; seed <= 20n; seed += 1n) {
      bench = createPadBench();
      const random = new Random(seed);
      const people = [ADA, BOB].map((user) => ({ user, doc: bench.copy() }));
      for (let step = 0; step < 150; step += 1) {
        const { user, doc } = people[random.below(2)] ?? { user: ADA, doc: bench.copy() };
        editRichly(random, doc);
        if (random.below(3) > 0) continue;
        // What was typed and deleted before it could be sent is in there as well.
        expect(bench.send(user, bench.missing(doc)).rule, `seed ${seed}`).to.equal(null);
        bench.pull(doc);
      }
      for (const { user, doc } of people) expect(bench.send(user, bench.missing(doc)).rule).to.equal(null);
      for (const { doc } of people) bench.pull(doc);
      const [one, two] = people.map(({ doc }) => readRichly(doc));
      expect(one).to.deep.equal(two);
      expect(readRichly(bench.doc)).to.deep.equal(one);
    }
  });

  it('[F5] takes deletions of what others wrote', () => {
    accepted((copy) => copy.getText('text').insert(0, 'by Ada'));
    accepted((copy) => copy.getText('text').delete(0, 3), BOB);
    expect(bench.doc.getText('text').toString()).to.equal('Ada');
  });
  it('[F5] refuses every change by one who may only read', () => {
    accepted((copy) => copy.getText('text').insert(0, 'by Ada'));
    const erase = (copy: Y.Doc): void => copy.getText('text').delete(0, 3);
    expectRefused(bench, attempt(bench, BOB, erase, 'read'), 'G1');
  });

  it('[F1] refuses a document inside, wherever', () => {
    for (const change of [
      (copy: Y.Doc) => copy.getMap('map').set('sub', new Y.Doc()),
      (copy: Y.Doc) => copy.getArray('array').push([new Y.Map([['sub', new Y.Doc()]])]),
      (copy: Y.Doc) => copy.getText('text').insertEmbed(0, new Y.Map([['sub', new Y.Doc()]])),
    ])
      expectRefused(bench, attempt(bench, MALLORY, change), 'F1');
  });

  it('[F2] refuses more roots than the limit, and takes as many', () => {
    accepted((copy) => {
      for (let at = 0; at < limits.padRoots.value; at += 1) copy.getMap(`root ${at}`).set('key', at);
    });
    accepted((copy) => copy.getMap('root 0').set('key', 'again'));
    const another = (copy: Y.Doc): unknown => copy.getMap('one too many').set('key', 1);
    expectRefused(bench, attempt(bench, MALLORY, another), 'F2');
  });

  const nest = (copy: Y.Doc, depth: number): void => {
    let map = copy.getMap<unknown>('deep');
    while (map.get('in') instanceof Y.Map) map = map.get('in') as Y.Map<unknown>;
    for (let level = 0; level < depth; level += 1) {
      const inner = new Y.Map<unknown>();
      map.set('in', inner);
      map = inner;
    }
  };
  it('[F3] refuses types deeper in one another than the limit, in one update or many', () => {
    const tooDeep = (copy: Y.Doc): void => nest(copy, limits.padDepth.value + 1);
    expectRefused(bench, attempt(bench, MALLORY, tooDeep), 'F3');
    accepted((copy) => nest(copy, limits.padDepth.value - 1));
    accepted((copy) => nest(copy, 1));
    expectRefused(
      bench,
      attempt(bench, MALLORY, (copy) => nest(copy, 1)),
      'F3',
    );
  });

  it('[F4] refuses what would take a pad past its size, until something was deleted', () => {
    const part = 'x'.repeat(2 * MEGABYTE);
    for (let at = 0; at < 3; at += 1) accepted((copy) => copy.getText('text').insert(0, part));
    const insert = (copy: Y.Doc): void => copy.getText('text').insert(0, part);
    const outcome = attempt(bench, MALLORY, insert);
    expectRefused(bench, outcome, 'F4');
    expect(outcome.code).to.equal('TOO_LARGE');
    accepted((copy) => copy.getText('text').insert(0, 'a short word'));
    accepted((copy) => copy.getText('text').delete(MEGABYTE, MEGABYTE), MALLORY);
    accepted(insert, MALLORY);
    expect(Y.encodeStateAsUpdate(bench.doc).length).to.be.at.most(limits.padBytes.value);
  });
  it('[F4] counts what one batch deletes before it counts what the same batch writes', () => {
    const part = 'x'.repeat(2 * MEGABYTE);
    for (let at = 0; at < 3; at += 1) accepted((copy) => copy.getText('text').insert(0, part));
    const copy = bench.copy();
    const erase = updateOf(copy, () => copy.getText('text').delete(0, 3 * MEGABYTE));
    const write = updateOf(copy, () => copy.getText('text').insert(0, part));
    expect(bench.send(ADA, erase, 'write', write).rule).to.equal(null);
    expect(bench.doc.getText('text').length).to.equal(5 * MEGABYTE);
  });
  it('[F4] refuses deletions that leave nothing but crumbs, and takes large ones all the same', () => {
    const write = (copy: Y.Doc): void => copy.getText('text').insert(0, 'x'.repeat(3.5 * MEGABYTE));
    const client = accepted(write).clientID;
    accepted(write);
    let rule: string | null = null;
    for (let from = 0; rule === null && from < 9 * 40_000; from += 40_000) {
      bench.mark();
      rule = bench.send(MALLORY, everySecondDeleted(client, from, 20_000)).rule;
    }
    expect(rule).to.equal('F4');
    expect(bench.isAsMarked()).to.equal(true);
    const { length } = Y.encodeStateAsUpdate(bench.doc);
    expect(length).to.be.within(limits.padBytes.value, 1.25 * limits.padBytes.value);
    const all = new Uint8Array([0, 1, ...varUint(client), 1, 0, ...varUint(3.5 * MEGABYTE)]);
    expect(bench.send(ADA, all).rule).to.equal(null);
    expect(bench.doc.getText('text').length).to.equal(3.5 * MEGABYTE);
    accepted((copy) => copy.getText('text').insert(0, 'a new beginning'));
  });
  it('[F4] measures a full pad no second time while nothing changes', () => {
    for (let at = 0; at < 3; at += 1)
      accepted((copy) => copy.getText('text').insert(0, 'x'.repeat(2.6 * MEGABYTE)));
    const copy = bench.copy();
    const bytes = updateOf(copy, () => copy.getText('text').insert(0, 'y'.repeat(MEGABYTE)));
    expect(bench.send(MALLORY, bytes).rule).to.equal('F4');
    const { clients } = bench.doc.store;
    // Whoever encodes the state asks for this.
    Object.defineProperty(bench.doc.store, 'clients', {
      get: () => expect.fail('the state was encoded'),
      configurable: true,
    });
    const view = bench.view;
    const item = {
      id: { client: 9, clock: 0 },
      length: 1,
      offset: 0,
      rightOrigin: null,
      place: { kind: 'gone' },
      content: { kind: 'string', text: 'x' },
    } as const;
    const update = { bytes: MEGABYTE, items: [item], deletes: [], newClients: [], takesBack: () => false };
    const facts = {
      actor: { userId: MALLORY, sessionId: 's', name: 'm' },
      access: 'write',
      atMs: 0,
      ownerOf: () => undefined,
      clientsOfActor: () => 0,
      shownBy: () => undefined,
    } as const;
    expect(view.inspect(update, facts)).to.include({ ok: false, rule: 'F4' });
    Object.defineProperty(bench.doc.store, 'clients', { value: clients, writable: true, configurable: true });
  });

  it('[F6] refuses names that are no names', () => {
    for (const change of [
      (copy: Y.Doc) => copy.getMap('map').set('__proto__', { admin: true }),
      (copy: Y.Doc) => copy.getMap('__proto__').set('key', 1),
      (copy: Y.Doc) => copy.getText('text').insert(0, 'x', JSON.parse('{"__proto__": true}') as object),
      (copy: Y.Doc) => copy.getXmlFragment('xml').insert(0, [named(new Y.XmlElement('p'))]),
    ])
      expectRefused(bench, attempt(bench, MALLORY, change), 'F6');
  });
  const named = (element: Y.XmlElement): Y.XmlElement => {
    element.setAttribute('__proto__', 'x');
    return element;
  };

  describe('what was collected before it was sent', () => {
    const paragraph = (copy: Y.Doc): Y.XmlElement => {
      const element = new Y.XmlElement('p');
      copy.getXmlFragment('xml').insert(0, [element]);
      element.insert(0, [new Y.XmlText('x'.repeat(30_000))]);
      return element;
    };
    it('[G5] is taken, however long, and what others hung on it goes with it', () => {
      const copy = bench.copy();
      paragraph(copy);
      copy.getXmlFragment('xml').delete(0, 1);
      copy.getText('text').insert(0, 'after');
      expect(bench.send(ADA, bench.missing(copy)).rule).to.equal(null);
      expect(bench.doc.getText('text').toString()).to.equal('after');
      expect(bench.doc.store.pendingStructs).to.equal(null);
    });
    it('[G5] is taken when the server had the beginning of it', () => {
      const copy = bench.copy();
      bench.send(
        ADA,
        updateOf(copy, () => paragraph(copy)),
      );
      bench.mark();
      const other = bench.copy();
      const text = (doc: Y.Doc): Y.XmlText =>
        (doc.getXmlFragment('xml').get(0) as Y.XmlElement).get(0) as Y.XmlText;
      text(copy).insert(30_000, ' and more');
      const late = updateOf(other, () => text(other).insert(30_000, ' by Bob'));
      copy.getXmlFragment('xml').delete(0, 1);
      // The whole state, as a client sends it that was never asked what the server has.
      expect(bench.send(ADA, Y.encodeStateAsUpdate(copy)).rule).to.equal(null);
      expect(bench.send(BOB, late).rule).to.equal(null);
      expect(bench.doc.getXmlFragment('xml').toString()).to.equal('');
      const all = bench.copy();
      bench.pull(other);
      expect(readRichly(other)).to.deep.equal(readRichly(all));
    });
    it('[G5] is refused where it is left out', () => {
      // One client, one struct: a Skip of one clock.
      const bytes = new Uint8Array([1, 1, ...varUint(bench.copy().clientID), 0, 10, 1, 0]);
      expectRefused(bench, bench.send(MALLORY, bytes), 'G5');
    });
  });

  it('[G8] takes a long text as one element', () => {
    accepted((copy) => copy.getText('text').insert(0, 'x'.repeat(limits.updateStructs.value * 10)));
  });
  it('[G8] refuses more elements than the limit', () => {
    const many = (copy: Y.Doc): void =>
      copy.getArray('array').push(Array.from({ length: limits.updateStructs.value + 1 }, () => 1));
    expectRefused(bench, attempt(bench, MALLORY, many), 'G8');
  });
});
