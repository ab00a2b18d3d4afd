import { readFile } from 'node:fs/promises';
import { metricCatalogue } from '@parley/server/internal/metrics/catalogue';
import { appendMessage, limits } from '@parley/shared';
import { expect } from 'chai';
import { rawRequest, signUp, startTestServer, type TestPerson, type TestServer } from '../harness/kit.js';
import { scrape } from '../harness/metrics.js';
import { RawClient } from '../harness/raw-client.js';

const GENERATION_CLIENTS = 4;
const TOKEN = 'known to the scraper alone';

describe('metrics', () => {
  let server: TestServer;
  let ada: TestPerson;
  let conversationId: string;

  beforeEach(async () => {
    server = await startTestServer({
      ...{ generationClients: GENERATION_CLIENTS, generationMs: 0, documentIdleMs: 0 },
    });
    ada = await signUp(server, 'ada');
    conversationId = (await ada.api.rooms.joinOrCreate.mutate({ name: 'Counted' })).room.id;
  });
  afterEach(() => server.close());

  const connect = (): Promise<RawClient> =>
    new RawClient({ url: server.url, conversationId, token: ada.token, acks: true }).synced();

  const say = async (client: RawClient, text: string, author = ada.id): Promise<void> => {
    client.write((doc) => appendMessage(doc, { author, text }));
    await client.next('stored', ({ upTo }) => upTo === client.sent);
  };

  /** What a series shows once it fits. */
  const until = async (series: string, fits: (value: number | undefined) => boolean): Promise<void> => {
    while (!fits((await scrape(server.url)).get(series)));
  };

  it('has every metric of the catalogue, each with its words, and those of the process', async () => {
    const { text, headers } = await rawRequest(`${server.url}/metrics`);
    expect(headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    for (const { name, type, help } of Object.values(metricCatalogue)) {
      expect(text).to.include(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    }
    const values = await scrape(server.url);
    expect(values.get('process_resident_memory_bytes')).to.be.above(1_000_000);
    expect(values.has('nodejs_eventloop_lag_p99_seconds')).to.equal(true);
  });

  it('counts what is sent, stored, refused and shown', async () => {
    const before = await scrape(server.url);
    expect(before.get('parley_updates_stored_total')).to.equal(0);
    expect(before.get('parley_log_healthy')).to.equal(1);
    const client = await connect();
    for (let count = 1; count <= 3; count += 1) await say(client, `number ${count}`);
    await say(client, 'a lie', 'somebody else');
    const during = await scrape(server.url);
    // The answer to the server's first question is an update too.
    expect(during.get('parley_updates_stored_total')).to.equal(4);
    expect(during.get('parley_updates_refused_total{rule="C4"}')).to.equal(1);
    expect(during.get('parley_connections')).to.equal(1);
    expect(during.get('parley_documents')).to.equal(1);
    expect(during.get('parley_document_client_ids_sum')).to.equal(1);
    expect(during.get('parley_log_write_seconds_count')).to.be.at.least(3);
    expect(during.get('parley_log_write_entries_sum')).to.equal(during.get('parley_log_write_seconds_count'));
    expect(during.get('parley_log_write_seconds_sum')).to.be.above(0);
    await until('parley_projection_waiting_batches', (value) => value === 0);
    await client.close();
    await until('parley_connections', (value) => value === 0);
    await until('parley_documents', (value) => value === 0);
  });

  it('counts client ids, and the generation that ends because of them', async () => {
    for (let count = 1; count < GENERATION_CLIENTS; count += 1) {
      const client = await connect();
      await say(client, `visit ${count}`);
      await client.close();
    }
    const last = await connect();
    expect((await scrape(server.url)).get('parley_document_client_ids_max')).to.equal(GENERATION_CLIENTS - 1);
    expect((await scrape(server.url)).get('parley_generations_ended_total{reason="clients"}')).to.equal(0);
    last.write((doc) => appendMessage(doc, { author: ada.id, text: 'one too many' }));
    expect((await last.closed).code).to.equal(4409);
    await until('parley_generations_ended_total{reason="clients"}', (value) => value === 1);
    expect((await scrape(server.url)).get('parley_generations_ended_total{reason="weight"}')).to.equal(0);
  });

  it('shows readers that are behind', async () => {
    const [writer, slow] = [await connect(), await connect()];
    slow.pause();
    const text = 'x'.repeat(limits.textCharacters.value);
    let said = 0;
    while (((await scrape(server.url)).get('parley_readers_behind') ?? 0) === 0) {
      expect(said, 'more than the bound and any buffer').to.be.below(6 * limits.outboundBytes.value);
      writer.write((doc) => {
        for (let count = 0; count < 200; count += 1) appendMessage(doc, { author: ada.id, text });
      });
      said += 200 * text.length;
      await writer.next('stored', ({ upTo }) => upTo === writer.sent);
    }
    slow.resume();
    await until('parley_readers_behind', (value) => value === 0);
    await Promise.all([slow.close(), writer.close()]);
  }).timeout(60_000);

  it('is for this machine alone, unless there is a token', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      const passedOn = await rawRequest(`${server.url}/metrics`, { headers: { [name]: '127.0.0.1' } });
      expect([passedOn.status, passedOn.code], name).to.deep.equal([403, 'FORBIDDEN']);
    }
    await using guarded = await startTestServer({ metricsToken: TOKEN.replaceAll(' ', '-') });
    const without = await rawRequest(`${guarded.url}/metrics`);
    expect([without.status, without.code]).to.deep.equal([401, 'NOT_SIGNED_IN']);
    const headers = { authorization: 'Bearer of-bad-news-and-long' };
    const wrong = await rawRequest(`${guarded.url}/metrics`, { headers });
    expect([wrong.status, wrong.code]).to.deep.equal([401, 'TOKEN_INVALID']);
    const values = await scrape(guarded.url, {
      ...{ authorization: `Bearer ${TOKEN.replaceAll(' ', '-')}`, 'x-forwarded-for': '192.0.2.1' },
    });
    expect(values.get('parley_log_healthy')).to.equal(1);
  });

  it('is described by its page', async () => {
    const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    for (const { name } of Object.values(metricCatalogue)) expect(page).to.include(`\n| \`${name}\` |`);
  });
});
