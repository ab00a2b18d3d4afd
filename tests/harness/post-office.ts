// A mail server that really speaks SMTP, on a port of its own, and keeps what it is given.
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
}

export class PostOffice implements AsyncDisposable {
  readonly mails: Mail[] = [];
  readonly #server: SMTPServer;
  #heard: () => void = () => undefined;

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString('utf8'),
          });
          done();
          this.#heard();
        });
      },
    });
  }

  static async open(): Promise<PostOffice> {
    const office = new PostOffice();
    const listening = office.#server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    return office;
  }

  get url(): string {
    const address = this.#server.server.address();
    if (address === null || typeof address === 'string') throw new Error('the post office is closed');
    return `smtp://127.0.0.1:${address.port}`;
  }

  /** The `nth` mail, from 1, now or when it comes. */
  async mail(nth: number): Promise<Mail> {
    for (;;) {
      const found = this.mails[nth - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}
