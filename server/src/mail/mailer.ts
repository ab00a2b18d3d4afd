/** A letter to one person, in plain words. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends letters. `send` resolves once somebody has taken it over who will deliver it or say that it cannot be. */
export interface Mailer {
  send(letter: Letter): Promise<void>;
  close(): Promise<void>;
}
