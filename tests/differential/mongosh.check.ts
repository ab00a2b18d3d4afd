import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedMongo, startEmbeddedMongo } from '@parley/server/internal/embedded-mongo/index';
import { expect } from 'chai';
import { Mongosh } from './mongosh-session.js';
import { CHAPTERS } from './mongosh-statements.js';

const PROGRAM = process.env.PARLEY_MONGOSH;

describe("the embedded store in MongoDB's own shell", function () {
  this.timeout(180_000);
  let dataDir: string | undefined;
  let store: EmbeddedMongo | undefined;
  let shell: Mongosh | undefined;
  let greeting = '';
  const answers = new Map<string, string>();

  const mongosh = (): Mongosh => {
    if (!shell) throw new Error('no shell');
    return shell;
  };

  before(async function () {
    if (PROGRAM === undefined) this.skip();
    dataDir = await mkdtemp(join(tmpdir(), 'store-'));
    store = await startEmbeddedMongo({ dataDir });
    shell = await Mongosh.prepare(PROGRAM, store.uri.replace('/?', '/shop?'));
    const statements = CHAPTERS.flatMap(([, lines]) => lines.map(([statement]) => statement));
    const session = await shell.type(statements);
    greeting = session.greeting;
    for (const [i, statement] of statements.entries()) answers.set(statement, session.answers[i] ?? '');
  });
  after(async () => {
    await shell?.discard();
    await store?.close();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
  });

  it('greets with the version and with what is to be known about this server', () => {
    expect(greeting).to.match(/Using MongoDB:\s+8\.0\.0/);
    expect(greeting).to.include('This is an embedded store that speaks the MongoDB protocol');
    expect(greeting).to.include('Access control is not enabled');
    expect(greeting).not.to.match(/error/i);
  });

  for (const [title, lines] of CHAPTERS) {
    it(`typed in: ${title}`, () => {
      for (const [statement, expected] of lines) {
        const answer = answers.get(statement);
        expect(answer, statement).to.be.a('string');
        expect(answer, statement).not.to.include('InternalError');
        for (const pattern of [expected].flat()) expect(answer, statement).to.match(pattern);
      }
    });
  }

  it('--eval prints results and ends with a success', async () => {
    const script = `db.evaluated.insertMany([{ _id: 1, n: Long(5) }, { _id: 2, n: 1.5 }]); EJSON.stringify(db.evaluated.find().sort({ _id: -1 }).toArray(), { relaxed: false })`;
    const { output, exitCode } = await mongosh().evaluate(script);
    expect(JSON.parse(output)).to.deep.equal([
      { _id: { $numberInt: '2' }, n: { $numberDouble: '1.5' } },
      { _id: { $numberInt: '1' }, n: { $numberLong: '5' } },
    ]);
    expect(exitCode).to.equal(0);
  });

  it('--eval ends with a failure when the store refuses, and names what to do', async () => {
    const { output, exitCode } = await mongosh().evaluate('db.evaluated.mapReduce(() => {}, () => {}, "x")');
    expect(output).to.match(/does not support 'mapReduce'; point MONGODB_URI at MongoDB/);
    expect(exitCode).not.to.equal(0);
    const status = await mongosh().evaluate('rs.status()');
    expect(status.output).to.match(/not running with --replSet.*point MONGODB_URI/);
  });

  it('--file runs a script', async () => {
    const file = join(dataDir ?? '', 'script.js');
    await writeFile(
      file,
      `db.scripted.insertOne({ _id: 'from a file' });\nprintjson(db.scripted.findOne());\n`,
    );
    const { output, exitCode } = await mongosh().run(['--quiet', '--file', file]);
    expect(output).to.include("_id: 'from a file'");
    expect(exitCode).to.equal(0);
  });
});
