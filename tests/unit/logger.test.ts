import { createLogger } from '@parley/server/internal/platform/logger';
import { expect } from 'chai';

describe('createLogger', () => {
  const lines = (write: (log: ReturnType<typeof createLogger>) => void): string => {
    let text = '';
    write(createLogger('trace', { write: (line) => (text += line) }));
    return text;
  };

  it('cuts out secrets wherever they commonly stand', () => {
    const headers = { authorization: 'Bearer s3cret', cookie: 's3cret', 'set-cookie': 's3cret' };
    const text = lines((log) => {
      log.info(
        { password: 's3cret', token: 's3cret', refreshToken: 's3cret', passwordHash: 's3cret' },
        'flat',
      );
      log.info({ headers, user: { password: 's3cret', accessToken: 's3cret' } }, 'nested');
      log.info({ request: { headers }, result: { tokens: { refreshToken: 's3cret' } } }, 'deeper');
    });
    expect(text).not.to.include('s3cret');
    expect(text).to.include('[redacted]');
  });

  it('keeps no ticket for an upload, which is a path', () => {
    const pathOf = (url: string): unknown =>
      (JSON.parse(lines((log) => log.info({ req: { url } }, 'answered'))) as { req: { url: string } }).req
        .url;
    expect(pathOf(`/files/${'s3cret'.repeat(30)}`)).to.equal('/files/…');
    expect(pathOf('/files/01HZZZZZZZZZZZZZZZZZZZZZZZ/thumbnail')).to.equal(
      '/files/01HZZZZZZZZZZZZZZZZZZZZZZZ/thumbnail',
    );
  });

  it('keeps the path of a request and none of its query', () => {
    const request = {
      id: 'r1',
      method: 'GET',
      url: '/sync/doc?token=s3cret',
      ip: '::1',
      headers: { cookie: 's3cret' },
    };
    const text = lines((log) => log.info({ req: request }, 'answered'));
    expect(JSON.parse(text).req).to.deep.equal({ id: 'r1', method: 'GET', url: '/sync/doc?…', ip: '::1' });
  });
});
