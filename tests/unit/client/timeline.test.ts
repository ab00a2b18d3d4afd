import { Timeline } from '@parley/client/internal/conversation/timeline';
import type { Message } from '@parley/shared';
import { newId } from '@parley/shared';
import { expect } from 'chai';
import { Random } from '../../harness/random.js';
import { messageInHistory, messageInWindow, nothingUnsent } from './messages.js';

interface Told {
  readonly id: string;
  readonly text: string;
  readonly seq: number;
  isDeleted: boolean;
}

const inHistory = (told: Told): Message =>
  told.isDeleted ? { ...messageInHistory(told), text: '', deletedAt: new Date(1) } : messageInHistory(told);

/**
 * A conversation as the server has it, and a timeline that is told of it as a client would be: updates and numbers while
 * connected, nothing while away, pages whenever somebody scrolls back.
 */
class Model {
  readonly steps: string[] = [];
  readonly timeline = new Timeline();
  readonly #random: Random;
  readonly #messages: Told[] = [];
  readonly #byId = new Map<string, Told>();
  #startSeq = 1;
  #isConnected = false;

  constructor(seed: bigint) {
    this.#random = new Random(seed);
  }

  step(): void {
    const draw = this.#random.below(100);
    if (draw < 55) this.#say();
    else if (draw < 65) this.#slide();
    else if (draw < 72) this.#delete();
    else if (draw < 82) this.#toggle();
    else this.#page();
    this.#check();
  }

  #note(step: string): void {
    this.steps.push(step);
  }

  #say(): void {
    const seq = this.#messages.length + 1;
    const message: Told = { id: newId(seq), text: `message ${seq}`, seq, isDeleted: false };
    this.#messages.push(message);
    this.#byId.set(message.id, message);
    this.#note(`say ${seq}`);
    if (!this.#isConnected) return;
    this.#showWindow();
    if (this.#random.chance(10)) {
      // Away between a message and its number.
      this.#isConnected = false;
      this.#note('lost');
      return;
    }
    this.timeline.number([message.id], [seq]);
  }

  #slide(): void {
    const room = this.#messages.length - this.#startSeq - 3;
    if (room <= 0) return;
    this.#startSeq += 1 + this.#random.below(Math.min(room, 8));
    this.#note(`slide to ${this.#startSeq}`);
    if (this.#isConnected) this.#showWindow();
  }

  #delete(): void {
    const alive = this.#messages.slice(this.#startSeq - 1).filter(({ isDeleted }) => !isDeleted);
    if (!this.#isConnected || alive.length === 0) return;
    const message = this.#random.pick(alive);
    message.isDeleted = true;
    this.#note(`delete ${message.seq}`);
    this.#showWindow();
  }

  #toggle(): void {
    this.#isConnected = !this.#isConnected;
    this.#note(this.#isConnected ? 'back' : 'away');
    if (!this.#isConnected) return;
    this.#showWindow();
    const window = this.#window();
    this.timeline.number(
      window.map(({ id }) => id),
      window.map(({ seq }) => seq),
    );
  }

  #page(): void {
    const { lowestSeq } = this.timeline;
    const newest = this.#messages.length;
    const from = Math.max(1, (lowestSeq ?? newest + 1) - 1 - this.#random.below(6));
    // To get before the window, a client pages over all of it.
    const to = this.#random.chance(50) ? newest : (lowestSeq ?? newest + 1) - 1;
    this.#note(`page ${from} to ${to}`);
    if (to >= from) this.timeline.addHistory(this.#messages.slice(from - 1, to).map(inHistory));
  }

  #window(): Told[] {
    return this.#messages.slice(this.#startSeq - 1).filter(({ isDeleted }) => !isDeleted);
  }

  #showWindow(): void {
    this.timeline.setWindow(this.#window().map(messageInWindow), this.#startSeq);
  }

  #check(): void {
    const list = this.timeline.list(nothingUnsent);
    const seqs = list.flatMap(({ seq }) => (seq === null ? [] : [seq]));
    expect(new Set(list.map(({ id }) => id)).size, 'each message once').to.equal(list.length);
    expect(seqs, 'by number').to.deep.equal([...seqs].sort((left, right) => left - right));
    expect(
      list.slice(0, seqs.length).every(({ seq }) => seq !== null),
      'numbered ones first',
    ).to.equal(true);
    for (const { id, seq, text, deletedAt } of list) {
      const told = this.#byId.get(id);
      if (seq !== null && told?.seq !== seq) expect.fail(`${told?.seq} is shown as ${seq}`);
      if (deletedAt === null && text !== told?.text) expect.fail(`${seq} has another text`);
    }
    if (!this.#isConnected) return;
    const { lowestSeq } = this.timeline;
    const shown = new Set(list.map(({ id }) => id));
    const missing = this.#messages.filter(
      ({ id, seq, isDeleted }) => !isDeleted && seq >= (lowestSeq ?? 1) && !shown.has(id),
    );
    expect(
      missing.map(({ seq }) => seq),
      `nothing is missing from ${lowestSeq} on`,
    ).to.deep.equal([]);
    const undead = list.filter(
      ({ id, seq }) => (seq ?? 0) >= this.#startSeq && this.#byId.get(id)?.isDeleted,
    );
    expect(undead, 'what was deleted in the window is gone').to.deep.equal([]);
  }
}

const run = (seed: bigint): void => {
  const model = new Model(seed);
  try {
    for (let count = 0; count < 250; count += 1) model.step();
  } catch (error) {
    throw new Error(`seed ${seed}, after: ${model.steps.join(', ')}`, { cause: error });
  }
};

describe('the timeline', () => {
  it('is one list in the order of numbers, each message once and none missing, whatever comes when', () => {
    const base = BigInt(process.env.PARLEY_SEED ?? Date.now());
    for (let count = 0n; count < 20n; count += 1n) run(base * 1_000n + count);
  });

  it('puts what is not numbered last: first the document’s, then what is on its way, in the order it was said', () => {
    const timeline = new Timeline();
    const told = [1, 2, 3].map((seq) => ({ id: newId(seq), text: `message ${seq}`, seq, isDeleted: false }));
    timeline.setWindow(told.map(messageInWindow), 1);
    timeline.number([told[1]?.id ?? ''], [1]);
    const pending = [20, 10].map((ms) => ({
      v: 1 as const,
      type: 'message' as const,
      id: newId(ms),
      author: 'user-1',
      text: `pending ${ms}`,
      sentAt: ms,
    }));
    const list = timeline.list({ ...nothingUnsent, pending });
    expect(list.map(({ text }) => text)).to.deep.equal([
      'message 2',
      'message 1',
      'message 3',
      'pending 10',
      'pending 20',
    ]);
  });

  it('lets go of what lies before a window that has jumped', () => {
    const timeline = new Timeline();
    const all = Array.from({ length: 30 }, (_, index) => ({
      id: newId(index),
      text: `message ${index + 1}`,
      seq: index + 1,
      isDeleted: false,
    }));
    timeline.addHistory(all.slice(0, 10).map(inHistory));
    timeline.setWindow(all.slice(20).map(messageInWindow), 21);
    timeline.number(
      all.slice(20).map(({ id }) => id),
      all.slice(20).map(({ seq }) => seq),
    );
    expect(timeline.lowestSeq).to.equal(21);
    expect(timeline.list(nothingUnsent).map(({ seq }) => seq)).to.deep.equal([
      21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
    ]);
  });

  it('has no hole where messages came and left while it was behind, though their numbers were told', () => {
    const timeline = new Timeline();
    const all = Array.from({ length: 12 }, (_, index) => ({
      id: newId(index),
      text: `message ${index + 1}`,
      seq: index + 1,
      isDeleted: false,
    }));
    const tell = (messages: typeof all): void =>
      timeline.number(
        messages.map(({ id }) => id),
        messages.map(({ seq }) => seq),
      );
    timeline.setWindow(all.slice(0, 4).map(messageInWindow), 1);
    tell(all);
    timeline.setWindow(all.slice(8).map(messageInWindow), 9);
    expect(timeline.list(nothingUnsent).map(({ seq }) => seq)).to.deep.equal([9, 10, 11, 12]);
    expect(timeline.lowestSeq).to.equal(9);
  });

  it('keeps what left with its segment behind one that is in the window still, and says that it may be deleted', () => {
    const timeline = new Timeline();
    const all = Array.from({ length: 8 }, (_, index) => ({
      id: newId(index),
      text: `message ${index + 1}`,
      seq: index + 1,
      isDeleted: false,
    }));
    const window = all.map(messageInWindow);
    timeline.setWindow(window, 1);
    timeline.number(
      all.map(({ id }) => id),
      all.map(({ seq }) => seq),
    );
    // The second one was said again by somebody who came back, and stands in the last segment too.
    const [, second] = window;
    if (second === undefined) throw new Error('there is no second one');
    const doubtful = timeline.setWindow([...window.slice(4), second], 5);
    expect(timeline.list(nothingUnsent).map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(doubtful).to.deep.equal(window.slice(2, 4).map(({ id }) => id));
  });

  it('shows nothing before the start that has holes, where an old segment left with new messages', () => {
    const timeline = new Timeline();
    const all = Array.from({ length: 12 }, (_, index) => ({
      id: newId(index),
      text: `message ${index + 1}`,
      seq: index + 1,
      isDeleted: false,
    }));
    const seqs = (): (number | null)[] => timeline.list(nothingUnsent).map(({ seq }) => seq);
    const tell = (messages: typeof all): void => {
      timeline.number(
        messages.map(({ id }) => id),
        messages.map(({ seq }) => seq),
      );
    };
    // 7 and 8 lay in the oldest segment, which has left; 4 to 6 are still there
    const window = all.filter(({ seq }) => seq > 3 && seq !== 7 && seq !== 8);
    timeline.setWindow(window.map(messageInWindow), 9);
    tell(window);
    expect([timeline.lowestSeq, seqs()]).to.deep.equal([9, [9, 10, 11, 12]]);
    timeline.addHistory(all.slice(2, 8).map(inHistory));
    expect(seqs()).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    // one that is still in the window is deleted, or was said twice and now stands where it belongs: history knows
    const without = window.filter(({ seq }) => seq !== 5);
    const doubtful = timeline.setWindow(without.map(messageInWindow), 9);
    expect(doubtful).to.deep.equal(window.filter(({ seq }) => seq === 5).map(({ id }) => id));
    expect(seqs()).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    // and then their segment leaves too
    timeline.setWindow(window.filter(({ seq }) => seq >= 9).map(messageInWindow), 9);
    expect(seqs()).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    // one of the window's own stretch is deleted
    timeline.setWindow(window.filter(({ seq }) => seq >= 9 && seq !== 10).map(messageInWindow), 9);
    expect(seqs()).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 11, 12]);
  });
});
