// The pages that show the document: all a browser loads for them is served here, and let in by the policy they come with.
import { expect } from 'chai';
import { rawRequest, startTestServer, type TestServer } from '../harness/kit.js';

const PAGE = '/api/docs/';
/** What a browser takes each sort of file for; with `nosniff`, it takes no other. */
const TYPES = [
  [/\.js$/, 'application/javascript', 'script-src'],
  [/\.css$/, 'text/css', 'style-src'],
  [/\.png$/, 'image/png', 'img-src'],
  [/\/json$/, 'application/json', 'connect-src'],
] as const;

describe('the pages of the REST surface', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const text = async (path: string): Promise<string> => (await rawRequest(`${server.url}${path}`)).text;
  const named = (page: string): string[] =>
    [...page.matchAll(/\s(?:src|href)="([^"]+)"/g)].map(([, at = '']) => at);
  const policy = async (): Promise<Map<string, string[]>> => {
    const told = (await rawRequest(`${server.url}${PAGE}`)).headers.get('content-security-policy') ?? '';
    return new Map(
      told.split(';').map((rule) => {
        const [name = '', ...sources] = rule.trim().split(' ');
        return [name, sources];
      }),
    );
  };

  it('load nothing but what this server has, with the type that a browser wants', async () => {
    const rules = await policy();
    expect(rules.get('default-src')).to.deep.equal(["'none'"]);
    for (const page of [PAGE, PAGE.slice(0, -1)]) {
      const assets = named(await text(page));
      expect(assets.length, page).to.be.above(4);
      for (const asset of [...assets, `${PAGE}json`]) {
        const at = new URL(asset, `${server.url}${page}`);
        expect(at.origin, asset).to.equal(server.url);
        const [, type, directive] = TYPES.find(([ending]) => ending.test(at.pathname)) ?? [];
        const answer = await rawRequest(at.href);
        expect([answer.status, answer.headers.get('content-type')?.split(';')[0]], asset).to.deep.equal([
          200,
          type,
        ]);
        expect(answer.headers.get('x-content-type-options')).to.equal('nosniff');
        expect(rules.get(directive ?? ''), `${directive} for ${asset}`).to.include("'self'");
      }
    }
  });

  it('hold no script and no handler, which the policy would not let run', async () => {
    const page = await text(PAGE);
    expect([...page.matchAll(/<script\b[^>]*>([^<]*)</g)].map(([, inside = '']) => inside.trim())).to.satisfy(
      (scripts: string[]) => scripts.length > 0 && scripts.every((inside) => inside === ''),
    );
    expect(page).not.to.match(/\son\w+=/);
    expect((await policy()).get('script-src')).to.deep.equal(["'self'"]);
  });

  it('have styles that load only what is written in them', async () => {
    const styles = named(await text(PAGE)).filter((asset) => asset.endsWith('.css'));
    expect(styles).not.to.deep.equal([]);
    for (const style of styles) {
      const loaded = (await text(new URL(style, `${server.url}${PAGE}`).pathname)).matchAll(
        /url\(["']?([^)"']+)/g,
      );
      for (const [, at = ''] of loaded) expect(at.startsWith('data:'), at.slice(0, 80)).to.equal(true);
      expect((await policy()).get('img-src')).to.include('data:');
    }
  });

  it('show the document that is served', async () => {
    expect(await text(`${PAGE}static/swagger-initializer.js`)).to.include("resolveUrl('./json')");
    expect(JSON.parse(await text(`${PAGE}json`))).to.deep.equal(JSON.parse(await text('/api/openapi.json')));
  });

  it('answer HEAD as GET, and no other method', async () => {
    for (const path of [PAGE, PAGE.slice(0, -1), `${PAGE}json`, `${PAGE}static/swagger-initializer.js`]) {
      const got = await fetch(`${server.url}${path}`);
      const head = await fetch(`${server.url}${path}`, { method: 'HEAD' });
      expect([head.status, await head.text()], path).to.deep.equal([200, '']);
      for (const name of ['content-type', 'content-security-policy'])
        expect(head.headers.get(name), name).to.equal(got.headers.get(name));
      const posted = await rawRequest(`${server.url}${path}`, { method: 'POST' });
      expect([posted.status, posted.headers.get('allow')], path).to.deep.equal([405, 'GET, HEAD']);
    }
  });
});
