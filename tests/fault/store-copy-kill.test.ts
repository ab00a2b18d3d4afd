import { expect } from 'chai';
import { Binary, type Document } from 'mongodb';
import { type CopyBench, openCopyBench, rows } from '../harness/copy-bench.js';
import { documentsOfKinds } from '../harness/every-kind.js';
import { startMeddlingProxy } from '../harness/meddling-proxy.js';
import { Random } from '../harness/random.js';
import { contentOf, endOf, spawnCli, withStore } from '../harness/store-cli.js';

const KILLS = Number(process.env.PARLEY_COPY_KILLS ?? 10);
const DATABASES = ['media', 'parley'];

const fill = (bench: CopyBench): Promise<void> =>
  withStore(bench.dataDir, async (client) => {
    const files = rows(20).map((row) => ({ ...row, data: new Binary(Buffer.alloc(700 * 1024, row.n)) }));
    await client.db('media').collection<Document>('files').insertMany(files);
    const parley = client.db('parley');
    await parley.collection<Document>('kinds').insertMany(documentsOfKinds());
    await parley.createCollection('none');
    const messages = parley.collection<Document>('messages');
    await messages.insertMany(rows(3500));
    await messages.createIndex({ n: 1 }, { unique: true });
    const sessions = parley.collection<Document>('sessions');
    await sessions.insertMany(rows(1200).map((row) => ({ ...row, until: new Date(Date.now() + 1e9) })));
    await sessions.createIndex({ until: 1 }, { expireAfterSeconds: 0 });
  });

/** A moment to die: a command by its number, or the note that follows the first insert and would say that it was stored. */
type Moment = { readonly at: number; readonly heard: boolean } | 'between insert and note';

/**
 * Runs the copy and kills it with SIGKILL at that moment, before the target hears of the command or while it carries it out.
 * Answers with the exit code, null when it was killed.
 */
const run = async (
  bench: CopyBench,
  moment?: Moment,
): Promise<{ code: number | null; err: string; commands: number }> => {
  let commands = 0;
  let before = '';
  await using proxy = await startMeddlingProxy(bench.target.uri, (_, name) => {
    commands++;
    const between = before === 'insert' && name === 'update';
    before = name;
    if (moment === 'between insert and note' ? !between : commands !== moment?.at) return 'pass';
    child.kill('SIGKILL');
    return typeof moment === 'object' && moment.heard ? 'pass' : { reply: {} };
  });
  const child = spawnCli(['store', 'copy', '--data-dir', bench.dataDir, '--to', proxy.uri]);
  const { code, err } = await endOf(child);
  return { code, err, commands };
};

describe('parley store copy, killed', () => {
  it(`goes on where it was, ${KILLS} times, and loses and doubles nothing`, async () => {
    const seed = BigInt(process.env.PARLEY_COPY_SEED ?? Date.now());
    const random = new Random(seed);
    await using bench = await openCopyBench();
    await fill(bench);
    const wanted = await withStore(bench.dataDir, (client) => contentOf(client, DATABASES));
    const check = async (told: string): Promise<void> => {
      expect(await contentOf(bench.target.client, DATABASES), told).to.deep.equal(wanted);
      for (const name of DATABASES) await bench.target.client.db(name).dropDatabase();
    };
    const { commands } = await run(bench);
    await check('not killed');
    let kills = 0;
    for (let code: number | null = null; kills < KILLS || code === null; ) {
      const anywhere = { at: 1 + random.below(commands), heard: random.below(2) === 1 };
      const moment = random.below(4) === 0 ? 'between insert and note' : anywhere;
      const told = `seed ${seed} after ${kills} kills, ${JSON.stringify(moment)}`;
      const end = await run(bench, moment);
      code = end.code;
      if (code === null) {
        kills++;
        continue;
      }
      expect([code, end.err], told).to.deep.equal([0, '']);
      await check(told);
    }
  }).timeout(60_000 + KILLS * 10_000);
});
