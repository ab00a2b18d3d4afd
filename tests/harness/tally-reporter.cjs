/**
 * Mocha's spec report on the screen, and the numbers for the test runner in the file that TALLY_FILE names:
 * `{ passes, failures, pending, skipped: [{ title, reason }], failed: ['title (message)'] }`. The file appears whole, once, at the end;
 * a run that dies earlier leaves none.
 */
const { renameSync, writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

const { EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Runner.constants;

module.exports = class TallyReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    this.skipped = [];
    this.failed = [];
    runner.on(EVENT_TEST_PENDING, (test) => this.skipped.push(withReason(test)));
    runner.on(EVENT_TEST_FAIL, (test, error) =>
      this.failed.push(`${test.titlePath().join(' > ')} (${firstLineOf(error)})`),
    );
  }

  epilogue() {
    super.epilogue();
    const file = process.env.TALLY_FILE;
    if (file === undefined) return;
    const { passes, failures, pending } = this.stats;
    const tally = { passes, failures, pending, skipped: this.skipped, failed: this.failed };
    writeFileSync(`${file}.part`, JSON.stringify(tally));
    renameSync(`${file}.part`, file);
    nameOpenHandles();
  }
};

/** Takes the reason out of the titles, where `needs` (require.ts) has put it as ` (skipped: reason)`. */
const withReason = (test) => {
  let reason = 'no reason given';
  const titles = test.titlePath().map((title) => {
    const [, plain, given] = /^(.*) \(skipped: (.*)\)$/s.exec(title) ?? [null, title];
    reason = given ?? reason;
    return plain;
  });
  return { title: titles.join(' > '), reason };
};

const firstLineOf = (error) =>
  String(error?.message ?? error)
    .split('\n', 1)[0]
    .slice(0, 300);

/** A process that is still alive a moment after its last test tells what keeps it; the timer itself does not. */
const nameOpenHandles = () => {
  setTimeout(() => {
    console.error(`still open after the last test: ${process.getActiveResourcesInfo().join(', ')}`);
  }, 3_000).unref();
};
