import { expect } from 'chai';
import { judge } from '../../../scripts/check/imports/judge.mjs';

const server = (path: string): string => `server/src/${path}`;

/** `file:line rule` of every broken rule in a made-up tree. */
const broken = (tree: Record<string, string>): string[] =>
  judge(new Map(Object.entries(tree))).map(({ file, line, rule }) => `${file}:${line} ${rule}`);

/** Judges one import line in one file; the file it means exists and is empty, unless the tree says otherwise. */
const importing = (file: string, line: string, tree: Record<string, string> = {}): string[] =>
  broken({ [file]: line, ...tree });

describe('import rules: packages', () => {
  const cases: [string, string, string[]][] = [
    ['shared/src/a.ts', "import { z } from 'zod';", []],
    ['shared/src/a.ts', "import type * as Y from 'yjs';", []],
    ['shared/src/a.ts', "import type { Decoder } from 'lib0/decoding';", []],
    ['shared/src/a.ts', "import * as Y from 'yjs';", ['shared/src/a.ts:1 package']],
    ['shared/src/a.ts', "import { type Doc } from 'yjs';", ['shared/src/a.ts:1 package']],
    ['shared/src/a.ts', "import { readFileSync } from 'node:fs';", ['shared/src/a.ts:1 package']],
    ['shared/src/a.ts', "import type { App } from '@parley/server';", ['shared/src/a.ts:1 package']],
    ['client-sdk/src/a.ts', "import { limits } from '@parley/shared';", []],
    ['client-sdk/src/a.ts', "import type { AppRouter } from '@parley/server';", []],
    [
      'client-sdk/src/a.ts',
      "import { createParley } from '@parley/server';",
      ['client-sdk/src/a.ts:1 package'],
    ],
    ['client-sdk/src/a.ts', "const a = await import('@parley/server');", ['client-sdk/src/a.ts:1 package']],
    [
      'client-sdk/src/a.ts',
      "export { createParley } from '@parley/server';",
      ['client-sdk/src/a.ts:1 package'],
    ],
    ['web/src/a.tsx', "import type { AppRouter } from '@parley/server';", ['web/src/a.tsx:1 package']],
    [server('app.ts'), "import { createClient } from '@parley/client';", ['server/src/app.ts:1 package']],
    [
      server('app.ts'),
      "import { limits } from '../../shared/src/limits.js';",
      ['server/src/app.ts:1 deep-path'],
    ],
    ['tests/unit/a.test.ts', "import { judge } from '@parley/server/internal/sync/guard/judge';", []],
    ['tests/unit/a.test.ts', "import { x } from '../harness/x.js';", []],
    ['tests/unit/a.test.ts', "import { x } from '../../scripts/check/x.mjs';", []],
    [
      'tests/unit/a.test.ts',
      "import { judge } from '../../server/src/sync/guard/judge.js';",
      ['tests/unit/a.test.ts:1 deep-path'],
    ],
    ['tests/unit/a.test.ts', "import '../../shared/dist/index.js';", ['tests/unit/a.test.ts:1 deep-path']],
  ];
  for (const [file, line, expected] of cases) {
    it(`${expected.length === 0 ? 'allows' : 'refuses'} in ${file}: ${line}`, () => {
      expect(importing(file, line)).to.deep.equal(expected);
    });
  }
});

describe('import rules: rooms of the server', () => {
  const refuses = (file: string, specifier: string, rule = 'room', form = 'import { x } from'): void => {
    it(`refuses ${file}: ${form} ${specifier}`, () => {
      expect(importing(server(file), `${form} '${specifier}';`)).to.deep.equal([
        `server/src/${file}:1 ${rule}`,
      ]);
    });
  };
  const allows = (file: string, specifier: string, form = 'import { x } from'): void => {
    it(`allows ${file}: ${form} ${specifier}`, () => {
      expect(importing(server(file), `${form} '${specifier}';`)).to.deep.equal([]);
    });
  };

  for (const file of ['main.ts', 'cli.ts', 'app.ts', 'config/parse.ts']) {
    allows(file, file.startsWith('config') ? './index.js' : './config/index.js');
  }
  refuses('http/server.ts', '../config/index.js');
  refuses('http/server.ts', '../config/index.js', 'room', 'import type { Config } from');
  refuses('features/users/users.service.ts', '../../config/index.js');
  refuses('http/server.ts', '../app.js');
  refuses('app.ts', './main.js');

  allows('platform/logger.ts', '@parley/shared');
  refuses('platform/logger.ts', '../trpc/root.js');
  refuses('platform/logger.ts', '../features/users/index.js');
  refuses('trpc/root.ts', '../features/users/index.js');

  allows('features/tasks/tasks.service.ts', '../projects/index.js');
  refuses('features/tasks/tasks.service.ts', '../messages/index.js', 'feature-order');
  refuses('features/users/users.service.ts', '../auth/index.js', 'feature-order');
  refuses('features/auth/auth.service.ts', '../admin/index.js', 'feature-order', 'import type { x } from');
  refuses('features/tasks/tasks.service.ts', '../projects/projects.service.js', 'past-index');
  refuses('app.ts', './features/tasks/tasks.service.js', 'past-index');
  allows('features/messages/document-kind.ts', '../../sync/ports.js', 'import type { x } from');
  refuses('features/messages/document-kind.ts', '../../sync/engine.js');

  refuses('sync/engine.ts', '../features/messages/index.js');
  refuses('sync/guard/judge.ts', '../../features/messages/index.js', 'room', 'import type { x } from');
  allows('sync/connection/socket.ts', '../protocol/dispatch.js');
  allows('sync/connection/socket.ts', '../document/live-document.js');
  refuses('sync/connection/socket.ts', '../log/update-log.js');
  for (const part of ['guard', 'log', 'projection', 'awareness', 'bus']) {
    allows('sync/document/live-document.ts', `../${part}/x.js`);
    refuses(`sync/${part}/x.ts`, '../document/live-document.js');
  }
  refuses('sync/log/update-log.ts', '../guard/judge.js');
  refuses('sync/document/live-document.ts', '../connection/socket.js');
  refuses('sync/guard/judge.ts', '../index.js', 'room', 'import type { x } from');
  refuses('sync/guard/judge.ts', 'node:fs');
  allows('sync/guard/judge.ts', 'yjs');

  refuses('embedded-mongo/worker.ts', '../platform/logger.js');
  refuses('embedded-mongo/worker.ts', '@parley/shared');
  allows('embedded-mongo/worker.ts', 'bson');
  refuses('platform/mongo.ts', '../embedded-mongo/index.js');
  allows('embedded-mongo/server.ts', './commands/cursors.js');
  allows('embedded-mongo/commands/find.ts', '../query/sort.js');
  allows('embedded-mongo/query/sort.ts', '../bson/compare.js');
  allows('embedded-mongo/bson/raw.ts', '../errors.js');
  refuses('embedded-mongo/query/sort.ts', '../commands/find.js');
  refuses('embedded-mongo/storage/engine.ts', '../wire/frames.js');
  refuses('embedded-mongo/bson/raw.ts', '../storage/engine.js');
  refuses('embedded-mongo/commands/find.ts', '../server.js', 'room', 'import type { x } from');

  it('lets a feature use what the ports of the engine hold, as long as they use nothing of the engine', () => {
    const line = "import { refuse } from '../../sync/ports.js';";
    const file = server('features/messages/document-kind.ts');
    expect(importing(file, line, { [server('sync/ports.ts')]: '' })).to.deep.equal([]);
    const loaded = { [server('sync/ports.ts')]: "import { judge } from './guard/judge.js';" };
    expect(importing(file, line, loaded)).to.deep.equal([`${file}:1 room`]);
  });

  it('lets the parts of the engine lean on a top-level file that uses nothing of the engine', () => {
    const tree = { [server('sync/ports.ts')]: "import type { Verdict } from './guard/verdict.js';" };
    expect(importing(server('sync/log/x.ts'), "import { ports } from '../ports.js';", tree)).to.deep.equal(
      [],
    );
    const engine = { [server('sync/engine.ts')]: "import { judge } from './guard/judge.js';" };
    const line = "import { engine } from '../engine.js';";
    expect(importing(server('sync/log/x.ts'), line, engine)).to.deep.equal([
      'server/src/sync/log/x.ts:1 room',
    ]);
  });

  it('refuses rooms, features and parts that have no row', () => {
    const tree = {
      [server('helpers/x.ts')]: '',
      [server('features/polls/index.ts')]: '',
      [server('features/loose.ts')]: '',
      [server('sync/magic/x.ts')]: '',
    };
    expect(broken(tree)).to.deep.equal(
      Object.keys(tree)
        .map((file) => `${file}:1 unknown-room`)
        .sort(),
    );
  });
});

describe('import rules: everywhere', () => {
  it('refuses to reach past an index.ts, from outside its folder only', () => {
    const tree = {
      [server('http/index.ts')]: "import { x } from './server.js';",
      [server('http/server.ts')]: '',
      [server('app.ts')]: "import { x } from './http/server.js';",
      'client-sdk/src/api/index.ts': '',
      'client-sdk/src/api/links.ts': '',
      'client-sdk/src/conversation.ts': "import { x } from './api/links.js';",
    };
    expect(broken(tree)).to.deep.equal([
      'client-sdk/src/conversation.ts:1 past-index',
      'server/src/app.ts:1 past-index',
    ]);
  });

  it('leaves the agreed types of the engine open beside its index.ts', () => {
    const tree = { [server('sync/index.ts')]: '', [server('sync/ports.ts')]: '' };
    const line = "import type { x } from './sync/ports.js';";
    expect(importing(server('app.ts'), line, tree)).to.deep.equal([]);
  });

  it('refuses cycles, and lets types go round', () => {
    const cycle = {
      'shared/src/a.ts': "\nimport { b } from './b.js';",
      'shared/src/b.ts': "import { c } from './c.js';",
      'shared/src/c.ts': "export { a } from './a.js';",
    };
    expect(broken(cycle)).to.deep.equal(['shared/src/a.ts:2 cycle']);
    expect(broken({ ...cycle, 'shared/src/c.ts': "export type { a } from './a.js';" })).to.deep.equal([]);
  });

  it('names the way round in a cycle', () => {
    const tree = { 'shared/src/a.ts': "import './b.js';", 'shared/src/b.ts': "import './a.js';" };
    const [found] = judge(new Map(Object.entries(tree)));
    expect(found?.message).to.equal('shared/src/a.ts -> shared/src/b.ts -> shared/src/a.ts');
  });

  it('refuses `export *` without a name', () => {
    const text = "export * as contract from './b.js';\nexport * from './c.js';\nexport type * from './d.js';";
    expect(broken({ 'shared/src/a.ts': text })).to.deep.equal([
      'shared/src/a.ts:2 star-export',
      'shared/src/a.ts:3 star-export',
    ]);
  });

  it('refuses every way to read the environment outside config', () => {
    const ways = [
      'process.env.PORT;',
      'globalThis.process.env;',
      "process['env'];",
      'process?.env;',
      'const { env } = process;',
      "import { env } from 'node:process';",
    ];
    for (const way of ways) {
      expect(broken({ [server('platform/a.ts')]: `\n${way}` }), way).to.deep.equal([
        'server/src/platform/a.ts:2 environment',
      ]);
      expect(broken({ [server('config/a.ts')]: way }), way).to.deep.equal([]);
    }
    expect(
      broken({ [server('platform/a.ts')]: 'const { pid } = process; process.exit(env);' }),
    ).to.deep.equal([]);
  });
});
