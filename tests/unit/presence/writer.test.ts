import type { PresenceModel } from '@parley/server/internal/features/presence/presence.model';
import { PresenceWriter } from '@parley/server/internal/features/presence/writer';
import { createLogger } from '@parley/server/internal/platform/logger';
import { expect } from 'chai';

interface Write {
  readonly updateOne: { readonly filter: { readonly _id: string }; readonly upsert: boolean };
}

describe('writing who is here', () => {
  const start = () => {
    const writes: string[][] = [];
    const world = { isBroken: false, hold: Promise.resolve() };
    const bulkWrite = async (some: readonly Write[]): Promise<void> => {
      await world.hold;
      if (world.isBroken) throw new Error('the store is away');
      writes.push(
        some.map(({ updateOne }) => `${updateOne.filter._id} ${updateOne.upsert ? 'came' : 'left'}`),
      );
    };
    // What a writer uses of a model.
    const model = { collection: { name: 'presence' }, db: { collection: () => ({ bulkWrite }) } };
    let written: string[] = [];
    let heard = (): void => undefined;
    const writer = new PresenceWriter({
      presence: model as unknown as PresenceModel,
      log: createLogger('silent', 2),
      graceMs: 0,
      node: () => 'here',
      onWritten: (userIds) => {
        written.push(...userIds);
        heard();
      },
    });
    const until = (userId: string): Promise<void> =>
      new Promise((resolve) => {
        heard = () => {
          if (!written.includes(userId)) return;
          written = [];
          resolve();
        };
        heard();
      });
    return { writer, writes, world, until };
  };

  it('takes many into one write, two hundred at the most, with the newest word of each', async () => {
    const { writer, writes, world, until } = start();
    let go = (): void => undefined;
    world.hold = new Promise((resolve) => {
      go = resolve;
    });
    writer.write('ada', true);
    for (let person = 0; person < 300; person += 1) writer.write(`person-${person}`, true);
    writer.write('person-0', false);
    writer.write('ada', false);
    writer.write('last', true);
    go();
    await until('last');
    expect(writes.map(({ length }) => length)).to.deep.equal([1, 200, 102]);
    expect(writes.flat().filter((line) => line.startsWith('ada'))).to.deep.equal(['ada came', 'ada left']);
    expect(writes.flat().filter((line) => line.startsWith('person-0 '))).to.deep.equal(['person-0 left']);
    await writer.close();
  });

  it('tries again until it holds, with what is newest by then', async () => {
    const { writer, writes, world, until } = start();
    world.isBroken = true;
    writer.write('ada', true);
    writer.write('bob', true);
    await new Promise((resolve) => setImmediate(resolve));
    writer.write('bob', false);
    world.isBroken = false;
    await until('bob');
    expect(writes.flat()).to.have.members(['ada came', 'bob left']);
    await writer.close();
  });

  it('writes nothing more once it is closed', async () => {
    const { writer, writes, world } = start();
    world.isBroken = true;
    writer.write('ada', true);
    await new Promise((resolve) => setImmediate(resolve));
    await writer.close();
    world.isBroken = false;
    writer.write('bob', true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(writes).to.deep.equal([]);
  });
});
