const EVERY_MS = 3_000;

/** Tells standard error every few seconds what is going on, so that a long copy does not look like a dead one. */
export class ProgressLine {
  readonly #timer: NodeJS.Timeout;
  #task = 'Looking at both sides';
  #done = 0;
  #total: number | undefined;

  constructor() {
    this.#timer = setInterval(() => this.#print(), EVERY_MS);
    this.#timer.unref();
  }

  /** Turns to something else, of so many documents where they can be counted. */
  start(task: string, total?: number): void {
    this.#task = task;
    this.#total = total;
    this.#done = 0;
  }

  readonly reach = (documents: number): void => {
    this.#done = documents;
  };

  stop(): void {
    clearInterval(this.#timer);
  }

  #print(): void {
    const count = this.#total === undefined ? '' : `: ${this.#done} of ${this.#total} documents`;
    process.stderr.write(`${this.#task}${count}\n`);
  }
}
