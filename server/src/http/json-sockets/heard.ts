// Owns how far one socket has been told of one conversation: each message once and in order, whatever its stream of events repeats
// or leaves out. An event says up to where there is something; the messages themselves come from history.
import type { Told, ToldMessages } from './told-messages.js';

export class Heard {
  readonly #messages: ToldMessages;
  readonly #conversationId: string;
  #upTo: number;

  /** `upTo`: what comes before is not told. */
  constructor(messages: ToldMessages, conversationId: string, upTo: number) {
    this.#messages = messages;
    this.#conversationId = conversationId;
    this.#upTo = upTo;
  }

  /** Everything up to and including that number was told, or is not to be. */
  get upTo(): number {
    return this.#upTo;
  }

  /** Nothing up to and including that number is told any more. */
  skipTo(seq: number): void {
    this.#upTo = Math.max(this.#upTo, seq);
  }

  /** What has not been told of yet. */
  async *goOn(upTo: number): AsyncGenerator<Told, void> {
    while (this.#upTo < upTo) {
      const page = await this.#messages.page({
        ...{ conversationId: this.#conversationId, after: this.#upTo, upTo },
      });
      this.#upTo = page.upTo;
      yield* page.told;
    }
  }
}
