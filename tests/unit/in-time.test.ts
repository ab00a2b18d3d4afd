import { inTime } from '@parley/server/internal/platform/in-time';
import { AppError } from '@parley/shared';
import { expect } from 'chai';

describe('a question to the store', () => {
  it('is answered, or fails as it fails', async () => {
    expect(await inTime(Promise.resolve(7))).to.equal(7);
    const failed = await inTime(Promise.reject(new Error('no'))).catch((error: unknown) => error);
    expect(failed).to.have.property('message', 'no');
  });

  it('is UNAVAILABLE when nothing comes', async () => {
    const failed = await inTime(new Promise(() => undefined), 5).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(AppError).and.to.have.property('code', 'UNAVAILABLE');
  });
});
