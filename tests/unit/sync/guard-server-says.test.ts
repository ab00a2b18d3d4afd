import { appendMessage, messageValue, readMessages } from '@parley/shared';
import { expect } from 'chai';
import { ADA, attempt, BOB, edit, expectRefused, MALLORY } from '../../harness/guard-attempts.js';
import { GuardBench, segmentOf } from '../../harness/guard-bench.js';

describe('the guard where the server speaks, and where it slows people down', () => {
  let bench: GuardBench;

  beforeEach(() => {
    bench = new GuardBench();
  });

  const note = {
    ...messageValue({ author: ADA, text: 'x' }),
    text: '',
    system: { type: 'left', users: [ADA] },
  };
  const serverSays = (): void => {
    bench.view.perform({ type: 'append', value: note });
    bench.mark();
  };

  it('[C15] refuses what only the server says, by whomever', () => {
    bench.mark();
    const says = attempt(bench, ADA, (copy) => segmentOf(copy).messages.push([note]), 'admin');
    expectRefused(bench, says, 'C15');
  });

  it('[C6] refuses to edit what the server has said, also where it was about oneself', () => {
    serverSays();
    const edits = attempt(bench, ADA, (copy) => segmentOf(copy).edits.set(note.id, edit(note.id, ADA, 'no')));
    expectRefused(bench, edits, 'C6');
  });

  it('[C8] lets only an admin delete it', () => {
    serverSays();
    const remove = (access?: 'admin') =>
      attempt(bench, ADA, (copy) => segmentOf(copy).messages.delete(0, 1), access);
    expectRefused(bench, remove(), 'C8');
    expect(remove('admin').rule).to.equal(null);
    expect(readMessages(bench.doc)).to.deep.equal([]);
  });

  it('[C16] refuses a second message too soon, several at once, and nobody who administers', () => {
    bench.view.perform({ type: 'slow', slowModeMs: 3_600_000 });
    bench.say(ADA, 'one');
    bench.mark();
    const says = (userId: string, count: number, access?: 'admin') =>
      attempt(
        bench,
        userId,
        (copy) => {
          for (let said = 0; said < count; said += 1) appendMessage(copy, { author: userId, text: 'x' });
        },
        access,
      );
    expectRefused(bench, says(ADA, 1), 'C16');
    expectRefused(bench, says(BOB, 2), 'C16');
    expect(says(BOB, 1).rule).to.equal(null);
    expect(says(MALLORY, 3, 'admin').rule).to.equal(null);
    expect(readMessages(bench.doc)).to.have.length(5);
  });
});
