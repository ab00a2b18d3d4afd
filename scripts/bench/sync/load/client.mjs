import { WebSocket } from 'ws';
import { askForAll, authFrame, contentAt, frameTypes, nothingNew, steps, updateFrame } from './frames.mjs';

const ignore = () => undefined;

/**
 * One connection that keeps nothing. `onUpdate(frame, at)` gets each update's frame and where its content begins, `onReply` the
 * bytes of the first answer, `onAwareness` a frame; `hello` is a frame to send at once. `synced` resolves with the length of the first answer's frame, and rejects
 * when the socket closes first.
 */
export class Client {
  constructor(seat, { onUpdate = ignore, onReply = ignore, onAwareness = ignore, hello } = {}) {
    this.seat = seat;
    this.onUpdate = onUpdate;
    this.onAwareness = onAwareness;
    this.socket = new WebSocket(seat.url, { perMessageDeflate: false, maxPayload: 2 ** 30 });
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.synced = new Promise((resolve, reject) => {
      this.socket.once('open', () => {
        this.#greet(hello);
        if (!seat.answers) resolve(0);
      });
      this.socket.on('error', reject);
      this.socket.once('close', (code, reason) => {
        reject(new Error(`a socket closed with ${code} ${reason}`));
      });
      this.onReply = (frame, at) => {
        onReply(contentAt(frame, at));
        resolve(frame.length);
      };
    });
    // One that is closed on purpose is waited for by nobody.
    this.synced.catch(ignore);
    this.socket.on('message', (frame) => this.#take(frame));
  }

  send(frame) {
    const { prefix } = this.seat;
    this.socket.send(prefix === undefined ? frame : Buffer.concat([prefix, frame]));
  }

  update(update) {
    this.send(updateFrame(update));
  }

  async close() {
    this.socket.close();
    await this.closed;
  }

  #greet(hello) {
    if (this.seat.token !== undefined) this.send(authFrame(this.seat.token));
    if (this.seat.answers) this.send(askForAll);
    if (hello !== undefined) this.send(hello);
  }

  #take(frame) {
    const at = this.seat.prefix?.length ?? 0;
    const type = frame[at];
    if (type === frameTypes.awareness) this.onAwareness(frame);
    if (type !== frameTypes.sync && type !== frameTypes.syncReply) return;
    const step = frame[at + 1];
    if (step === steps.update) this.onUpdate(frame, at + 2);
    else if (step === steps.reply) this.onReply(frame, at + 2);
    else this.send(nothingNew);
  }
}
