// Loaded into a test run by `--import`: switches one place of the guard off that refuses, as if its line were not there.
// PARLEY_RULE_OFF is the rule, PARLEY_RULE_SITE which of its places in the order they are loaded, from 0.
// The runner loads modules through CommonJS, whatever they were written as.
import { Module } from 'node:module';

const { PARLEY_RULE_OFF: rule, PARLEY_RULE_SITE: site } = process.env;
const gate = new RegExp(`(return|:)\\s*((?:\\(0,\\s*\\w+\\.)?refuse\\)?)\\((?=['"]${rule}['"])`, 'g');
const compile = Module.prototype._compile;
let seen = 0;

Module.prototype._compile = function (content, filename, ...rest) {
  const changed = filename.includes('/server/dist/')
    ? content.replace(gate, (whole, before, callee) => {
        seen += 1;
        if (seen - 1 !== Number(site)) return whole;
        // A statement is skipped; where a value is wanted, it is that of an update that does nothing.
        return before === 'return' ? `void ${callee}(` : ': (() => [])(';
      })
    : content;
  return compile.call(this, changed, filename, ...rest);
};
