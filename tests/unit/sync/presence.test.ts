import { mock } from 'node:test';
import { Presence, type Sender } from '@parley/server/internal/sync/awareness/presence';
import {
  type AwarenessEntry,
  decodeAwareness,
  decodeFrame,
  encodeAwarenessEntries,
  limits,
} from '@parley/shared';
import { expect } from 'chai';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';

const sender = (userId: string, access: 'read' | 'write' = 'write'): Sender => ({
  actor: { userId, sessionId: `session of ${userId}`, name: `Name of ${userId}` },
  access,
});

const state = (client: number, clock: number, value: unknown): Uint8Array =>
  encodeAwarenessEntries([
    { client, clock, state: typeof value === 'string' ? value : JSON.stringify(value) },
  ]);

const entriesOf = (frame: Uint8Array): AwarenessEntry[] => {
  const decoded = decodeFrame(frame);
  if (decoded.type !== 'awareness') throw new Error('not presence');
  return decodeAwareness(decoded.bytes, 60_000);
};

const STEP_MS = 3_000;

const turn = (): Promise<void> => new Promise(setImmediate);

describe('presence', () => {
  let sent: AwarenessEntry[][];
  let presence: Presence;
  let listeners: number;
  let lastFrameBytes: number;
  const anyone = (): boolean => true;

  beforeEach(() => {
    sent = [];
    listeners = 2;
    presence = new Presence((frame) => {
      lastFrameBytes = frame.length;
      sent.push(entriesOf(frame));
      return listeners;
    });
  });

  it('[P1] writes the verified name over whatever the client claims', async () => {
    presence.update(
      sender('mallory'),
      state(7, 1, { user: { id: 'ada', name: 'Ada', color: 'red' }, typing: true }),
      anyone,
    );
    await turn();
    expect(JSON.parse(sent[0]?.[0]?.state ?? '')).to.deep.equal({
      user: { id: 'mallory', name: 'Name of mallory', color: 'red' },
      typing: true,
    });
  });

  it('[P1] names a user whose claim is no object', async () => {
    presence.update(sender('mallory'), state(7, 1, { user: 'Ada' }), anyone);
    await turn();
    expect(JSON.parse(sent[0]?.[0]?.state ?? '')).to.deep.equal({
      user: { id: 'mallory', name: 'Name of mallory' },
    });
  });

  it('[P2] passes over states of other people’s client ids', async () => {
    presence.update(sender('ada'), state(7, 1, {}), anyone);
    await turn();
    presence.update(sender('mallory'), state(7, 9, { fake: true }), anyone);
    presence.update(sender('mallory'), state(7, 9, null), anyone);
    presence.update(sender('mallory'), state(8, 1, {}), (client) => client !== 8);
    await turn();
    expect(sent).to.have.length(1);
    expect(presence.userOf(7)).to.equal('ada');
    expect(presence.userOf(8)).to.equal(undefined);
  });

  it('[P2] keeps a client id for its user when they have gone and another repeats what it heard', async () => {
    const ada = sender('ada');
    presence.update(ada, state(7, 1, {}), anyone);
    presence.leave(ada);
    presence.update(sender('bob'), state(7, 2, {}), anyone);
    await turn();
    expect(sent.flat().map((entry) => entry.state)).to.deep.equal(['null']);
    expect(presence.userOf(7)).to.equal('ada');
    presence.update(sender('ada'), state(7, 2, {}), anyone);
    await turn();
    expect(sent.at(-1)?.[0]?.client).to.equal(7);
  });

  it('[P2] [P5] takes nothing from another tab of the same person that repeats what it heard', async () => {
    const [first, second] = [sender('ada'), sender('ada')];
    presence.update(first, state(7, 1, { tab: 1 }), anyone);
    presence.update(second, state(8, 1, { tab: 2 }), anyone);
    await turn();
    const heard = encodeAwarenessEntries(sent[0] ?? []);
    const silent = sender('ada');
    for (let count = 0; count < 5; count += 1) {
      for (const tab of [second, silent, first]) presence.update(tab, heard, anyone);
      await turn();
    }
    expect(sent, 'repeating is no news').to.have.length(1);
    presence.leave(first);
    presence.update(second, heard, anyone);
    await turn();
    expect(sent.at(-1)?.map(({ client, state: text }) => [client, text])).to.deep.equal([[7, 'null']]);
    expect(sent).to.have.length(2);
  });

  it('[P3] passes over what is no object or too long', async () => {
    const long = { text: 'x'.repeat(limits.awarenessStateBytes.value) };
    const deep = `{"a":${'['.repeat(8_000)}${']'.repeat(8_000)}}`.slice(0, limits.awarenessStateBytes.value);
    const nested = `{"a":${'['.repeat(7_000)}${']'.repeat(7_000)}}`;
    for (const value of ['not json', '[]', '7', '"text"', long, deep, nested])
      presence.update(sender('ada'), state(7, 1, value), anyone);
    await turn();
    expect(sent).to.deep.equal([]);
  });

  it('[P4] sends all changes of one turn in one frame, the newest of each', async () => {
    for (let clock = 1; clock <= 5; clock += 1)
      presence.update(sender('ada'), state(7, clock, { clock }), anyone);
    presence.update(sender('bob'), state(8, 1, {}), anyone);
    await turn();
    expect(sent).to.have.length(1);
    expect(sent[0]?.map(({ client, clock }) => [client, clock])).to.deep.equal([
      [7, 6],
      [8, 2],
    ]);
  });

  it('[P4] gathers changes for a while where many hear of them', async () => {
    listeners = 200;
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      for (let client = 1; client <= 200; client += 1)
        presence.update(sender(`user-${client}`), state(client, 1, {}), anyone);
      await turn();
      expect(sent).to.have.length(1);
      for (const client of [7, 8, 9]) {
        presence.update(sender(`user-${client}`), state(client, 3, { client }), anyone);
        presence.update(sender(`user-7`), state(7, 3 + client, { client }), anyone);
        await turn();
      }
      mock.timers.tick(29);
      expect(sent, 'not yet').to.have.length(1);
      mock.timers.tick(1);
      expect(sent).to.have.length(2);
      expect(sent[1]?.map(({ client }) => client)).to.deep.equal([7, 8, 9]);
      expect(JSON.parse(sent[1]?.[0]?.state ?? ''), 'the newest').to.deep.include({ client: 9 });
    } finally {
      mock.timers.reset();
    }
  });

  it('[P4] gathers them longer where all that is sent to all is much, and a second at the most', async () => {
    listeners = 1_000;
    const show = (clock: number, count: number): void => {
      for (let client = 1; client <= count; client += 1) {
        const value = { text: 'x'.repeat(10_000), clock };
        presence.update(sender(`user-${client}`), state(client, clock, value), anyone);
      }
    };
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      for (const [round, count] of [12, 60, 1].entries()) {
        show(10 * (round + 1), count);
        await turn();
        if (round === 0) continue;
        const waitMs = Math.floor(Math.min(1_000, (lastFrameBytes * listeners) / 500_000));
        mock.timers.tick(waitMs - 1);
        expect(sent, `not yet, in round ${round}`).to.have.length(round);
        mock.timers.tick(2);
        expect(sent).to.have.length(round + 1);
      }
    } finally {
      mock.timers.reset();
    }
  });

  it('[P4] leaves out nothing for one who joins while changes are gathered', async () => {
    listeners = 200;
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const [ada, bob] = [sender('ada'), sender('bob')];
      presence.update(ada, state(7, 1, {}), anyone);
      presence.update(bob, state(8, 1, {}), anyone);
      await turn();
      expect(entriesOf(presence.everybody() ?? new Uint8Array())).to.have.length(2);
      presence.update(ada, state(7, 5, { typing: true }), anyone);
      presence.leave(bob);
      const atFirst = presence.everybody() ?? new Uint8Array();
      mock.timers.tick(1_000);
      const joiner = new Awareness(new Y.Doc());
      for (const entries of [entriesOf(atFirst), sent.at(-1) ?? []])
        applyAwarenessUpdate(joiner, encodeAwarenessEntries(entries), 'server');
      expect(joiner.getStates().get(7)).to.deep.include({ typing: true });
      expect(joiner.getStates().has(8)).to.equal(false);
      expect(entriesOf(presence.everybody() ?? new Uint8Array()).map(({ client }) => client)).to.deep.equal([
        7,
      ]);
      joiner.destroy();
    } finally {
      mock.timers.reset();
    }
  });

  it('[P5] takes away what a connection showed, and only that', async () => {
    const ada = sender('ada');
    presence.update(ada, state(7, 3, {}), anyone);
    presence.update(sender('bob'), state(8, 1, {}), anyone);
    await turn();
    presence.leave(ada);
    await turn();
    expect(sent.at(-1)).to.deep.equal([{ client: 7, clock: 4, state: 'null' }]);
    expect(presence.userOf(8)).to.equal('bob');
  });

  it('[P6] shows nobody who may only read', async () => {
    presence.update(sender('ada', 'read'), state(7, 1, {}), anyone);
    await turn();
    expect(sent).to.deep.equal([]);
  });

  it('keeps to a few client ids on one connection', async () => {
    const ada = sender('ada');
    for (let client = 1; client <= 50; client += 1) presence.update(ada, state(client, 1, {}), anyone);
    await turn();
    expect(sent[0]).to.have.length(limits.awarenessClientsPerConnection.value);
  });

  it('says nothing when a client repeats itself, and never goes back', async () => {
    const ada = sender('ada');
    presence.update(ada, state(7, 5, { tab: 1 }), anyone);
    await turn();
    presence.update(ada, state(7, 6, { tab: 1 }), anyone);
    presence.update(ada, state(7, 2, { tab: 1 }), anyone);
    await turn();
    expect(sent.map((entries) => entries.map(({ clock }) => clock))).to.deep.equal([[6]]);
    presence.update(ada, state(7, 6, { tab: 2 }), anyone);
    await turn();
    expect(sent.at(-1)?.map(({ clock }) => clock)).to.deep.equal([7]);
    presence.update(ada, state(7, 20, { tab: 2 }), anyone);
    await turn();
    expect(
      sent.at(-1)?.map(({ clock }) => clock),
      'still here',
    ).to.deep.equal([20]);
  });

  it('[K12] tells one who has missed changes who is there, and who has gone', async () => {
    const [ada, bob] = [sender('ada'), sender('bob')];
    presence.update(ada, state(7, 1, {}), anyone);
    presence.update(bob, state(8, 1, {}), anyone);
    await turn();
    const watcher = new Awareness(new Y.Doc());
    applyAwarenessUpdate(watcher, encodeAwarenessEntries(sent.flat()), 'server');
    expect([...watcher.getStates().keys()]).to.include.members([7, 8]);
    presence.leave(ada);
    presence.update(sender('eve'), state(9, 1, {}), anyone);
    const frame = decodeFrame(presence.afresh());
    if (frame.type !== 'awareness') throw new Error('not presence');
    applyAwarenessUpdate(watcher, frame.bytes, 'server');
    expect([...watcher.getStates().keys()])
      .to.include.members([8, 9])
      .and.not.include(7);
    watcher.destroy();
  });

  it('[P7] shows a stock client again at once after its connection was replaced', async () => {
    const watcher = new Awareness(new Y.Doc());
    const owner = new Awareness(new Y.Doc());
    owner.setLocalState({ here: true });
    const tell = (from: Sender): void =>
      presence.update(from, encodeAwarenessUpdate(owner, [owner.clientID]), anyone);
    const hear = async (): Promise<void> => {
      await turn();
      const update = encodeAwarenessEntries(sent.at(-1) ?? []);
      for (const awareness of [watcher, owner]) applyAwarenessUpdate(awareness, update, 'server');
    };
    for (let connection = 0; connection < 3; connection += 1) {
      const ada = sender('ada');
      tell(ada);
      await hear();
      expect(watcher.getStates().get(owner.clientID), `connection ${connection}`).to.include({ here: true });
      // a stock client sends its state whenever it hears that it has changed, its own echo included
      tell(ada);
      await turn();
      presence.leave(ada);
      await hear();
      expect(watcher.getStates().has(owner.clientID)).to.equal(false);
    }
    watcher.destroy();
    owner.destroy();
  });

  describe('as time passes', () => {
    /** A stock client: says again what it shows every 15 s, drops others after 30 s, and tells of every change it hears. */
    interface Stock {
      readonly awareness: Awareness;
      readonly sender: Sender;
      /** It answers, and its timers do nothing: a tab in the background. */
      isAsleep: boolean;
    }
    let nowMs: number;
    let stocks: Stock[];

    beforeEach(() => {
      mock.timers.enable({ apis: ['setInterval'] });
      nowMs = 0;
      stocks = [];
      presence = new Presence(
        (frame) => {
          const entries = entriesOf(frame);
          sent.push(entries);
          const update = encodeAwarenessEntries(entries);
          for (const { awareness } of stocks) applyAwarenessUpdate(awareness, update, 'server');
          return stocks.length;
        },
        () => nowMs,
      );
    });
    afterEach(() => {
      for (const { awareness } of stocks) awareness.destroy();
      mock.timers.reset();
    });

    const stock = (userId: string, isMute = false): Stock => {
      const awareness = new Awareness(new Y.Doc());
      const made: Stock = { awareness, sender: sender(userId), isAsleep: false };
      const say = (clients: number[]): void => {
        if (!isMute || awareness.meta.get(awareness.clientID)?.clock === 0)
          presence.update(made.sender, encodeAwarenessUpdate(awareness, clients), anyone);
      };
      awareness.on('update', ({ added, updated, removed }: Record<string, number[]>) =>
        say([...(added ?? []), ...(updated ?? []), ...(removed ?? [])]),
      );
      say([awareness.clientID]);
      stocks.push(made);
      return made;
    };

    /** The clients' library keeps the clock it found when it was loaded: what it remembers grows older instead. */
    const pass = async (ms: number, eachStep: () => void = () => undefined): Promise<void> => {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        nowMs += STEP_MS;
        for (const { awareness, isAsleep } of stocks) {
          if (isAsleep) continue;
          for (const meta of awareness.meta.values()) meta.lastUpdated -= STEP_MS;
        }
        mock.timers.tick(STEP_MS);
        await turn();
        presence.expire();
        await turn();
        eachStep();
      }
    };

    const sees = ({ awareness }: Stock, other: Stock): boolean =>
      awareness.getStates().has(other.awareness.clientID);

    it('[P8] keeps everybody in sight who says again that they are there, however long', async () => {
      const [ada, bob] = [stock('ada'), stock('bob')];
      await pass(STEP_MS);
      await pass(5 * 60_000, () =>
        expect(sees(ada, bob) && sees(bob, ada), `after ${nowMs} ms`).to.equal(true),
      );
      expect(sent.length, 'frames in five minutes').to.be.below(80);
    });

    it('[P8] takes away who does not, for those who come later too', async () => {
      const [ada, mute] = [stock('ada'), stock('mute', true)];
      await pass(STEP_MS);
      expect(sees(ada, mute)).to.equal(true);
      await pass(limits.presenceMs.value);
      expect(sees(ada, mute)).to.equal(false);
      const everybody = decodeFrame(presence.everybody() ?? new Uint8Array());
      const shown = everybody.type === 'awareness' ? decodeAwareness(everybody.bytes, 10) : [];
      expect(shown.map(({ client }) => client)).to.deep.equal([ada.awareness.clientID]);
    });

    it('[P8] shows again at once who was only asleep', async () => {
      const [ada, bob] = [stock('ada'), stock('bob')];
      await pass(STEP_MS);
      bob.isAsleep = true;
      await pass(2 * limits.presenceMs.value);
      const gone = sent
        .flat()
        .filter((entry) => entry.client === bob.awareness.clientID && entry.state === 'null');
      expect(gone).to.have.length.within(1, 2);
      expect(sees(ada, bob)).to.equal(true);
    });

    it('[P9] names those who have gone lately, and no more than so many', async () => {
      for (let client = 1; client <= 3_000; client += 1) {
        const visitor = sender('ada');
        presence.update(visitor, state(client, 1, {}), anyone);
        presence.leave(visitor);
        if (client === 1_500) await pass(2 * limits.presenceMs.value + STEP_MS);
      }
      const told = (): number[] => {
        const frame = decodeFrame(presence.afresh());
        if (frame.type !== 'awareness') throw new Error('not presence');
        return decodeAwareness(frame.bytes, 60_000).map(({ client }) => client);
      };
      expect(told()).to.have.length(1_500).and.to.include(3_000).and.not.to.include(1_500);
      for (let client = 3_001; client <= 5_000; client += 1) {
        const visitor = sender('ada');
        presence.update(visitor, state(client, 1, {}), anyone);
        presence.leave(visitor);
      }
      expect(told()).to.have.length(2_000).and.to.include(3_001).and.not.to.include(3_000);
      await pass(2 * limits.presenceMs.value + STEP_MS);
      expect(told()).to.deep.equal([]);
    });
  });
});
