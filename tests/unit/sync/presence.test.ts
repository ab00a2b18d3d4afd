import { Presence, type Sender } from '@parley/server/internal/sync/awareness/presence';
import {
  type AwarenessEntry,
  decodeAwareness,
  decodeFrame,
  encodeAwarenessEntries,
  limits,
} from '@parley/shared';
import { expect } from 'chai';

const sender = (userId: string, access: 'read' | 'write' = 'write'): Sender => ({
  actor: { userId, sessionId: `session of ${userId}`, name: `Name of ${userId}` },
  access,
});

const state = (client: number, clock: number, value: unknown): Uint8Array =>
  encodeAwarenessEntries([
    { client, clock, state: typeof value === 'string' ? value : JSON.stringify(value) },
  ]);

const turn = (): Promise<void> => new Promise(setImmediate);

describe('presence', () => {
  let sent: AwarenessEntry[][];
  let presence: Presence;
  const anyone = (): boolean => true;

  beforeEach(() => {
    sent = [];
    presence = new Presence((frame) => {
      const decoded = decodeFrame(frame);
      if (decoded.type === 'awareness') sent.push(decodeAwareness(decoded.bytes, 1_000));
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

  it('[P3] passes over what is no object or too long', async () => {
    const long = { text: 'x'.repeat(limits.awarenessStateBytes.value) };
    for (const value of ['not json', '[]', '7', '"text"', long])
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
      [7, 5],
      [8, 1],
    ]);
  });

  it('[P5] takes away what a connection showed, and only that', async () => {
    const ada = sender('ada');
    presence.update(ada, state(7, 3, {}), anyone);
    presence.update(sender('bob'), state(8, 1, {}), anyone);
    await turn();
    presence.leave(ada);
    await turn();
    expect(sent.at(-1)).to.deep.equal([{ client: 7, clock: 3, state: 'null' }]);
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

  it('ignores an older clock and lets the same user take over on a new connection', async () => {
    presence.update(sender('ada'), state(7, 5, { tab: 1 }), anyone);
    const again = sender('ada');
    presence.update(again, state(7, 5, { tab: 2 }), anyone);
    presence.update(again, state(7, 4, { tab: 3 }), anyone);
    await turn();
    expect(JSON.parse(sent[0]?.[0]?.state ?? '')).to.include({ tab: 2 });
  });
});
