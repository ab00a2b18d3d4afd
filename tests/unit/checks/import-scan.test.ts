import { expect } from 'chai';
import { scan } from '../../../scripts/check/imports/scan.mjs';

/** `line specifier`, with `type` behind it where nothing is left at run time. */
const imports = (text: string): string[] =>
  scan(text).imports.map(({ line, specifier, typeOnly }) => `${line} ${specifier}${typeOnly ? ' type' : ''}`);

describe('scan for imports', () => {
  const cases: [string, string[]][] = [
    ["import 'a';", ['1 a']],
    ["import a from 'a';", ['1 a']],
    ["import a, { b as c } from 'a';", ['1 a']],
    ["import * as a from 'a';", ['1 a']],
    ["import {\n  a,\n  type B,\n} from 'a';", ['1 a']],
    ["import type { A } from 'a';", ['1 a type']],
    ["import type A from 'a';", ['1 a type']],
    ["import type * as A from 'a';", ['1 a type']],
    ["import type from 'a';", ['1 a']],
    ["import { from } from 'a';", ['1 a']],
    ["import data from './a.json' with { type: 'json' };", ['1 ./a.json']],
    ["export { a } from 'a';", ['1 a']],
    ["export type { A } from 'a';", ['1 a type']],
    ["export * as a from 'a';", ['1 a']],
    ["export const a = { from: 'b' };", []],
    ["export { a };\nconst from = 'b';", []],
    ["const a = await import('a');", ['1 a']],
    ['const a = await import(`a`);', ['1 a']],
    ["import('a').then(use);", ['1 a']],
    ["type A = import('a').A;", ['1 a type']],
    ["type A = typeof import('a');", ['1 a type']],
    ["const a = require('a');", ['1 a']],
    ["import a = require('a');", ['1 a']],
    ['import.meta.url;', []],
    ["thing.import('a'); thing.require('b');", []],
    ["// import 'a';\n/* import 'b';\n */ import 'c';", ['3 c']],
    [`const a = "import 'a'"; const b = \`import 'b' \${await import('c')} import 'd'\`;`, ['1 c']],
    [`const a = \`\${\`\${'}'}\`}\`; import 'b';`, ['1 b']],
    ["const a = /['\"`]/; import 'b';", ['1 b']],
    ["if (x) /`/.test(y); import 'b';", ['1 b']],
    ["const a = (b + c) / d; const e = '/'; import 'f';", ['1 f']],
    ["const a = 'it\\'s'; import 'b';", ['1 b']],
    ["const a = <p>it's</p>;\nimport('b');", ['2 b']],
    ["#!/usr/bin/env node\nimport 'a';", ['2 a']],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => expect(imports(text)).to.deep.equal(expected));
  }
});
