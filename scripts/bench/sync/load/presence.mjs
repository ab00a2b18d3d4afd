import { randomBytes } from 'node:crypto';
import { awarenessFrame } from './frames.mjs';
import { markNow } from './marks.mjs';

/** What one client shows of itself, each time with the time of sending in it. */
export class Shown {
  #client = randomBytes(4).readUInt32LE();
  #clock = 0;
  #number;

  constructor(number) {
    this.#number = number;
  }

  frame() {
    this.#clock += 1;
    const user = { name: `Person ${this.#number}`, color: '#30bced' };
    return awarenessFrame(this.#client, this.#clock, { user, cursor: markNow(this.#number) });
  }
}
