import { EventEmitter } from 'node:events';
import { heartbeatLost } from '@parley/server/internal/platform/mongo';
import { expect } from 'chai';

describe('the driver’s heartbeats', () => {
  const start = (patienceMs: number) => {
    const client = new EventEmitter();
    const tell = (what: 'Started' | 'Succeeded' | 'Failed', connectionId = 'db:27017'): void => {
      client.emit(`serverHeartbeat${what}`, { connectionId });
    };
    // An emitter is all that is used of a client.
    const lost = heartbeatLost(client as unknown as Parameters<typeof heartbeatLost>[0], patienceMs);
    return { tell, lost };
  };
  const isOpen = async (lost: Promise<Error>): Promise<boolean> =>
    await Promise.race([
      lost.then(() => false),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 60)),
    ]);

  it('are watched: one that never ends is told, whose it is too', async () => {
    const { tell, lost } = start(20);
    tell('Started');
    expect((await lost).message).to.include('db:27017');
  });

  it('say nothing while each ends, well or not, and another begins', async () => {
    const { tell, lost } = start(30);
    tell('Started');
    tell('Succeeded');
    tell('Started');
    tell('Failed');
    expect(await isOpen(lost)).to.equal(true);
    tell('Started', 'other:27017');
    tell('Started');
    tell('Succeeded');
    expect((await lost).message).to.include('other:27017');
  });
});
