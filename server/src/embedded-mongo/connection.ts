import type { Socket } from 'node:net';
import { encodeDocument } from './bson/raw.js';
import type { CommandContext } from './commands/command.js';
import { errorReply, runCommand } from './commands/dispatch.js';
import { StoreError } from './errors.js';
import { FrameReader, OPCODE, readHeader } from './wire/frames.js';
import { encodeOpMsg, parseOpMsg } from './wire/op-msg.js';
import { encodeOpReply, parseOpQuery } from './wire/op-query.js';

/**
 * One client connection. Its commands run one after another, as MongoDB does it. While one runs, or while replies wait for a
 * slow reader, nothing more is read from the socket. Bytes that are no message end the connection.
 */
export class Connection {
  private readonly reader = new FrameReader();
  private readonly waiting: Buffer[] = [];
  private running = false;
  private nextReplyId = 1;
  /** Settles when the connection is gone and its last command has finished. */
  readonly finished: Promise<void>;
  private markFinished: () => void = () => {};

  constructor(
    private readonly socket: Socket,
    private readonly context: CommandContext,
  ) {
    this.finished = new Promise((resolve) => {
      this.markFinished = resolve;
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    // A reset connection needs no answer: 'close' follows and ends it.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (!this.running) this.markFinished();
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    try {
      this.waiting.push(...this.reader.push(chunk));
    } catch {
      this.socket.destroy();
      return;
    }
    if (this.waiting.length === 0 || this.running) return;
    this.running = true;
    this.drain().then(
      () => this.afterDrain(),
      () => {
        this.socket.destroy();
        this.afterDrain();
      },
    );
  }

  private afterDrain(): void {
    this.running = false;
    if (this.socket.destroyed) this.markFinished();
  }

  private async drain(): Promise<void> {
    this.socket.pause();
    for (let frame = this.waiting.shift(); frame; frame = this.waiting.shift()) {
      if (this.socket.destroyed) return;
      const reply = await this.answer(frame);
      if (reply) await this.send(reply);
    }
    this.socket.resume();
  }

  private async answer(frame: Buffer): Promise<Buffer | undefined> {
    const { opCode, requestId } = readHeader(frame);
    const replyId = this.nextReplyId++ & 0x7fffffff;
    if (opCode === OPCODE.msg) return this.answerMsg(frame, requestId, replyId);
    if (opCode === OPCODE.query) {
      const { body, database } = parseOpQuery(frame);
      const reply = await runCommand({ body, database, sequences: new Map() }, this.context);
      return encodeOpReply(replyId, requestId, reply);
    }
    throw new StoreError('ProtocolError', `Unknown opcode ${opCode}`);
  }

  private async answerMsg(frame: Buffer, requestId: number, replyId: number): Promise<Buffer | undefined> {
    let message: ReturnType<typeof parseOpMsg>;
    try {
      message = parseOpMsg(frame);
    } catch (error) {
      return encodeOpMsg(replyId, requestId, encodeDocument(errorReply(error)));
    }
    const reply = await runCommand(message, this.context);
    return message.moreToCome ? undefined : encodeOpMsg(replyId, requestId, reply);
  }

  private send(reply: Buffer): Promise<void> | undefined {
    if (this.socket.destroyed || this.socket.write(reply)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
    });
  }
}
