import type { Actor } from '@parley/server/internal/trpc/actor';
import { requestLine } from '@parley/server/internal/trpc/line';
import { Streams } from '@parley/server/internal/trpc/streams';
import { AppError, type OwnStatus, statusSchema } from '@parley/shared';
import { TRPCError } from '@trpc/server';
import { expect } from 'chai';

describe('open subscriptions', () => {
  const actor: Actor = {
    userId: 'ada',
    sessionId: 'her-phone',
    name: 'Ada',
    role: 'user',
    expiresAt: new Date(Date.now() + 60_000),
  };
  const start = (stands: () => Promise<unknown>) => {
    const crowd: string[] = [];
    const streams = new Streams({
      stands,
      crowd: {
        came: (userId) => crowd.push(`${userId} came`),
        left: (userId) => crowd.push(`${userId} left`),
      },
    });
    const source = async function* (ended: AbortSignal): AsyncGenerator<{ status: OwnStatus }> {
      yield { status: 'away' };
      if (!ended.aborted) await new Promise((resolve) => ended.addEventListener('abort', resolve));
    };
    const run = () =>
      streams.run({ actor, line: requestLine, signal: undefined, item: statusSchema, source });
    return { streams, crowd, run };
  };
  const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
    const error = await call.then(
      () => null,
      (reason: unknown) => reason,
    );
    const cause = error instanceof TRPCError ? error.cause : error;
    return cause instanceof AppError ? cause.code : cause;
  };

  it('yield nothing to one whose session ended after they were verified, and keep nothing of it', async () => {
    const { streams, crowd, run } = start(() => Promise.reject(new AppError('SESSION_ENDED')));
    expect(await codeOf(run().next())).to.equal('SESSION_ENDED');
    expect(streams.size).to.equal(0);
    expect(crowd).to.deep.equal(['ada came', 'ada left']);
  });

  it('end with a session that ends while it is looked at', async () => {
    const { streams, run } = start(async () => streams.endSession('her-phone'));
    const stream = run();
    await stream.next();
    expect(await codeOf(stream.next())).to.equal('SESSION_ENDED');
    expect(streams.size).to.equal(0);
  });

  it('end with the server, saying so', async () => {
    const { streams, run } = start(() => Promise.resolve());
    const stream = run();
    expect((await stream.next()).value).to.deep.equal({ status: 'away' });
    streams.close();
    expect(await codeOf(stream.next())).to.equal('SHUTTING_DOWN');
  });
});
