import { expect } from 'chai';
import { openCopyBench } from '../harness/copy-bench.js';
import { runCli, TemporaryFolders, withStore } from '../harness/store-cli.js';

describe('parley store, called wrongly', () => {
  const folders = new TemporaryFolders();
  afterEach(() => folders[Symbol.asyncDispose]());

  const wrong: [string, string[]][] = [
    ['serve or copy', []],
    ['serve or copy', ['move']],
    ['--to', ['copy']],
    ['mongodb://', ['copy', '--to', 'postgres://ada:hunter2@db.example.org']],
    ['--to', ['copy', 'mongodb://ada:hunter2@db.example.org']],
    ['--tp', ['copy', '--tp=mongodb://ada:hunter2@db.example.org']],
    ['Unknown option', ['copy', '--mongodb://ada:hunter2@db.example.org']],
    [
      'belongs to the server',
      ['copy', '--to', 'mongodb://ada:hunter2@db.example.org', '--database', 'admin'],
    ],
    ['--port', ['serve', '--port', '70000']],
    ['--port', ['serve', '--port', 'http']],
    ['--data-dir', ['serve', '--data-dir', '']],
    ['--to', ['serve', '--to', 'mongodb://ada:hunter2@db.example.org']],
  ];
  for (const [names, args] of wrong) {
    it(`store ${args.join(' ')}`.replace('hunter2', '…'), async () => {
      const { code, out, err } = await runCli(['store', ...args]);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err.split('\n')[0]).to.include(names);
      expect(err).to.include('Usage: parley').and.not.to.include('hunter2');
    });
  }

  it('shows the help when asked', async () => {
    for (const args of [['--help'], ['serve', '--help'], ['copy', '-h']]) {
      const { code, out } = await runCli(['store', ...args]);
      expect(code).to.equal(0);
      expect(out).to.include('parley <command>').and.to.include('--database <name>');
    }
  });

  it('never shows the password of an address, whatever is wrong with it', async () => {
    const dataDir = await folders.make();
    await withStore(dataDir, (client) => client.db('parley').createCollection('a'));
    await using bench = await openCopyBench();
    const { host } = new URL(bench.target.uri);
    const addresses: [string, RegExp][] = [
      ['mongodb://ada:hunter2@127.0.0.1:9/?serverSelectionTimeoutMS=200', /ECONNREFUSED 127\.0\.0\.1:9/],
      [`mongodb://ada:hunter2@${host}/`, /^The target/],
      ['mongodb://ada:hunter2@127.0.0.1:9/?tls=perhaps', /cannot be used: .*tls/],
      ['mongodb://ada:hunter2@127.0.0.1:hunter2/', /cannot be used/],
      ['mongodb://ada:hunt@er2@127.0.0.1:9/', /cannot be read/],
      ['mongodb://ada:hunter2/x@127.0.0.1:9/', /cannot be read/],
      ['mongodb://ada:hunter2?x@127.0.0.1:9/', /cannot be read/],
      ['mongodb://ada:hunter2%zz@127.0.0.1:9/', /cannot be used/],
      ['mongodb+srv://ada:hunter2@127.0.0.1:9/', /cannot be used/],
      [
        `mongodb://${host}/?tls=true&tlsCertificateKeyFile=/none&tlsCertificateKeyFilePassword=hunter2`,
        /none/,
      ],
    ];
    for (const [uri, reason] of addresses) {
      const { code, out, err } = await runCli(['store', 'copy', '--data-dir', dataDir, '--to', uri]);
      expect([code, out], uri).to.deep.equal([1, '']);
      expect(err, uri).to.match(reason);
      expect(err, uri).not.to.match(/hunter2|er2@/);
      expect(err.trim().split('\n'), uri).to.have.length(1);
    }
  });
});
