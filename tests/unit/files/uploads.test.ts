import { createSecretKey } from 'node:crypto';
import { signFile } from '@parley/server/internal/features/files/file-token';
import type { FilesParts } from '@parley/server/internal/features/files/parts';
import { Uploads } from '@parley/server/internal/features/files/uploads';
import { AppError, deferred, limits } from '@parley/shared';
import { expect } from 'chai';

const MEBIBYTE = 1024 * 1024;
const key = createSecretKey(Buffer.from('only for tests'));

/** A store that takes a part whenever the test lets it. */
const setUp = (owner = 'ada') => {
  const row = { _id: 'file', owner, conversation: 'c', name: 'a', size: 25 * MEBIBYTE, state: 'ticket' };
  const held: (() => void)[] = [];
  const parts = {
    key,
    files: {
      findById: () => ({ lean: () => Promise.resolve(row) }),
      updateOne: () => Promise.resolve({ matchedCount: 1 }),
      updateMany: () => Promise.resolve({ matchedCount: 1 }),
      deleteOne: () => Promise.resolve({}),
    },
    bytes: {
      open: () => ({
        write: () => new Promise<void>((resolve) => held.push(resolve)),
        end: () => Promise.resolve(),
      }),
      remove: () => Promise.resolve(),
    },
    lookInto: () => Promise.resolve(null),
    conversations: { getAccess: () => Promise.resolve({ mayWrite: true }) },
    isAlive: () => Promise.resolve(true),
    live: { offer: () => Promise.resolve() },
    uploadStallMs: 1_000,
    unattachedFileMs: 1_000,
  };
  const uploads = new Uploads(parts as unknown as FilesParts);
  const receive = (incoming: AsyncIterable<Uint8Array>) => {
    const ticket = signFile('file', { purpose: 'upload', expiresAt: new Date(Date.now() + 60_000), key });
    return uploads.receive(ticket, { declaredBytes: null, parts: incoming });
  };
  return { receive, held };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an upload', () => {
  it('takes the next part only once the store has the last: 25 MiB never wait in memory', async () => {
    const { receive, held } = setUp();
    let made = 0;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (; made < 400; made += 1) yield Buffer.alloc(MEBIBYTE / 16, 'a');
    };
    const receiving = receive(source());
    for (let stored = 0; stored < 400; stored += 1) {
      while (held.length === 0) await turn();
      expect(made, 'parts asked for').to.be.at.most(stored + 1);
      expect(held, 'parts on their way to the store').to.have.length(1);
      held.pop()?.();
    }
    expect(await receiving).to.include({ size: 25 * MEBIBYTE, type: 'text/plain' });
  });

  it('has a bounded number of others beside it', async () => {
    const { receive } = setUp();
    const hold = deferred<void>();
    const waiting = async function* (): AsyncGenerator<Uint8Array> {
      await hold.promise;
      yield* [];
    };
    const all = Array.from({ length: limits.uploadsPerPerson.value + 1 }, () =>
      receive(waiting()).catch((error: unknown) => error),
    );
    const refused = await Promise.race(all);
    expect(refused).to.be.instanceOf(AppError).with.property('code', 'TOO_MANY_REQUESTS');
    hold.resolve();
    const codes = (await Promise.all(all)).map((error) => (error instanceof AppError ? error.code : 'none'));
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).to.have.length(1);
  });
});
